"""How promptly the regulator was told: figures that can be counted by hand, and why some took longer."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from senim.asoi.models import Attempt, Message, Receipt
from senim.identity.models import Account
from senim.incidents import alerts, operations, promptness
from senim.incidents.kinds import IncidentKind
from senim.incidents.models import Exercise, Incident
from senim.incidents.promptness import AIM, STANDS_STILL, Leg, Run, Spread, Why
from senim.kit.clock import now
from tests.incidents.conftest import MakeAlert
from tests.incidents.test_acts import WORKER

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81-1")]
TICK = timedelta(microseconds=1)
SECOND = timedelta(seconds=1)
Arrive = Callable[..., None]


@pytest.fixture
def arrive() -> Arrive:
    """Let the first notice of an incident arrive, so long after the incident was opened."""

    def deliver(incident: Incident, after: timedelta, *, in_vain: int = 0, sealed: timedelta = TICK) -> None:
        message = Message.objects.get(about=incident.subject, sequence=1)
        opened = incident.opened_at
        for _ in range(in_vain):
            Attempt.objects.create(message=message, started_at=opened, ended_at=opened, outcome="unreachable")
        said = {"sealed": b"s", "signed": b"s", "content": b"c", "sha256": "0" * 64, "sealed_at": opened + sealed}
        Message.objects.filter(pk=message.pk).update(state="sealed", **said)
        Receipt.objects.create(
            message=message, sealed=b"s", signed=b"s", content=b"c", received_at=opened, signer="s", came_by="https"
        )
        sent, delivered = opened + after / 2, opened + after
        Message.objects.filter(pk=message.pk).update(state="delivered", first_sent_at=sent, delivered_at=delivered)

    return deliver


def looked_at(moment: datetime | None = None, *, exercises: bool = False) -> list[Run]:
    moment = moment or now()
    return promptness.runs(moment - timedelta(days=1), exercises=exercises, now=moment)


def the_one(moment: datetime | None = None) -> Run:
    (run,) = looked_at(moment)
    return run


def whys(run: Run) -> list[Why]:
    return [each.why for each in run.reasons]


class TestTheWay:
    """Each part from its own moments."""

    def test_every_leg(self, raise_alert: MakeAlert, arrive: Arrive) -> None:
        decided = now() - SECOND
        incident = operations.open_from_alert(raise_alert(last_at=decided), actor=WORKER)
        arrive(incident, 3 * SECOND)
        run = the_one()
        alert = incident.alerts.get().alert
        assert run.leg(Leg.ALERT) == alert.raised_at - decided
        assert run.leg(Leg.INCIDENT) == incident.opened_at - alert.raised_at
        assert (run.leg(Leg.SENT), run.to_receipt) == (1.5 * SECOND, 3 * SECOND)

    @pytest.mark.parametrize(("after", "is_late"), [(AIM, False), (AIM + TICK, True)])
    def test_exactly_the_aim_is_in_time(
        self, incident: Incident, arrive: Arrive, after: timedelta, is_late: bool
    ) -> None:
        arrive(incident, after)
        assert the_one().is_late(now()) is is_late

    def test_without_a_receipt_it_is_late_when_the_aim_is_over(self, incident: Incident) -> None:
        run = the_one()
        assert not run.is_late(incident.opened_at + AIM)
        assert run.is_late(incident.opened_at + AIM + TICK)
        assert run.to_receipt is None

    def test_exercises_are_looked_at_apart(
        self, raise_alert: MakeAlert, exercise: Exercise, incident: Incident
    ) -> None:
        played = operations.open_from_alert(raise_alert(marker=exercise.marker), actor=WORKER)
        assert [run.pk for run in looked_at()] == [incident.pk]
        assert [run.pk for run in looked_at(exercises=True)] == [played.pk]

    def test_what_is_older_is_left_out(self, incident: Incident) -> None:
        assert promptness.runs(incident.opened_at, exercises=False, now=now()) != []
        assert promptness.runs(incident.opened_at + TICK, exercises=False, now=now()) == []


class TestWhy:
    """What the record shows of why it took longer; what was in time needs no reason."""

    def test_in_time_there_is_none(self, incident: Incident, arrive: Arrive) -> None:
        arrive(incident, AIM, in_vain=2)
        assert the_one().reasons == ()

    def test_the_regulator_gave_no_receipt(self, incident: Incident, arrive: Arrive) -> None:
        arrive(incident, 60 * SECOND, in_vain=3)
        (reason,) = the_one().reasons
        assert (reason.why, reason.tries, reason.lasted) == (Why.NOT_ANSWERED, 3, 60 * SECOND)

    @pytest.mark.parametrize(("sealed", "why"), [(STANDS_STILL, []), (STANDS_STILL + TICK, [Why.SEALED_LATE])])
    def test_the_channel_stood_still(
        self, incident: Incident, arrive: Arrive, sealed: timedelta, why: list[Why]
    ) -> None:
        arrive(incident, 60 * SECOND, sealed=sealed)
        assert whys(the_one()) == why

    def test_there_is_no_receipt_yet(self, incident: Incident) -> None:
        reasons = the_one(incident.opened_at + 60 * SECOND).reasons
        assert [(each.why, each.lasted) for each in reasons] == [
            (Why.SEALED_LATE, 60 * SECOND),
            (Why.WAITS, 60 * SECOND),
        ]

    def test_a_person_graded_it(self, raise_alert: MakeAlert, analyst: Account, arrive: Arrive) -> None:
        alert = raise_alert(kind=None)
        decision = alerts.grade(analyst, alert.pk, IncidentKind(2), reason="seen", fresh_second_factor=True)
        incident = operations.open_from_alert(alert, decision=decision, actor=WORKER)
        arrive(incident, 60 * SECOND)
        assert whys(the_one()) == [Why.PERSON]

    @pytest.mark.parametrize(("waited", "why"), [(STANDS_STILL, 0), (STANDS_STILL + SECOND, 1)])
    def test_the_worker_stood_still(self, raise_alert: MakeAlert, arrive: Arrive, waited: timedelta, why: int) -> None:
        incident = operations.open_from_alert(raise_alert(raised_at=now() - waited + SECOND / 2), actor=WORKER)
        arrive(incident, 60 * SECOND)
        assert whys(the_one()).count(Why.OPENED_LATE) == why

    def test_it_waited_as_a_file(self, incident: Incident) -> None:
        said = {"sealed": b"s", "sha256": "0" * 64, "sealed_at": incident.opened_at}
        found = Message.objects.filter(about=incident.subject)
        found.update(state="sealed", **said)
        found.update(state="exported", exported_at=incident.opened_at + 10 * SECOND)
        (file, _waits) = the_one(incident.opened_at + 60 * SECOND).reasons
        assert (file.why, file.lasted) == (Why.AS_FILE, 50 * SECOND)


class TestFigures:
    """Of each kind, of each day."""

    def test_by_kind(self, raise_alert: MakeAlert, arrive: Arrive) -> None:
        for number, after in enumerate((1, 2, 9), start=1):
            arrive(operations.open_from_alert(raise_alert(target=f"core-{number}"), actor=WORKER), after * SECOND)
        operations.open_from_alert(raise_alert(kind=3, target="web-1"), actor=WORKER)
        second, third = promptness.by_kind(looked_at(), now())
        assert (second.kind, second.count, second.late) == (2, 3, 1)
        assert second.legs[Leg.RECEIPT] == Spread(3, 2 * SECOND, 9 * SECOND, 9 * SECOND)
        assert (third.kind, third.count, third.legs[Leg.RECEIPT]) == (3, 1, None)

    def test_the_slowest_of_a_day(self, raise_alert: MakeAlert, arrive: Arrive) -> None:
        for number, after in enumerate((4, 9, 2)):
            arrive(operations.open_from_alert(raise_alert(target=f"core-{number}"), actor=WORKER), after * SECOND)
        (day,) = promptness.by_day(looked_at())
        assert day.worst == 9 * SECOND


@given(lengths=st.lists(st.integers(min_value=0, max_value=10**6), min_size=1, max_size=200))
def test_percentiles_are_lengths_that_occurred(lengths: list[int]) -> None:
    spread = Spread.of(timedelta(milliseconds=each) for each in lengths)
    assert spread is not None
    known = {timedelta(milliseconds=each) for each in lengths}
    assert {spread.median, spread.p95, spread.worst} <= known
    assert spread.median <= spread.p95 <= spread.worst == max(known)
    assert sum(timedelta(milliseconds=each) <= spread.p95 for each in lengths) >= 0.95 * len(lengths)


def test_nothing_has_no_spread() -> None:
    assert Spread.of([]) is None
