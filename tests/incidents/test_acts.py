"""What people do to an incident: decided at the door, carried out in turn, told at once, each act once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from senim.asoi.models import Message
from senim.audit.models import AuditRow
from senim.audit.operations import Actor
from senim.events import delivery
from senim.events.models import Event
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.incidents import acts, operations, queries
from senim.incidents.assessment import Assessment, Breach, Data, Severity
from senim.incidents.deeds import Assess, Close, Deed, Downtime, Merge, Regrade, Reinstate, Split, Withdraw
from senim.incidents.errors import (
    ActRefused,
    ActWithoutReason,
    AlertsNotInIt,
    DowntimeImpossible,
    ExerciseAndReal,
    MayNotAct,
    NothingLeft,
    NotInThisState,
    OtherNotOpen,
    SameIncident,
    SameKind,
    SomebodyWasFaster,
)
from senim.incidents.models import Act, Exercise, Incident, IncidentAlert, Party
from senim.kit.clock import now
from senim.kit.ids import new_id
from senim.site.subscriptions import SUBSCRIPTIONS
from tests.incidents.conftest import MakeAlert, pass_on
from tests.incidents.test_updates import names, told

pytestmark = pytest.mark.django_db
WORKER = Actor.process("worker")
WHY = "two people looked at the lines"
ASSESSING = Assess(
    Assessment(Severity.HIGH, Breach.NO, systems=("core", "portal"), data=(Data.CREDIT_HISTORIES,), clients=3)
)
CLOSING = Close(cause="a weak password", measures="the account is disabled, its password changed")
Staff = Callable[[Role], Account]


def decide(account: Account, incident: Incident, deed: Deed, **more: Any) -> Act:
    said = {"seen": incident.revision, "reason": WHY, "fresh_second_factor": True, **more}
    return acts.decide(account, incident.pk, deed, **said)


def hear() -> None:
    """What the worker does with what people have decided."""
    delivery.install(SUBSCRIPTIONS)
    for event in Event.objects.filter(tag="incidents:act:decided"):
        delivery.hear(event.pk, "incidents.handlers.carry_out")


def do(account: Account, incident: Incident, deed: Deed) -> dict[str, Any]:
    """Decide, carry out (heard twice, done once), and what the regulator is told last."""
    act = decide(account, incident, deed)
    hear()
    hear()
    assert act.outcome.refusal == ""
    incident.refresh_from_db()
    return told(incident)[-1]


@pytest.mark.clause("R228/81-1")
class TestEachActIsTold:
    """What a person decides about an incident, the regulator learns at once, with the reason."""

    def test_withdrawn(self, analyst: Account, incident: Incident) -> None:
        body = do(analyst, incident, Withdraw())
        assert (body["type"], body["state"], body["reason"], body["by"]) == ("withdrawn", "withdrawn", WHY, "person")
        assert incident.state == "withdrawn"
        assert incident not in queries.real()
        assert incident in queries.incidents()

    def test_reinstated(self, analyst: Account, incident: Incident) -> None:
        do(analyst, incident, Withdraw())
        body = do(analyst, incident, Reinstate())
        assert (body["type"], body["state"]) == ("reinstated", "open")
        assert incident in queries.real()
        assert [each["schema"].rpartition(":")[0] for each in told(incident)] == [
            "urn:senim:incident-notice",
            "urn:senim:incident-update",
            "urn:senim:incident-update",
        ]

    def test_graded_anew(self, analyst: Account, incident: Incident) -> None:
        body = do(analyst, incident, Regrade(kind=4))
        facts = body["facts"]
        assert (facts["from"]["clause"], facts["to"]["clause"]) == ("R228/81-1(2)", "R228/81-1(4)")
        assert (body["kind"]["clause"], incident.kind) == ("R228/81-1(4)", 4)

    def test_closed_with_cause_and_measures(self, analyst: Account, incident: Incident) -> None:
        do(analyst, incident, ASSESSING)
        body = do(analyst, incident, CLOSING)
        assert (body["type"], body["state"]) == ("closed", "closed")
        assert body["facts"] == {"cause": CLOSING.cause, "measures": CLOSING.measures}
        assert incident in queries.real()

    def test_downtime(self, analyst: Account, incident: Incident) -> None:
        began = now()
        body = do(analyst, incident, Downtime(began=began, ended=began + timedelta(minutes=61)))
        assert body["facts"]["seconds"] == 3660

    def test_it_is_on_record_who_decided_and_why(self, analyst: Account, incident: Incident) -> None:
        do(analyst, incident, Withdraw())
        decided = AuditRow.objects.get(action="incidents:act:decided")
        assert (decided.actor_name, decided.reason, decided.subject) == (analyst.username, WHY, incident.subject)
        assert AuditRow.objects.get(action="incidents:act:done").detail["deed"] == "withdraw"
        queued = AuditRow.objects.filter(action="asoi:message:queued").latest("at")
        assert queued.actor_name == analyst.username
        assert WHY not in str(list(Event.objects.values()))


class TestMerging:
    """Two incidents turn out to be one."""

    @pytest.fixture
    def other(self, raise_alert: MakeAlert) -> Incident:
        return operations.open_from_alert(
            raise_alert(kind=3, target="core-2", account="root", actor="198.51.100.9"), actor=WORKER
        )

    @pytest.mark.clause("R228/81-1")
    def test_the_survivor_has_all_alerts_and_both_are_told_of(
        self, analyst: Account, incident: Incident, other: Incident
    ) -> None:
        body = do(analyst, other, Merge(into=incident.pk))
        assert (body["type"], body["state"], body["facts"]["into"]["number"]) == ("merged", "merged", incident.number)
        survivor = told(incident)[-1]
        assert (survivor["type"], survivor["facts"]["merged"]["number"]) == ("took-over", other.number)
        assert (survivor["alerts"], survivor["events"]) == (2, 18)
        assert [names(survivor, role) for role in ("targets", "accounts", "actors")] == [
            ["core-2"],
            ["root"],
            ["198.51.100.9"],
        ]
        assert queries.alerts_of(incident).count() == 2
        assert not queries.alerts_of(other).exists()
        assert other not in queries.real()

    def test_nothing_is_deleted(self, analyst: Account, incident: Incident, other: Incident) -> None:
        do(analyst, other, Merge(into=incident.pk))
        moved = IncidentAlert.objects.get(follows__isnull=False)
        assert (moved.incident, moved.follows.incident) == (incident, other)
        assert IncidentAlert.objects.count() == 3

    def test_what_would_have_joined_it_joins_the_survivor(
        self, analyst: Account, incident: Incident, other: Incident, raise_alert: MakeAlert
    ) -> None:
        do(analyst, other, Merge(into=incident.pk))
        joined = operations.open_from_alert(raise_alert(kind=3, target="core-2"), actor=WORKER)
        assert joined.pk == incident.pk

    @pytest.mark.refusal
    @pytest.mark.clause("R228/81-1")
    def test_an_exercise_never_becomes_part_of_a_real_incident_nor_hides_one(
        self, analyst: Account, incident: Incident, exercise: Exercise, raise_alert: MakeAlert
    ) -> None:
        played = operations.open_from_alert(raise_alert(marker=exercise.marker), actor=WORKER)
        for one, into in ((played, incident), (incident, played)):
            with pytest.raises(ExerciseAndReal):
                decide(analyst, one, Merge(into=into.pk))
        link = IncidentAlert.objects.get(incident=played)
        with pytest.raises(DatabaseError), transaction.atomic():
            IncidentAlert.objects.create(incident=incident, alert=link.alert, follows=link)
        assert Message.objects.count() == 2

    def test_into_itself_or_into_what_is_not_open_is_refused(
        self, analyst: Account, incident: Incident, other: Incident
    ) -> None:
        with pytest.raises(SameIncident):
            decide(analyst, incident, Merge(into=incident.pk))
        do(analyst, other, Withdraw())
        for into in (other.pk, new_id()):
            with pytest.raises(OtherNotOpen):
                decide(analyst, incident, Merge(into=into))

    def test_where_the_other_was_withdrawn_meanwhile_nothing_is_done_and_the_act_says_why(
        self, analyst: Account, incident: Incident, other: Incident
    ) -> None:
        decide(analyst, incident, Withdraw())
        overtaken = decide(analyst, other, Merge(into=incident.pk))
        hear()
        other.refresh_from_db()
        assert overtaken.outcome.refusal == "incidents:other-not-open"
        assert (other.state, other.revision) == ("open", 1)
        assert len(told(other)) == 1
        assert AuditRow.objects.filter(action="incidents:act:overtaken", subject=other.subject).count() == 1
        do(analyst, other, Withdraw())


class TestSplitting:
    """One incident turns out to be two."""

    @pytest.fixture
    def both(self, incident: Incident, raise_alert: MakeAlert) -> Incident:
        joined = operations.open_from_alert(raise_alert(actor="198.51.100.9", account="root"), actor=WORKER)
        assert joined == incident
        return joined

    @staticmethod
    def second(incident: Incident) -> Split:
        return Split(alerts=(queries.alerts_of(incident)[1].pk,))

    @pytest.mark.clause("R228/81-1")
    def test_the_part_has_its_own_first_notice_and_both_name_each_other(self, analyst: Account, both: Incident) -> None:
        body = do(analyst, both, self.second(both))
        part = both.split_off.get()
        (first,) = told(part)
        assert (first["split_from"]["number"], first["account"], first["graded"]["by"]) == (
            both.number,
            "root",
            "person",
        )
        assert (body["type"], body["facts"]["into"]["number"], body["alerts"], body["events"]) == (
            "split",
            part.number,
            1,
            9,
        )
        assert body["concerned"] == {"accounts": 1, "actors": 1, "targets": 1}

    def test_later_alerts_go_to_the_part_that_knows_their_actor(
        self, analyst: Account, both: Incident, raise_alert: MakeAlert
    ) -> None:
        do(analyst, both, self.second(both))
        part = both.split_off.get()
        assert operations.open_from_alert(raise_alert(actor="198.51.100.9"), actor=WORKER) == part
        assert operations.open_from_alert(raise_alert(), actor=WORKER) == both
        assert operations.open_from_alert(raise_alert(actor="192.0.2.1"), actor=WORKER) == both

    def test_the_part_of_an_exercise_is_an_exercise(
        self, analyst: Account, exercise: Exercise, raise_alert: MakeAlert
    ) -> None:
        for actor in ("198.51.100.8", "198.51.100.9"):
            played = operations.open_from_alert(raise_alert(marker=exercise.marker, actor=actor), actor=WORKER)
        do(analyst, played, self.second(played))
        part = played.split_off.get()
        assert part.exercise == exercise
        assert told(part)[0]["exercise"] is True

    def test_all_of_it_or_what_is_not_in_it_is_refused(
        self, analyst: Account, both: Incident, raise_alert: MakeAlert
    ) -> None:
        present = [alert.pk for alert in queries.alerts_of(both)]
        with pytest.raises(NothingLeft):
            decide(analyst, both, Split(alerts=tuple(present)))
        with pytest.raises(AlertsNotInIt):
            decide(analyst, both, Split(alerts=(raise_alert().pk,)))

    def test_who_has_left_stays_on_record_and_counts_no_more(self, analyst: Account, both: Incident) -> None:
        pass_on()
        do(analyst, both, self.second(both))
        assert [each.name for each in queries.parties(both, Party.Role.ACCOUNT)] == ["aliya"]
        assert Party.objects.get(incident=both, name="root").told_in == 2


class TestTwoAtOnce:
    """Of two who decide on the same page one is refused, and looks again."""

    def test_while_an_act_waits_for_its_turn(self, analyst: Account, incident: Incident) -> None:
        decide(analyst, incident, Withdraw())
        with pytest.raises(SomebodyWasFaster):
            decide(analyst, incident, CLOSING)

    def test_after_an_act_that_the_page_did_not_show(self, analyst: Account, incident: Incident) -> None:
        do(analyst, incident, Regrade(kind=4))
        with pytest.raises(SomebodyWasFaster):
            decide(analyst, incident, Regrade(kind=3), seen=0)

    def test_in_the_very_same_moment_the_database_decides(
        self, analyst: Account, incident: Incident, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        decide(analyst, incident, Withdraw())
        monkeypatch.setattr("django.db.models.query.QuerySet.exists", lambda _self: False)
        with pytest.raises(SomebodyWasFaster):
            decide(analyst, incident, Regrade(kind=4))
        monkeypatch.undo()
        assert Act.objects.count() == 1

    def test_where_the_other_act_was_even_carried_out_in_that_moment_as_well(
        self, analyst: Account, incident: Incident, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stale = Incident.objects.get(pk=incident.pk)
        do(analyst, incident, Regrade(kind=4))
        monkeypatch.setattr(Incident.objects, "get", lambda **_: stale)
        monkeypatch.setattr("django.db.models.query.QuerySet.exists", lambda _self: False)
        with pytest.raises(SomebodyWasFaster):
            decide(analyst, stale, Withdraw())


ALLOWED = {
    "open": {"assess", "close", "downtime", "merge", "regrade", "split", "withdraw"},
    "closed": {"assess", "downtime", "regrade", "withdraw"},
    "withdrawn": {"reinstate"},
    "merged": set(),
}
LEADS_THERE: dict[str, Deed | None] = {"open": None, "closed": CLOSING, "withdrawn": Withdraw()}


@pytest.mark.parametrize("state", list(ALLOWED))
def test_what_can_be_done_in_which_state(
    analyst: Account, incident: Incident, raise_alert: MakeAlert, state: str
) -> None:
    operations.open_from_alert(raise_alert(), actor=WORKER)
    other = operations.open_from_alert(raise_alert(target="core-2"), actor=WORKER)
    moment = now()
    do(analyst, incident, ASSESSING)
    every: list[Deed] = [
        Assess(Assessment(Severity.LOW, Breach.UNKNOWN)),
        CLOSING,
        Downtime(began=moment, ended=moment + timedelta(hours=2)),
        Merge(into=other.pk),
        Regrade(kind=5),
        Split(alerts=(queries.alerts_of(incident)[1].pk,)),
        Withdraw(),
        Reinstate(),
    ]
    deed = LEADS_THERE.get(state, Merge(into=other.pk))
    if deed is not None:
        do(analyst, incident, deed)
    possible = set()
    for each in every:
        try:
            with transaction.atomic():
                decide(analyst, incident, each)
                possible.add(each.name)
                transaction.set_rollback(True)
        except NotInThisState:
            continue
    assert possible == ALLOWED[state]


@pytest.mark.parametrize(("lasted", "refusal"), [(timedelta(0), DowntimeImpossible), (timedelta(microseconds=1), None)])
def test_downtime_ends_after_it_began(
    analyst: Account, incident: Incident, lasted: timedelta, refusal: type[ActRefused] | None
) -> None:
    moment = now()
    deed = Downtime(began=moment, ended=moment + lasted)
    if refusal is None:
        decide(analyst, incident, deed)
    else:
        with pytest.raises(refusal):
            decide(analyst, incident, deed)


def test_the_kind_that_it_has_is_no_correction(analyst: Account, incident: Incident) -> None:
    with pytest.raises(SameKind):
        decide(analyst, incident, Regrade(kind=2))


def test_what_the_rule_still_calls_by_the_old_kind_joins_what_a_person_has_corrected(
    analyst: Account, incident: Incident, raise_alert: MakeAlert
) -> None:
    do(analyst, incident, Regrade(kind=4))
    for kind in (2, 4):
        assert operations.open_from_alert(raise_alert(kind=kind), actor=WORKER) == incident


@pytest.mark.parametrize("deed", [CLOSING, Withdraw()])
def test_what_is_over_takes_in_nothing_and_a_new_alert_is_told_at_once(
    analyst: Account, incident: Incident, raise_alert: MakeAlert, deed: Deed
) -> None:
    do(analyst, incident, ASSESSING)
    do(analyst, incident, deed)
    again = operations.open_from_alert(raise_alert(), actor=WORKER)
    assert again != incident
    assert len(told(again)) == 1


@pytest.mark.refusal
@pytest.mark.clause("R228/81-1")
def test_without_a_fresh_second_factor_nothing_is_decided(analyst: Account, incident: Incident) -> None:
    with pytest.raises(MayNotAct):
        decide(analyst, incident, Withdraw(), fresh_second_factor=False)
    assert not Act.objects.exists()


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_an_act_has_a_reason(analyst: Account, incident: Incident, reason: str) -> None:
    with pytest.raises(ActWithoutReason):
        decide(analyst, incident, Withdraw(), reason=reason)


class TestTheDatabase:
    """What a broken worker or a stranger with its rights cannot do either."""

    @pytest.mark.parametrize(
        "change",
        [
            {"state": "withdrawn"},
            {"kind": 3},
            {"revision": 1},
            {"revision": 2},
            {"target": "core-9"},
            {"serial": 99},
            {"state": "merged"},
        ],
        ids=str,
    )
    def test_an_incident_does_not_change_without_an_act(self, incident: Incident, change: dict[str, object]) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            Incident.objects.filter(pk=incident.pk).update(**change)

    def test_a_real_incident_is_never_made_an_exercise(self, incident: Incident, exercise: Exercise) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            Incident.objects.filter(pk=incident.pk).update(exercise=exercise)

    @pytest.mark.parametrize(("before", "after"), [("withdrawn", "closed"), ("withdrawn", "merged")])
    def test_a_state_is_left_only_where_it_leads(
        self, analyst: Account, incident: Incident, before: str, after: str
    ) -> None:
        do(analyst, incident, Withdraw())
        decide(analyst, incident, Reinstate())
        with pytest.raises(DatabaseError), transaction.atomic():
            Incident.objects.filter(pk=incident.pk, state=before).update(state=after, revision=2)

    def test_acts_have_no_holes(self, analyst: Account, incident: Incident) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            Act.objects.create(incident=incident, revision=2, deed={"deed": "withdraw"}, reason=WHY, by=analyst)

    def test_an_alert_is_in_one_incident(self, incident: Incident, raise_alert: MakeAlert) -> None:
        link = IncidentAlert.objects.get(incident=incident)
        other = operations.open_from_alert(raise_alert(target="core-2"), actor=WORKER)
        with pytest.raises(DatabaseError), transaction.atomic():
            IncidentAlert.objects.create(incident=other, alert=link.alert)
        IncidentAlert.objects.create(incident=other, alert=link.alert, follows=link)
        with pytest.raises(DatabaseError), transaction.atomic():
            IncidentAlert.objects.create(incident=other, alert=link.alert, follows=link)

    def test_an_act_is_never_changed(self, analyst: Account, incident: Incident) -> None:
        act = decide(analyst, incident, Withdraw())
        with pytest.raises(DatabaseError), transaction.atomic():
            Act.objects.filter(pk=act.pk).update(reason="another one")
        with pytest.raises(DatabaseError), transaction.atomic():
            Act.objects.filter(pk=act.pk)._raw_delete("default")


def test_every_refusal_says_what_to_do() -> None:
    assert all(each.remedy for each in ActRefused.__subclasses__())
