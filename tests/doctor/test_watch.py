"""People are woken for what lasts, not for what heals by itself."""

from datetime import timedelta

import pytest

from senim.doctor.watch import Watch
from senim.identity.models import Account
from senim.kit.checks import Asked, Check, Fault
from senim.kit.instance import Instance
from senim.oncall.models import Cause, Page
from tests.oncall.conftest import START, put_on_call

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)
LASTS = timedelta(minutes=2)


class Room:
    """A check that finds what it is told to."""

    def __init__(self, wakes: timedelta | None) -> None:
        self.faults: list[Fault] = []
        self.check = Check("room:thing", "The thing", "It is well.", lambda _asked: self.faults, wakes)


@pytest.fixture
def first() -> Account:
    return put_on_call("aliya", 1)


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    found = Room(LASTS)
    monkeypatch.setattr("senim.doctor.collection.HOUSE", (found.check,))
    return found


@pytest.mark.usefixtures("first")
class TestLasting:
    """Time is passed in."""

    @pytest.fixture
    def look(self, instance: Instance) -> object:
        watching = Watch()
        return lambda at: watching.look(Asked(instance, START + at))

    @pytest.mark.parametrize("is_known", [True, False])
    def test_what_is_wrong_or_not_known_for_long_enough_wakes_once(
        self, room: Room, look: object, is_known: bool
    ) -> None:
        room.faults = [Fault("wrong", is_known=is_known)]
        for at, pages in ((timedelta(0), 0), (LASTS - TICK, 0), (LASTS, 1), (LASTS * 2, 1)):
            look(at)  # type: ignore[operator]
            assert Page.objects.count() == pages

    def test_what_heals_in_time_wakes_nobody_and_is_counted_anew(self, room: Room, look: object) -> None:
        for at, faults in ((0, [Fault("wrong")]), (1, []), (2, [Fault("wrong")]), (3, [Fault("wrong")])):
            room.faults = faults
            look(timedelta(minutes=at))  # type: ignore[operator]
        assert not Page.objects.exists()
        look(timedelta(minutes=4))  # type: ignore[operator]
        assert Page.objects.count() == 1

    def test_when_it_is_well_again_it_is_over(self, room: Room, look: object) -> None:
        room.faults = [Fault("wrong")]
        look(timedelta(0))  # type: ignore[operator]
        look(LASTS)  # type: ignore[operator]
        room.faults = []
        look(LASTS * 2)  # type: ignore[operator]
        assert Cause.objects.get().over_at == START + LASTS * 2

    def test_what_can_wait_until_somebody_looks_wakes_nobody(
        self, look: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        patient = Room(None)
        patient.faults = [Fault("wrong")]
        monkeypatch.setattr("senim.doctor.collection.HOUSE", (patient.check,))
        for at in (timedelta(0), timedelta(days=1)):
            look(at)  # type: ignore[operator]
        assert not Page.objects.exists()


def test_lateness_and_blindness_wake_and_the_pager_s_own_troubles_do_not() -> None:
    """A page that nobody answers is escalated; it does not become another page."""
    from senim.doctor.collection import HOUSE

    waking = {check.name for check in HOUSE if check.wakes is not None}
    assert {
        "asoi:late", "asoi:refused", "incidents:unopened", "events:unheard", "pulse:processes",
        "telemetry:analysis", "telemetry:sources", "detection:rules", "detection:kinds", "audit:unsealed",
    } <= waking  # fmt: skip
    assert not {name for name in waking if name.startswith("oncall:")}


def test_the_watch_asks_only_what_wakes(monkeypatch: pytest.MonkeyPatch, instance: Instance) -> None:
    """The others may ask what the worker must not see: the history's files."""
    asked: list[str] = []

    def check(name: str, wakes: timedelta | None) -> Check:
        def find(_asked: Asked) -> list[Fault]:
            asked.append(name)
            return []

        return Check(name, "The thing", "It is well.", find, wakes)

    monkeypatch.setattr("senim.doctor.collection.HOUSE", (check("waking", LASTS), check("patient", None)))
    Watch().look(Asked(instance, START))
    assert asked == ["waking"]


def test_nothing_that_reads_the_history_wakes() -> None:
    from senim.history.checks import CHECKS

    assert {check.wakes for check in CHECKS} == {None}
