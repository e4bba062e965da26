"""What is said of a service's good order, and when a person is woken for it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import translation

from senim.availability import decisions
from senim.availability.checks import CHECKS
from senim.availability.models import Cause, Outage
from senim.availability.thresholds import WARNING
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.kit.checks import Asked, Fault
from senim.kit.instance import Instance
from tests.availability.samples import BEGAN, every, see

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)
Staff = Callable[[Role], Account]


@pytest.fixture
def found(services: Instance) -> Callable[[str, datetime], list[Fault]]:
    """What a check finds at a moment, of the website alone."""

    def ask(name: str, moment: datetime) -> list[Fault]:
        (check,) = [each for each in CHECKS if each.name == name]
        with translation.override("en"):
            return [fault for fault in check.find(Asked(services, moment)) if fault.subject == "web"]

    return ask


Found = Callable[[str, datetime], list[Fault]]


@pytest.fixture
def outage(services: Instance) -> Outage:
    """Down since `BEGAN`."""
    see([(-60, True), *every(60, 0, WARNING.total_seconds(), False)])
    return Outage.objects.get()


@pytest.mark.clause("R228/81-1(6)")
@pytest.mark.usefixtures("outage")
class TestAnOutage:
    """It is said from its beginning on; from the warning on it needs a person."""

    @pytest.mark.parametrize(
        ("lasts", "said_by"),
        [
            (timedelta(minutes=1), "availability:down"),
            (WARNING - TICK, "availability:down"),
            (WARNING, "availability:undecided"),
            (timedelta(hours=3), "availability:undecided"),
        ],
    )
    def test_one_check_says_it_and_the_other_does_not(self, found: Found, lasts: timedelta, said_by: str) -> None:
        said = {name for name in ("availability:down", "availability:undecided") if found(name, BEGAN + lasts)}
        assert said == {said_by}

    @pytest.mark.parametrize(
        ("lasts", "remedy"),
        [
            (WARNING, "In 15 min the regulator is told"),
            (timedelta(hours=1) - TICK, "In 1 min the regulator is told"),
            (timedelta(hours=1), "More than an hour: the regulator is told"),
        ],
    )
    def test_it_says_what_comes_next(self, found: Found, lasts: timedelta, remedy: str) -> None:
        (fault,) = found("availability:undecided", BEGAN + lasts)
        assert str(fault.remedy).startswith(remedy)

    @pytest.mark.refusal
    def test_once_somebody_has_said_why_nobody_is_woken_any_more(
        self, found: Found, outage: Outage, staff: Staff
    ) -> None:
        moment = BEGAN + WARNING
        assert found("availability:undecided", moment)
        reason = "Power cut in the district"
        decisions.decide_cause(staff(Role.ANALYST), outage.pk, Cause.POWER, reason=reason, fresh_second_factor=True)
        assert found("availability:undecided", moment) == []
        (fault,) = found("availability:down", moment)
        assert "the regulator is not told" in str(fault.remedy)


def test_the_warning_itself_is_the_patience_and_what_only_is_down_wakes_nobody() -> None:
    wakes = {check.name: check.wakes for check in CHECKS}
    assert wakes["availability:undecided"] == timedelta(0)
    assert wakes["availability:down"] is None
    assert wakes["availability:unmeasured"]


class TestSilence:
    """What nobody measures is not called well."""

    def test_a_service_of_which_no_sample_came(self, found: Found) -> None:
        (fault,) = found("availability:unmeasured", BEGAN)
        assert not fault.is_known

    @pytest.mark.parametrize(("after", "is_known"), [(timedelta(0), True), (TICK, False)])
    def test_one_that_has_been_silent_for_too_long(self, found: Found, after: timedelta, is_known: bool) -> None:
        see([(0, True)])
        silence = timedelta(seconds=240)  # four intervals
        assert (found("availability:unmeasured", BEGAN + silence + after) == []) is is_known
