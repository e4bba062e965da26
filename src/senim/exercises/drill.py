"""`senim drill`: real attacks on the running house, from outside, and what the house made of them.

Clauses: R228/81-1 (incidents of its six kinds, immediately), exercised.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from senim.exercises.console import ConsoleClient
from senim.exercises.scenario import Played, Scenario, Stage

_PATIENCE = 60.0
_QUIET = 3.0
"""Seconds to watch after near misses: what has not been raised long after it was read will not be."""

Say = Callable[[str], None]


class Result(msgspec.Struct, frozen=True):
    """What one attack showed; seconds count from the event that decided it."""

    kind: int
    scenario: str
    recorded: str | None
    """Why the house's log was written in the recorded format instead of by a real program; None where it was real."""
    detected: bool
    incident: str | None
    graded_kind: int | None
    event_to_incident_s: float | None
    event_to_send_s: float | None
    receipt_s: float | None

    @property
    def went_well(self) -> bool:
        """Whether it was detected, graded rightly and receipted."""
        return self.detected and self.graded_kind == self.kind and self.receipt_s is not None


class Benign(msgspec.Struct, frozen=True):
    """What all near misses together raised: nothing, if all is well."""

    alerts: int = 0
    incidents: int = 0


class Drill(msgspec.Struct, frozen=True):
    """The whole report."""

    results: list[Result]
    benign: Benign

    @property
    def went_well(self) -> bool:
        """Whether every attack went as it should and the near misses raised nothing."""
        return all(result.went_well for result in self.results) and self.benign == Benign()


def drill(
    console: ConsoleClient, stage: Stage, attacks: Sequence[Scenario], near_misses: Sequence[Scenario], say: Say
) -> Drill:
    """Play `near_misses`, then `attacks`, each declared before it begins; what the house made of them.

    `console` is signed in as an administrator who has just given a one-time code.
    Raises `DoorRefused` where the house forbids an exercise, `NotPlayed` where one came to nothing.
    """
    harmless = [_declare_and_play(console, stage, each, say, near_miss=True) for each in near_misses]
    played = time.monotonic()
    results = [_attacked(console, stage, each, say) for each in attacks]
    rest = max((each.quiet for _pk, each in harmless), default=0.0)
    time.sleep(max(0.0, played + max(_QUIET, rest) - time.monotonic()))
    quiet = [(console.exercise(pk), played) for pk, played in harmless]
    alerts = sum(max(0, each["alerts"] - played.warnings) for each, played in quiet)
    return Drill(results, Benign(alerts, sum(len(each["incidents"]) for each, _ in quiet)))


def _declare_and_play(
    console: ConsoleClient, stage: Stage, scenario: Scenario, say: Say, *, near_miss: bool
) -> tuple[str, Played]:
    say(scenario.about)
    declared = console.declare_exercise(scenario.kind, near_miss=near_miss)
    return declared["id"], scenario.play(stage, declared["marker"])


def _attacked(console: ConsoleClient, stage: Stage, scenario: Scenario, say: Say) -> Result:
    pk, played = _declare_and_play(console, stage, scenario, say, near_miss=False)
    say(_("waiting for the regulator's receipt"))
    outcome = _wait_receipt(console, pk)
    first = outcome["incidents"][0] if outcome["incidents"] else {}
    return Result(
        kind=scenario.kind,
        scenario=scenario.name,
        recorded=None if played.real else played.note,
        detected=outcome["alerts"] > 0,
        incident=first.get("number"),
        graded_kind=first.get("kind"),
        event_to_incident_s=first.get("event_to_incident_s"),
        event_to_send_s=first.get("event_to_send_s"),
        receipt_s=first.get("receipt_s"),
    )


def _wait_receipt(console: ConsoleClient, pk: str) -> dict[str, Any]:
    deadline = time.monotonic() + _PATIENCE
    while True:
        outcome = console.exercise(pk)
        if any(incident["receipt_s"] is not None for incident in outcome["incidents"]):
            return outcome
        if time.monotonic() > deadline:
            return outcome
        time.sleep(0.1)
