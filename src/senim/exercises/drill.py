"""`senim drill`: a real attack on the running house, from outside, and what the house made of it.

Clauses: R228/81-1(2) (unauthorised access), exercised; the other kinds come with their sources.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from senim.exercises.console import ConsoleClient
from senim.exercises.ssh import attack

KIND = 2
SOURCE = "sshd"
"""The telemetry source whose log the attack appears in."""
FAILURES = 8
"""Wrong passwords before the right one: more than the rule asks for."""
NEAR_MISS = 4
"""Wrong passwords of somebody who then remembers: one fewer than the rule asks for."""
_PATIENCE = 60.0
_QUIET = 3.0
"""Seconds to watch after a near miss: what has not been raised long after it was read will not be."""

Say = Callable[[str], None]


class Result(msgspec.Struct, frozen=True):
    """What one attack showed; seconds count from the event that decided it."""

    kind: int
    scenario: str
    detected: bool
    incident: str | None
    graded_kind: int | None
    event_to_incident_s: float | None
    event_to_send_s: float | None
    receipt_s: float | None


class Benign(msgspec.Struct, frozen=True):
    """What the near miss raised: nothing, if all is well."""

    alerts: int
    incidents: int


class Drill(msgspec.Struct, frozen=True):
    """The whole report."""

    results: list[Result]
    benign: Benign

    @property
    def went_well(self) -> bool:
        """Whether every attack was detected, graded rightly and receipted, and the near miss raised nothing."""
        told = all(r.detected and r.graded_kind == r.kind and r.receipt_s is not None for r in self.results)
        return told and self.benign.alerts == 0 and self.benign.incidents == 0


def drill_unauthorised_access(console: ConsoleClient, log: Path, say: Say) -> Drill:
    """Attack by password until one works, and once come one failure short of it; report both.

    `console` is signed in as an administrator who has just given a one-time code; `log` is the file that the
    source `sshd` follows. Raises `DoorRefused` where the house forbids the exercise, `NotPlayed` where
    the attack came to nothing.
    """
    say(f"near miss: {NEAR_MISS} wrong passwords, then the right one")
    near = console.declare_exercise(KIND)
    attack.play(log, near["marker"], failures=NEAR_MISS)
    say(f"attack: {FAILURES} wrong passwords, then the right one")
    declared = console.declare_exercise(KIND)
    played = attack.play(log, declared["marker"], failures=FAILURES)
    say("waiting for the regulator's receipt")
    outcome = _wait_receipt(console, declared["id"])
    time.sleep(_QUIET)
    quiet = console.exercise(near["id"])
    scenario = "sshd" if played.real else f"sshd, recorded format ({played.note})"
    return Drill([_result(scenario, outcome)], Benign(quiet["alerts"], len(quiet["incidents"])))


def _wait_receipt(console: ConsoleClient, pk: str) -> dict[str, Any]:
    deadline = time.monotonic() + _PATIENCE
    while True:
        outcome = console.exercise(pk)
        if any(incident["receipt_s"] is not None for incident in outcome["incidents"]):
            return outcome
        if time.monotonic() > deadline:
            return outcome
        time.sleep(0.1)


def _result(scenario: str, outcome: dict[str, Any]) -> Result:
    first = outcome["incidents"][0] if outcome["incidents"] else {}
    return Result(
        kind=KIND,
        scenario=scenario,
        detected=outcome["alerts"] > 0,
        incident=first.get("number"),
        graded_kind=first.get("kind"),
        event_to_incident_s=first.get("event_to_incident_s"),
        event_to_send_s=first.get("event_to_send_s"),
        receipt_s=first.get("receipt_s"),
    )
