"""Which of the six kinds of incident would be seen, and since when nobody has tried whether it truly is.

Three things are held against each other: which rules grade a kind, which sources feed them (`detection.coverage`), and
which attack on ourselves has shown it last (`incidents`).

Clauses: R228/81-1 (each of its items is watched for, or it is said that it is not).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from senim.detection import coverage
from senim.detection.coverage import View
from senim.incidents import queries as incidents
from senim.incidents.models import Exercise, Incident
from senim.kit.instance import Instance

LONGEST = timedelta(days=92)
"""Our choice: a quarter of a year. A rule that nobody has tried for longer may have gone blind with an update."""


class State(StrEnum):
    """What can be said of a kind: the first of these that holds."""

    BLIND = "blind"
    """No rule watches for it, or none that sees anything."""
    UNKNOWN = "unknown"
    """Nobody knows whether its rules see anything."""
    NEVER_EXERCISED = "never-exercised"
    MISSED = "missed"
    """A scenario, when it was played last, led to no incident of this kind with the regulator's receipt."""
    EXERCISED_LONG_AGO = "exercised-long-ago"
    WATCHED = "watched"


@dataclass(frozen=True)
class Tried:
    """The last attack on ourselves, and what was made of it."""

    exercise: Exercise
    is_detected: bool
    """Whether a rule raised an alert about it."""
    incident: Incident | None
    """The incident of its kind that it led to."""
    receipt: timedelta | None
    """From the deciding event to the regulator's receipt; None where there is none."""

    @property
    def went_well(self) -> bool:
        """Whether it was detected, graded rightly and receipted."""
        return self.incident is not None and self.receipt is not None

    @property
    def receipt_s(self) -> float | None:
        """The same in seconds, for programs."""
        return None if self.receipt is None else self.receipt.total_seconds()


@dataclass(frozen=True)
class Row:
    """One kind: what watches for it, and when that was tried."""

    kind: coverage.Kind
    tried: Tried | None
    """None: never, as far as anybody knows."""
    state: State


def matrix(instance: Instance, moment: datetime) -> list[Row]:
    """Each of the six kinds as it stands at `moment`. Raises `BadSettings`."""
    return [_row(kind, moment) for kind in coverage.kinds(instance, moment)]


def _row(kind: coverage.Kind, moment: datetime) -> Row:
    tried = _last(kind.number, moment)
    return Row(kind, tried, _state(kind, tried, moment))


def _state(kind: coverage.Kind, tried: Tried | None, moment: datetime) -> State:
    if kind.view is not View.WATCHED:
        return State.BLIND if kind.view is View.BLIND else State.UNKNOWN
    if tried is None:
        return State.NEVER_EXERCISED
    if not tried.went_well:
        return State.MISSED
    return State.EXERCISED_LONG_AGO if moment - tried.exercise.declared_at > LONGEST else State.WATCHED


def _last(kind: int, moment: datetime) -> Tried | None:
    """Of the last time that each scenario was played, the latest that was missed; where none was, the latest.

    What was not played for `LONGEST` before the latest is not asked about any more: a scenario may have been given up.
    """
    attacks = incidents.attacks_on_ourselves(kind)
    named = set(attacks.values_list("scenario", flat=True).order_by().distinct())
    last = [_last_of(attacks.filter(scenario=name), moment) for name in named]
    found = sorted((one for one in last if one), key=lambda one: one.exercise.declared_at)
    if not found:
        return None
    since = found[-1].exercise.declared_at - LONGEST
    missed = [one for one in found if not one.went_well and one.exercise.declared_at > since]
    return (missed or found)[-1]


def _last_of(attacks: Iterable[Exercise], moment: datetime) -> Tried | None:
    """The last of `attacks` that is over: one that goes on still counts once it has come to its receipt."""
    for exercise in attacks:
        tried = _tried(exercise)
        if tried.went_well or exercise.is_over(moment):
            return tried
    return None


def _tried(exercise: Exercise) -> Tried:
    incident = incidents.incident_of_exercise(exercise)
    took = {each.number: each.receipt_s for each in incidents.exercise_outcomes(exercise)}
    seconds = took.get(incident.number) if incident else None
    return Tried(
        exercise=exercise,
        is_detected=incidents.exercise_alerts(exercise) > 0,
        incident=incident,
        receipt=None if seconds is None else timedelta(seconds=seconds),
    )
