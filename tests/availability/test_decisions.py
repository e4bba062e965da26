"""What people say about services, and what it takes off."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, InternalError, ProgrammingError, transaction

from senim.audit.models import AuditRow
from senim.availability import decisions, errors
from senim.availability.models import Cause, CauseDecision, Maintenance, Outage
from senim.detection.internal.ruleset import Ruleset
from senim.detection.models import Alert
from senim.detection.operations import observe
from senim.detection.rules import Engine
from senim.events.models import Event
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.kit import canonical
from senim.kit.clock import iso, now
from senim.kit.instance import Instance
from senim.telemetry.settings import PLATFORM
from tests.availability import samples as told
from tests.availability.samples import at, every, see

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("services")]
Staff = Callable[[Role], Account]
HOUR = 3600.0
MARKER = "exercise-0123456789abcdef"
REASON = "Power cut in the district, the provider of electricity confirms"


def hear(event: Event) -> list[Alert]:
    """What detection makes of the event's own line."""
    row = {
        "id": str(event.pk),
        "tag": event.tag,
        "subject": event.subject,
        "at": iso(event.at),
        "payload": event.payload,
    }
    frame = told.frame([canonical.dumps(row)], source=PLATFORM, kind=PLATFORM, read=now())
    return observe(Engine(Ruleset()), frame)


@pytest.fixture
def outage(services: Instance) -> Outage:
    """Down for fifty minutes so far."""
    see(every(60, 0, 3001, False))
    return Outage.objects.get()


@pytest.mark.clause("R228/81-1(6)")
class TestCause:
    """A person decides why a service is down."""

    def decide(self, account: Account, outage: Outage, cause: Cause = Cause.POWER, **wishes: object) -> CauseDecision:
        said = {"reason": REASON, "fresh_second_factor": True, **wishes}
        return decisions.decide_cause(account, outage.pk, cause, **said)  # type: ignore[arg-type]

    @pytest.mark.refusal
    def test_another_cause_than_an_incident_is_not_told(self, outage: Outage, staff: Staff) -> None:
        decision = self.decide(staff(Role.ANALYST), outage)
        assert see(every(60, 3060, 2 * HOUR, False)) == []
        row = AuditRow.objects.get(action="availability:cause:decided")
        assert (row.reason, row.detail["cause"]) == (REASON, "power")
        event = Event.objects.get(tag="availability:cause:decided")
        assert event.payload["outage"] == str(outage.pk)
        assert REASON not in str(event.payload)
        assert not decision.is_incident

    @pytest.mark.usefixtures("outage")
    def test_without_a_decision_the_same_is_told(self) -> None:
        assert [alert.kind for alert in see(every(60, 3060, 2 * HOUR, False))] == [6]

    def test_an_incident_as_the_cause_is_told(self, outage: Outage, staff: Staff) -> None:
        self.decide(staff(Role.ANALYST), outage, Cause.INCIDENT)
        assert [alert.kind for alert in see(every(60, 3060, 2 * HOUR, False))] == [6]

    def test_who_thinks_better_of_it_lets_it_be_told_without_another_sample(self, outage: Outage, staff: Staff) -> None:
        analyst = staff(Role.ANALYST)
        self.decide(analyst, outage)
        see(every(60, 3060, 2 * HOUR, False))
        self.decide(analyst, outage, Cause.INCIDENT)
        newest = Event.objects.filter(tag="availability:cause:decided").order_by("id").last()
        assert newest is not None
        assert [alert.kind for alert in hear(newest)] == [6]
        assert hear(newest) == []

    def test_what_was_told_says_so_when_it_is_decided(self, outage: Outage, staff: Staff) -> None:
        see(every(60, 3060, 2 * HOUR, False))
        self.decide(staff(Role.HEAD_OF_IS), outage)
        assert Event.objects.get(tag="availability:cause:decided").payload["was_reported"] is True

    @pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
    def test_others_may_not(self, outage: Outage, staff: Staff, role: Role) -> None:
        with pytest.raises(errors.MayNotDecide):
            self.decide(staff(role), outage)

    def test_not_without_a_fresh_second_factor(self, outage: Outage, staff: Staff) -> None:
        with pytest.raises(errors.MayNotDecide):
            self.decide(staff(Role.ANALYST), outage, fresh_second_factor=False)

    def test_not_without_a_reason(self, outage: Outage, staff: Staff) -> None:
        with pytest.raises(errors.NoReason):
            self.decide(staff(Role.ANALYST), outage, reason=" \n")

    def test_a_decision_is_never_changed_nor_dated_back(self, outage: Outage, staff: Staff) -> None:
        analyst = staff(Role.ANALYST)
        decision = self.decide(analyst, outage)
        with pytest.raises((InternalError, ProgrammingError, IntegrityError)), transaction.atomic():
            CauseDecision.objects.filter(pk=decision.pk).update(cause="incident")
        dated_back = CauseDecision(outage=outage, cause="power", reason="x", decided_by=analyst)
        dated_back.decided_at = now() - timedelta(hours=1)
        with pytest.raises(ProgrammingError, match="when it is said"), transaction.atomic():
            dated_back.save()


