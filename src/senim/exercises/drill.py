"""`senim drill`: real attacks on the running house, from outside, and what the house made of them.

Clauses: R228/81-1 (incidents of its six kinds, immediately), exercised.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from senim.exercises.console import ConsoleClient
from senim.exercises.errors import CodeTooOld, NotPlayed
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
    broken_off: str | None = None
    """Why not every attack was played; None where all were."""

    @property
    def went_well(self) -> bool:
        """Whether every attack was played and went as it should, and the near misses raised nothing."""
        is_whole = self.broken_off is None
        return is_whole and all(result.went_well for result in self.results) and self.benign == Benign()


@dataclass(frozen=True)
class Player:
    """Who plays, and where."""

    console: ConsoleClient
    """Signed in as an administrator who has just given a one-time code."""
    stage: Stage
    say: Say
    renew: Callable[[], None]
    """Gives the console another one-time code, where the last has become too old."""

    def declare(self, scenario: Scenario, *, near_miss: bool) -> dict[str, Any]:
        """Declare that `scenario` begins now. Raises `DoorRefused`."""
        ask = partial(self.console.declare_exercise, scenario.kind, near_miss=near_miss, scenario=scenario.name)
        try:
            return ask()
        except CodeTooOld:
            self.renew()
            return ask()


def drill(player: Player, attacks: Sequence[Scenario], near_misses: Sequence[Scenario]) -> Drill:
    """Play `near_misses`, then `attacks`, each declared before it begins; what the house made of them.

    Raises `DoorRefused` where the house forbids an exercise, `NotPlayed` where one came to nothing. What was played
    before that is not lost: where an attack was, the report tells of it and says why it breaks off.
    """
    console = player.console
    harmless = [_declare_and_play(player, each, near_miss=True) for each in near_misses]
    played = time.monotonic()
    results, broken_off = _attack(player, attacks)
    rest = max((each.quiet for _pk, each in harmless), default=0.0)
    time.sleep(max(0.0, played + max(_QUIET, rest) - time.monotonic()))
    quiet = [(console.exercise(pk), played) for pk, played in harmless]
    alerts = sum(max(0, each["alerts"] - played.warnings) for each, played in quiet)
    return Drill(results, Benign(alerts, sum(len(each["incidents"]) for each, _ in quiet)), broken_off)


def _attack(player: Player, attacks: Sequence[Scenario]) -> tuple[list[Result], str | None]:
    """What each of `attacks` showed, and why not all of them were played, if so."""
    results: list[Result] = []
    for each in attacks:
        try:
            pk, result = _attacked(player, each)
            results.append(result)
            # Coverage need not wait for the end of its time: what was not detected by now was missed.
            player.console.end_exercise(pk)
        except NotPlayed as broken:
            if not results:
                raise
            return results, str(broken.detail or broken.title)
    return results, None


def _declare_and_play(player: Player, scenario: Scenario, *, near_miss: bool) -> tuple[str, Played]:
    player.say(scenario.about)
    declared = player.declare(scenario, near_miss=near_miss)
    return declared["id"], scenario.play(player.stage, declared["marker"])


def _attacked(player: Player, scenario: Scenario) -> tuple[str, Result]:
    """The exercise, and what it showed."""
    pk, played = _declare_and_play(player, scenario, near_miss=False)
    player.say(_("waiting for the regulator's receipt"))
    outcome = _wait_receipt(player.console, pk)
    first = outcome["incidents"][0] if outcome["incidents"] else {}
    return pk, Result(
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
