"""A kind is watched for as long as an attack on ourselves has shown it, and no longer."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from senim.asoi.internal.channel import Channel
from senim.asoi.models import Message
from senim.audit.operations import Actor
from senim.detection import coverage
from senim.detection.coverage import View
from senim.doctor.coverage import LONGEST, Row, State, matrix
from senim.identity.permissions import Role
from senim.incidents.kinds import IncidentKind
from senim.incidents.models import EXERCISE_LASTS, Exercise, Incident
from senim.incidents.operations import declare_exercise, end_exercise, open_from_alert
from senim.kit.clock import now
from senim.kit.instance import Instance
from tests.asoi.conftest import channel, regulator
from tests.incidents.conftest import MakeAlert, raise_alert
from tests.staff import new_staff

__all__ = ["channel", "raise_alert", "regulator"]
pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81-1")]
TICK = timedelta(microseconds=1)
KIND = IncidentKind.UNAUTHORISED_ACCESS
Receipted = Callable[[Incident], None]


@pytest.fixture
def view(monkeypatch: pytest.MonkeyPatch) -> Callable[[View], None]:
    """Let kind 2 be seen so, whatever sources and rules there are (`tests/detection/test_coverage.py`)."""

    def set_to(view: View) -> None:
        seen = [coverage.Kind(KIND.value, view, (), ())]
        monkeypatch.setattr("senim.doctor.coverage.coverage.kinds", lambda _instance, _moment: seen)

    set_to(View.WATCHED)
    return set_to


def declare(*, is_near_miss: bool = False, scenario: str = "") -> Exercise:
    administrator = new_staff(Role.ADMINISTRATOR, username=f"a{Exercise.objects.count()}").account
    return declare_exercise(administrator, KIND, fresh_second_factor=True, is_near_miss=is_near_miss, scenario=scenario)


def detected(exercise: Exercise, raise_alert: MakeAlert) -> Incident:
    return open_from_alert(raise_alert(marker=exercise.marker), actor=Actor.process("worker"))


@pytest.fixture
def receipted(channel: Channel) -> Receipted:
    """Let the regulator's receipt for an incident come."""

    def deliver(incident: Incident) -> None:
        message = Message.objects.get(about=incident.subject)
        channel.seal(message)
        channel.deliver(message.pk)

    return deliver


def row(instance: Instance, after: timedelta = timedelta(0)) -> Row:
    (found,) = matrix(instance, now() + after)
    return found


@pytest.mark.usefixtures("view")
class TestExercised:
    """What the last attack on ourselves has shown."""

    def test_never(self, instance: Instance) -> None:
        assert row(instance).state is State.NEVER_EXERCISED
        assert row(instance).tried is None

    def test_with_its_receipt_it_is_shown_at_once(
        self, instance: Instance, raise_alert: MakeAlert, receipted: Receipted
    ) -> None:
        incident = detected(declare(), raise_alert)
        assert row(instance).state is State.NEVER_EXERCISED  # it goes on still
        receipted(incident)
        found = row(instance)
        assert found.state is State.WATCHED
        assert found.tried is not None
        assert (found.tried.incident, found.tried.is_detected) == (incident, True)
        assert found.tried.receipt is not None
        assert found.tried.receipt_s == found.tried.receipt.total_seconds()

    def test_until_it_is_too_long_ago(self, instance: Instance, raise_alert: MakeAlert, receipted: Receipted) -> None:
        exercise = declare()
        receipted(detected(exercise, raise_alert))
        for after, state in ((LONGEST, State.WATCHED), (LONGEST + TICK, State.EXERCISED_LONG_AGO)):
            (found,) = matrix(instance, exercise.declared_at + after)
            assert found.state is state

    @pytest.mark.refusal
    def test_what_came_to_nothing_was_missed_once_it_is_over(self, instance: Instance) -> None:
        exercise = declare()
        for after, state in ((EXERCISE_LASTS, State.NEVER_EXERCISED), (EXERCISE_LASTS + TICK, State.MISSED)):
            (found,) = matrix(instance, exercise.declared_at + after)
            assert found.state is state
        assert found.tried is not None
        assert (found.tried.is_detected, found.tried.incident) == (False, None)

    @pytest.mark.refusal
    def test_it_was_missed_at_once_where_nobody_waits_any_more(self, instance: Instance) -> None:
        exercise = declare()
        end = end_exercise(exercise.declared_by, exercise)
        for moment, state in ((end.at - TICK, State.NEVER_EXERCISED), (end.at, State.MISSED)):
            (found,) = matrix(instance, moment)
            assert found.state is state

    @pytest.mark.refusal
    def test_a_scenario_that_was_missed_stays_so_until_it_is_played_well(
        self, instance: Instance, raise_alert: MakeAlert, receipted: Receipted
    ) -> None:
        missed = declare(scenario="sshd")
        end_exercise(missed.declared_by, missed)
        receipted(detected(declare(scenario="copied session"), raise_alert))
        found = row(instance)
        assert found.tried is not None
        assert (found.state, found.tried.exercise) == (State.MISSED, missed)
        receipted(detected(declare(scenario="sshd"), raise_alert))
        assert row(instance).state is State.WATCHED

    def test_a_scenario_that_was_given_up_is_not_asked_about(
        self, instance: Instance, raise_alert: MakeAlert, receipted: Receipted, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        missed = declare(scenario="given up")
        end_exercise(missed.declared_by, missed)
        receipted(detected(declare(scenario="sshd"), raise_alert))
        monkeypatch.setattr("senim.doctor.coverage.LONGEST", timedelta(0))
        tried = row(instance).tried
        assert tried is not None
        assert tried.exercise.scenario == "sshd"

    @pytest.mark.refusal
    def test_so_was_what_the_regulator_never_heard_of(self, instance: Instance, raise_alert: MakeAlert) -> None:
        detected(declare(), raise_alert)
        found = row(instance, EXERCISE_LASTS + TICK)
        assert found.state is State.MISSED
        assert found.tried is not None
        assert (found.tried.is_detected, found.tried.receipt, found.tried.receipt_s) == (True, None, None)

    @pytest.mark.refusal
    def test_so_was_what_was_taken_for_another_kind(self, instance: Instance, raise_alert: MakeAlert) -> None:
        raise_alert(marker=declare().marker, kind=3)
        found = row(instance, EXERCISE_LASTS + TICK)
        assert found.state is State.MISSED
        assert found.tried is not None
        assert (found.tried.is_detected, found.tried.incident) == (True, None)

    def test_of_a_near_miss_nothing_is_to_come(
        self, instance: Instance, raise_alert: MakeAlert, receipted: Receipted
    ) -> None:
        receipted(detected(declare(), raise_alert))
        declare(is_near_miss=True)
        assert row(instance, EXERCISE_LASTS + TICK).state is State.WATCHED


@pytest.mark.refusal
@pytest.mark.parametrize("seen", [View.BLIND, View.UNKNOWN])
def test_no_exercise_makes_up_for_blindness(
    instance: Instance,
    view: Callable[[View], None],
    raise_alert: MakeAlert,
    receipted: Receipted,
    seen: View,
) -> None:
    receipted(detected(declare(), raise_alert))
    assert row(instance).state is State.WATCHED
    view(seen)
    assert row(instance).state is State[seen.name]