@pytest.mark.clause("R228/81-1(6)")
class TestMaintenance:
    """Work that is announced beforehand is no incident; what outlasts it is."""

    def announce(self, account: Account, starts_at: datetime, ends_at: datetime, **wishes: object) -> Maintenance:
        said = {"reason": "New disks", "fresh_second_factor": True, "service": "web", **wishes}
        service = str(said.pop("service"))
        return decisions.announce(account, service, starts_at=starts_at, ends_at=ends_at, **said)  # type: ignore[arg-type]

    def played(self, staff: Staff, since: float, until: float) -> Maintenance:
        """Of the service of an exercise: in the past."""
        return self.announce(staff(Role.ADMINISTRATOR), at(since), at(until), service=MARKER)

    @pytest.mark.refusal
    def test_an_outage_within_it_is_not_told(self, staff: Staff) -> None:
        self.played(staff, 0, 5400)
        assert see([*every(60, 30, 5370, False), (5390, True)], service=MARKER) == []

    def test_one_that_began_before_it_is_told(self, staff: Staff) -> None:
        self.played(staff, 0, 5400)
        assert [alert.kind for alert in see(every(60, -30, 5370, False), service=MARKER)] == [6]

    def test_what_outlasts_it_counts_from_its_end(self, staff: Staff) -> None:
        self.played(staff, 0, 5400)
        # The exact hour behind it, and a microsecond more.
        assert [a.kind for a in see([*every(60, 30, 9000, False), (9000, False)], service=MARKER)] == [None]
        (alert,) = see([(9000.000001, False)], service=MARKER)
        assert (alert.kind, alert.first_at) == (6, at(30))

    def test_two_in_a_row_are_one(self, staff: Staff) -> None:
        administrator = staff(Role.ADMINISTRATOR)
        for since, until in ((0, 3600), (3600, 7200)):
            self.announce(administrator, at(since), at(until), service=MARKER)
        assert see(every(60, 30, 7200, False), service=MARKER) == []

    def test_of_another_service_it_explains_nothing(self, staff: Staff) -> None:
        self.played(staff, 0, 5400)
        assert [alert.kind for alert in see(every(60, 30, 5400, False), service="portal")] == [6]

    def test_it_is_announced_before_it_begins(self, staff: Staff) -> None:
        moment = now() + timedelta(minutes=1)
        work = self.announce(staff(Role.HEAD_OF_IS), moment, moment + timedelta(hours=2))
        row = AuditRow.objects.get(action="availability:maintenance:announced")
        assert (row.subject, row.reason) == (f"maintenance:{work.pk}", "New disks")

    def test_afterwards_it_is_refused(self, staff: Staff) -> None:
        moment = now() - timedelta(seconds=1)
        with pytest.raises(errors.NotBeforehand):
            self.announce(staff(Role.HEAD_OF_IS), moment, moment + timedelta(hours=2))

    def test_afterwards_it_is_refused_by_the_database_as_well(self, staff: Staff) -> None:
        moment = now()
        said = {"reason": "x", "announced_by": staff(Role.HEAD_OF_IS), "ends_at": moment + timedelta(hours=1)}
        late = Maintenance(service="web", starts_at=moment - timedelta(seconds=1), announced_at=moment, **said)
        with pytest.raises(IntegrityError, match="announced_beforehand"), transaction.atomic():
            late.save()
        earlier = moment - timedelta(hours=1)
        dated_back = Maintenance(service="web", starts_at=earlier, announced_at=earlier, **said)
        with pytest.raises(ProgrammingError, match="when it is said"), transaction.atomic():
            dated_back.save()

    @pytest.mark.parametrize("hours", [0, -1, 24.001])
    def test_it_ends_after_it_begins_and_within_a_day(self, staff: Staff, hours: float) -> None:
        moment = now() + timedelta(minutes=1)
        with pytest.raises(errors.BadTime):
            self.announce(staff(Role.HEAD_OF_IS), moment, moment + timedelta(hours=hours))

    @pytest.mark.parametrize("role", [Role.ANALYST, Role.AUDITOR])
    def test_others_may_not(self, staff: Staff, role: Role) -> None:
        moment = now() + timedelta(minutes=1)
        with pytest.raises(errors.MayNotDecide):
            self.announce(staff(role), moment, moment + timedelta(hours=1))

    def test_not_for_a_service_that_nobody_named(self, staff: Staff) -> None:
        moment = now() + timedelta(minutes=1)
        with pytest.raises(errors.UnknownService):
            self.announce(staff(Role.HEAD_OF_IS), moment, moment + timedelta(hours=1), service="unknown")

    def test_cancelled_it_explains_nothing_from_then_on(self, staff: Staff) -> None:
        head, begins = staff(Role.HEAD_OF_IS), now() + timedelta(hours=1)
        work = self.announce(head, begins, begins + timedelta(hours=2))
        decisions.cancel(head, work.pk, reason="Not today", fresh_second_factor=True)
        work = Maintenance.objects.get()
        assert work.explains_until < begins
        assert AuditRow.objects.get(action="availability:maintenance:cancelled").reason == "Not today"
        with pytest.raises(errors.IsOver):
            decisions.cancel(head, work.pk, reason="Twice", fresh_second_factor=True)

    def test_past_it_cannot_be_cancelled(self, staff: Staff) -> None:
        work = self.played(staff, 0, 5400)
        with pytest.raises(errors.IsOver):
            decisions.cancel(work.announced_by, work.pk, reason="Too late", fresh_second_factor=True)
