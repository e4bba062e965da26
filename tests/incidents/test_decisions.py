"""An alert that its rule does not grade waits for a person, in sight; a person grades or dismisses it, once."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction
from pytest_django import Settings

from senim.asoi.models import Message
from senim.audit.models import AuditRow
from senim.detection.models import Alert
from senim.events import delivery
from senim.events.models import Event
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.incidents import alerts, handlers, queries
from senim.incidents.errors import AlreadyDecided, DecisionRefused, GradedByItsRule, MayNotDecide, NoReason
from senim.incidents.kinds import IncidentKind
from senim.incidents.models import Decision, Exercise, Incident, Party
from senim.incidents.queries import AlertState
from senim.kit.clock import now
from senim.kit.instance import Instance
from senim.site.subscriptions import SUBSCRIPTIONS
from tests.asoi.copies import copy_of, pin_real
from tests.incidents.conftest import MakeAlert

pytestmark = pytest.mark.django_db
Staff = Callable[[Role], Account]
KIND = IncidentKind.UNAUTHORISED_ACCESS
WHY = "root's password was used from outside; nobody of us was there"


@pytest.fixture
def alert(raise_alert: MakeAlert) -> Alert:
    """One that its rule does not grade."""
    return raise_alert(kind=None, rule_title="OpenSSH root signed in with a password", account="root")


@pytest.fixture
def own_copy(instance: Instance, tmp_path: Path, settings: Settings) -> Instance:
    """The instance in a folder of its own, to be spoilt."""
    settings.SENIM_INSTANCE = copy_of(instance, tmp_path)
    found: Instance = settings.SENIM_INSTANCE
    return found


@pytest.fixture
def analyst(staff: Staff) -> Account:
    return staff(Role.ANALYST)


def grade(account: Account, alert: Alert, *, reason: str = WHY, fresh: bool = True) -> Decision:
    return alerts.grade(account, alert.pk, KIND, reason=reason, fresh_second_factor=fresh)


def hear(tag: str) -> None:
    """What the worker does with the news `tag`."""
    delivery.install(SUBSCRIPTIONS)
    for event in Event.objects.filter(tag=tag):
        for handler in delivery.subscribed()[tag]:
            delivery.hear(event.pk, handler)


def state_of(alert: Alert) -> str:
    found: str = queries.alerts().get(pk=alert.pk).state
    return found


def test_it_waits_in_sight(alert: Alert, raise_alert: MakeAlert) -> None:
    raise_alert()
    handlers.open_from_alert(Event(payload={"alert": str(alert.pk)}))
    assert not Incident.objects.exists()
    assert queries.waiting_alerts() == 1
    assert state_of(alert) == AlertState.WAITING


@pytest.mark.usefixtures("rules")
class TestOfAnExercise:
    """Nobody has to decide about what an exercise left behind, and nothing else passes for it."""

    @pytest.mark.parametrize(("after", "waits"), [(timedelta(0), 0), (timedelta(microseconds=1), 1)])
    def test_it_waits_for_nobody_up_to_the_end_of_the_exercise(
        self, exercise: Exercise, raise_alert: MakeAlert, after: timedelta, waits: int
    ) -> None:
        alert = raise_alert(kind=None, marker=exercise.marker, raised_at=exercise.until + after)
        assert queries.waiting_alerts() == waits
        assert state_of(alert) == (AlertState.WAITING if waits else AlertState.EXERCISE)

    def test_a_person_may_decide_about_it(self, exercise: Exercise, analyst: Account, raise_alert: MakeAlert) -> None:
        alert = raise_alert(kind=None, marker=exercise.marker)
        alerts.dismiss(analyst, alert.pk, reason=WHY, fresh_second_factor=True)
        assert state_of(alert) == AlertState.DISMISSED

    @pytest.mark.refusal
    @pytest.mark.usefixtures("exercise")
    @pytest.mark.parametrize("marker", ["", "exercise-0123456789abcdef"])
    def test_what_wears_no_marker_of_one_waits(self, raise_alert: MakeAlert, marker: str) -> None:
        raise_alert(kind=None, marker=marker)
        assert queries.waiting_alerts() == 1

    @pytest.mark.refusal
    @pytest.mark.parametrize("rule", ["other", "unknown"])
    def test_what_another_telemetry_tells_waits_though_it_wears_the_marker(
        self, exercise: Exercise, raise_alert: MakeAlert, rule: str
    ) -> None:
        alert = raise_alert(kind=None, marker=exercise.marker, rule_id=rule)
        assert queries.waiting_alerts() == 1
        assert state_of(alert) == AlertState.WAITING
        assert queries.exercise_of(alert) is None

    @pytest.mark.refusal
    @pytest.mark.parametrize("spoil", [pin_real, lambda copy: copy.trust("regulator/signing").unlink()])
    def test_where_messages_may_reach_the_real_regulator_it_waits(
        self, exercise: Exercise, raise_alert: MakeAlert, own_copy: Instance, spoil: Callable[[Instance], None]
    ) -> None:
        alert = raise_alert(kind=None, marker=exercise.marker)
        assert state_of(alert) == AlertState.EXERCISE
        spoil(own_copy)
        assert queries.waiting_alerts() == 1
        assert state_of(alert) == AlertState.WAITING


@pytest.mark.clause("R228/81-1")
class TestGrading:
    """A person says which of the six kinds it is; the regulator is told at once."""

    def test_it_becomes_an_incident_by_the_way_of_all_others(self, analyst: Account, alert: Alert) -> None:
        grade(analyst, alert)
        assert state_of(alert) == AlertState.OPENING
        hear("incidents:alert:graded")
        hear("incidents:alert:graded")
        incident = Incident.objects.get()
        assert (incident.kind, incident.account) == (2, "root")
        assert Message.objects.get(about=incident.subject).body["graded"]["by"] == "person"
        assert state_of(alert) == AlertState.INCIDENT
        opened = AuditRow.objects.get(action="incidents:incident:opened")
        assert opened.actor_name == analyst.username

    def test_it_joins_the_incident_of_the_same_attack(
        self, analyst: Account, alert: Alert, raise_alert: MakeAlert
    ) -> None:
        incident = handlers.operations.open_from_alert(raise_alert(), actor=handlers.WORKER)
        grade(analyst, alert)
        hear("incidents:alert:graded")
        assert {each.name for each in queries.parties(incident, Party.Role.ACCOUNT)} == {"aliya", "root"}
        assert Message.objects.count() == 1

    def test_it_is_on_record_with_its_reason(self, analyst: Account, alert: Alert) -> None:
        grade(analyst, alert)
        row = AuditRow.objects.get(action="incidents:alert:graded", subject=f"alert:{alert.pk}")
        assert (row.actor_name, row.reason, row.detail) == (analyst.username, WHY, {"clause": "R228/81-1(2)"})
        assert WHY not in str(list(Event.objects.values()))

    @pytest.mark.refusal
    def test_without_a_fresh_second_factor_nothing_is_told(self, analyst: Account, alert: Alert) -> None:
        with pytest.raises(MayNotDecide):
            grade(analyst, alert, fresh=False)
        assert not Decision.objects.exists()
        assert not Event.objects.filter(tag="incidents:alert:graded").exists()


class TestDismissing:
    """It is none of the six kinds, and somebody says why."""

    @pytest.mark.refusal
    def test_without_a_fresh_second_factor_it_goes_on_waiting(self, analyst: Account, alert: Alert) -> None:
        with pytest.raises(MayNotDecide):
            alerts.dismiss(analyst, alert.pk, reason=WHY, fresh_second_factor=False)
        assert state_of(alert) == AlertState.WAITING

    def test_it_leaves_the_waiting_ones_and_stays_on_record(self, analyst: Account, alert: Alert) -> None:
        alerts.dismiss(analyst, alert.pk, reason=WHY, fresh_second_factor=True)
        assert state_of(alert) == AlertState.DISMISSED
        assert queries.waiting_alerts() == 0
        row = AuditRow.objects.get(action="incidents:alert:dismissed")
        assert (row.subject, row.reason) == (f"alert:{alert.pk}", WHY)

    def test_nothing_is_told_of_it(self, analyst: Account, alert: Alert) -> None:
        alerts.dismiss(analyst, alert.pk, reason=WHY, fresh_second_factor=True)
        assert not Incident.objects.exists()
        assert not Message.objects.exists()


MAY = {Role.ADMINISTRATOR: False, Role.ANALYST: True, Role.AUDITOR: False, Role.HEAD_OF_IS: True}


@pytest.mark.parametrize("act", ["grade", "dismiss"])
@pytest.mark.parametrize("role", list(Role))
def test_who_may_decide(staff: Staff, alert: Alert, role: Role, act: str) -> None:
    account = staff(role)
    try:
        if act == "grade":
            grade(account, alert)
        else:
            alerts.dismiss(account, alert.pk, reason=WHY, fresh_second_factor=True)
    except MayNotDecide:
        assert not MAY[role]
    assert Decision.objects.exists() is MAY[role]


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_decision_has_a_reason(analyst: Account, alert: Alert, reason: str) -> None:
    with pytest.raises(NoReason):
        grade(analyst, alert, reason=reason)
    with pytest.raises(NoReason):
        alerts.dismiss(analyst, alert.pk, reason=reason, fresh_second_factor=True)


def test_nobody_decides_twice(analyst: Account, alert: Alert) -> None:
    alerts.dismiss(analyst, alert.pk, reason=WHY, fresh_second_factor=True)
    with pytest.raises(AlreadyDecided):
        grade(analyst, alert)


def test_of_two_who_decide_at_once_one_is_refused(
    analyst: Account, alert: Alert, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "_raise_if_refused", lambda *_: None)  # both have passed it before either wrote
    alerts.dismiss(analyst, alert.pk, reason=WHY, fresh_second_factor=True)
    with pytest.raises(AlreadyDecided):
        grade(analyst, alert)
    assert AuditRow.objects.filter(subject=f"alert:{alert.pk}").count() == 1


def test_what_its_rule_grades_is_no_person_s_to_dismiss(analyst: Account, raise_alert: MakeAlert) -> None:
    graded = raise_alert()
    with pytest.raises(GradedByItsRule):
        alerts.dismiss(analyst, graded.pk, reason=WHY, fresh_second_factor=True)
    with pytest.raises(DatabaseError), transaction.atomic():
        Decision.objects.create(alert=graded, reason=WHY, decided_by=analyst)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_a_decision_is_never_changed(analyst: Account, alert: Alert, change: str) -> None:
    found = Decision.objects.filter(pk=alerts.dismiss(analyst, alert.pk, reason=WHY, fresh_second_factor=True).pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        found.update(kind=2) if change == "update" else found._raw_delete(found.db)


def test_every_refusal_says_what_to_do() -> None:
    assert all(each.remedy for each in DecisionRefused.__subclasses__())


@pytest.mark.parametrize(("after", "overdue"), [(timedelta(0), 0), (timedelta(microseconds=1), 1)])
def test_a_graded_alert_without_an_incident_is_overdue(raise_alert: MakeAlert, after: timedelta, overdue: int) -> None:
    moment = now()
    raise_alert(raised_at=moment)
    assert queries.overdue_alerts(moment + after) == overdue


def test_a_decided_one_without_an_incident_is_overdue_as_well(analyst: Account, alert: Alert) -> None:
    decided = grade(analyst, alert).decided_at
    assert queries.overdue_alerts(decided) == 0
    assert queries.overdue_alerts(decided + timedelta(microseconds=1)) == 1
    hear("incidents:alert:graded")
    assert queries.overdue_alerts(now()) == 0
