"""Exercises are declared by whoever may, reach only a stand-in, and are marked where nobody can take the mark off."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction
from pytest_django import Settings

from senim.asoi.models import Message
from senim.audit.models import AuditRow
from senim.audit.operations import Actor
from senim.events.models import Event
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.incidents import operations, queries
from senim.incidents.errors import NotPermitted, RealRegulator
from senim.incidents.kinds import IncidentKind
from senim.incidents.models import Exercise
from senim.kit.clock import now
from senim.kit.instance import Instance
from tests.asoi.copies import copy_of, pin_real
from tests.incidents.conftest import MakeAlert

pytestmark = pytest.mark.django_db
KIND = IncidentKind.UNAUTHORISED_ACCESS
WORKER = Actor.process("worker")
Staff = Callable[[Role], Account]


def test_an_administrator_with_a_fresh_second_factor_declares(exercise: Exercise) -> None:
    assert AuditRow.objects.filter(action="incidents:exercise:declared", subject=f"exercise:{exercise.pk}").exists()


@pytest.mark.parametrize(
    ("role", "fresh"),
    [
        (Role.ADMINISTRATOR, False),
        (Role.ANALYST, True),
        (Role.AUDITOR, True),
        (Role.HEAD_OF_IS, True),
    ],
)
def test_nobody_else_does_and_the_try_is_on_record(staff: Staff, role: Role, fresh: bool) -> None:
    with pytest.raises(NotPermitted):
        operations.declare_exercise(staff(role), KIND, fresh_second_factor=fresh)
    assert not Exercise.objects.exists()
    assert AuditRow.objects.filter(action="incidents:exercise:refused").count() == 1


def test_it_is_refused_where_the_recipient_is_the_real_regulator(
    staff: Staff, instance: Instance, tmp_path: Path, settings: Settings
) -> None:
    settings.SENIM_INSTANCE = copy_of(instance, tmp_path)
    pin_real(settings.SENIM_INSTANCE)
    with pytest.raises(RealRegulator):
        operations.declare_exercise(staff(Role.ADMINISTRATOR), KIND, fresh_second_factor=True)
    assert not Exercise.objects.exists()
    assert AuditRow.objects.filter(action="incidents:exercise:refused").count() == 1


def test_the_incident_and_its_message_wear_the_mark(exercise: Exercise, raise_alert: MakeAlert) -> None:
    incident = operations.open_from_alert(raise_alert(marker=exercise.marker), actor=WORKER)
    message = Message.objects.get(about=incident.subject)
    assert incident.exercise == exercise
    assert message.exercise is True
    assert message.body["exercise"] is True
    assert incident not in queries.real()


@pytest.mark.parametrize("parts", [{"marker": ""}, {"marker": "exercise-0123456789abcdef"}, {"kind": 3}])
def test_a_real_attack_beside_it_is_real(exercise: Exercise, raise_alert: MakeAlert, parts: dict[str, object]) -> None:
    incident = operations.open_from_alert(
        raise_alert(**{"account": exercise.marker, "marker": exercise.marker, **parts}), actor=WORKER
    )
    assert incident.exercise is None
    assert incident in queries.real()


def test_a_real_attack_of_the_same_actor_does_not_hide_in_the_exercise(
    exercise: Exercise, raise_alert: MakeAlert
) -> None:
    played = operations.open_from_alert(raise_alert(marker=exercise.marker), actor=WORKER)
    real = operations.open_from_alert(raise_alert(), actor=WORKER)
    assert played.pk != real.pk
    assert Message.objects.get(about=real.subject).exercise is False


@pytest.mark.parametrize(("after", "marked"), [(timedelta(0), True), (timedelta(microseconds=1), False)])
def test_the_mark_ends_with_the_exercise(
    exercise: Exercise, raise_alert: MakeAlert, after: timedelta, marked: bool
) -> None:
    alert = raise_alert(marker=exercise.marker, raised_at=exercise.until + after)
    incident = operations.open_from_alert(alert, actor=WORKER)
    assert (incident.exercise == exercise) is marked


@pytest.mark.parametrize(
    "parts",
    [
        {"marker": "root"},
        {"marker": "exercise-0123456789abcdeg"},
        {"marker": "exercise-0123456789abcdef0"},
        {"until": now() + timedelta(hours=1)},
        {"declared_at": now() - timedelta(hours=1), "until": now() - timedelta(minutes=50)},
        {"declared_at": now() + timedelta(hours=1), "until": now() + timedelta(minutes=70)},
    ],
    ids=["a real account", "no hexadecimal", "too long", "for an hour", "afterwards", "in advance"],
)
def test_the_database_refuses_an_exercise_that_could_hide_an_attack(staff: Staff, parts: dict[str, object]) -> None:
    moment = now()
    fields = {"marker": "exercise-0123456789abcdef", "declared_at": moment, "until": moment + timedelta(minutes=15)}
    with pytest.raises(DatabaseError), transaction.atomic():
        Exercise.objects.create(kind=KIND, declared_by=staff(Role.ADMINISTRATOR), **{**fields, **parts})
    assert not Exercise.objects.exists()


def test_an_exercise_is_never_prolonged(exercise: Exercise) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Exercise.objects.filter(pk=exercise.pk).update(until=exercise.until)


def test_where_messages_reach_the_regulator_there_is_no_exercise(
    exercise: Exercise, raise_alert: MakeAlert, instance: Instance, tmp_path: Path, settings: Settings
) -> None:
    settings.SENIM_INSTANCE = copy_of(instance, tmp_path)
    pin_real(settings.SENIM_INSTANCE)
    incident = operations.open_from_alert(raise_alert(marker=exercise.marker), actor=WORKER)
    assert incident.exercise is None
    assert Message.objects.get(about=incident.subject).exercise is False


def test_the_marker_is_for_who_plays_and_not_in_events_or_audit(exercise: Exercise) -> None:
    assert exercise.marker not in str(list(Event.objects.values()))
    assert exercise.marker not in str(list(AuditRow.objects.values()))


class TestItsEnd:
    """Whoever plays it says that he waits for nothing more."""

    def test_it_is_on_record_once(self, exercise: Exercise) -> None:
        end = operations.end_exercise(exercise.declared_by, exercise)
        assert operations.end_exercise(exercise.declared_by, exercise) == end
        assert (
            AuditRow.objects.filter(action="incidents:exercise:ended", subject=f"exercise:{exercise.pk}").count() == 1
        )
        assert Event.objects.filter(tag="incidents:exercise:ended").count() == 1

    @pytest.mark.refusal
    def test_nobody_else_says_so(self, exercise: Exercise, staff: Staff) -> None:
        with pytest.raises(NotPermitted):
            operations.end_exercise(staff(Role.ANALYST), exercise)

    @pytest.mark.refusal
    def test_it_is_not_taken_back(self, exercise: Exercise) -> None:
        end = operations.end_exercise(exercise.declared_by, exercise)
        with pytest.raises(DatabaseError), transaction.atomic():
            type(end).objects.all().delete()
