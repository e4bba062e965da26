"""The whole of it: a house of its own, every scenario of the channel, and what became of each."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from msgspec import structs

from senim.exercises.bench.chaos.channel import reckoning
from senim.exercises.bench.chaos.channel.answers import ANSWERS, answer, reversed_receipts
from senim.exercises.bench.chaos.channel.disks import without_room_for_files, without_room_for_the_database
from senim.exercises.bench.chaos.channel.killed import kill_at
from senim.exercises.bench.chaos.channel.outbox import Connect, Told, opened
from senim.exercises.bench.chaos.channel.reckoning import Ends
from senim.exercises.bench.chaos.channel.scene import SENDER, Scene, Tuning
from senim.exercises.bench.chaos.channel.silent import HOURS, three_days
from senim.exercises.bench.chaos.channel.steps import FILES, NETWORK
from senim.exercises.bench.chaos.log import Log
from senim.exercises.bench.chaos.outcome import ChannelOutcome
from senim.exercises.bench.chaos.stage import Stage
from senim.exercises.bench.house import running

Say = Callable[[str], None]
Play = Callable[[Scene], tuple[list[Told], bool]]


_USUAL, _IMPATIENT, _FILES = Tuning(), Tuning(answer_within=3.0), Tuning(after=1.0)


@dataclass(frozen=True)
class Scenario:
    """One thing that goes wrong in the channel, with the settings under which it does."""

    name: str
    play: Play
    ends: frozenset[str] | None = None
    """How every try in vain has to end; None: as it happens, but by a name."""
    tuning: Tuning = _USUAL


@dataclass(frozen=True)
class Measured:
    """What came of all scenarios."""

    kills: int
    outcomes: list[ChannelOutcome]


def scenarios(hours: int = HOURS) -> Iterator[Scenario]:
    """All of them; the long silence lasts so many simulated hours."""
    for step in NETWORK:
        yield Scenario(f"asoi-killed-{step.name}", partial(kill_at, step=step))
    yield Scenario("asoi-disk-full-database", without_room_for_the_database)
    for each in sorted(ANSWERS, key=lambda one: one.is_slow):
        tuning = _IMPATIENT if each.is_slow else _USUAL
        yield Scenario(f"asoi-answers-{each.name}", partial(answer, wanted=each), each.ends, tuning)
    for step in FILES:
        yield Scenario(f"asoi-killed-{step.name}", partial(kill_at, step=step), tuning=_FILES)
    yield Scenario("asoi-receipts-reversed", reversed_receipts, tuning=_FILES)
    yield Scenario("asoi-disk-full-files", without_room_for_files, tuning=_FILES)
    yield Scenario("asoi-silent-for-days", partial(three_days, hours=hours), tuning=_FILES)


def measure(
    checkout: Path, connect: Connect, *, say: Say, chosen: Callable[[str], bool] = bool, hours: int = HOURS
) -> Measured:
    """Play the scenarios whose names are `chosen` in a house of its own. Raises `NotMeasured` where it does not run."""
    with running(checkout, settings={"asoi": _USUAL.lines}) as house, opened(house, connect) as outbox:
        chance = random.Random(81)  # noqa: S311 - nothing is chosen here: every step has its turn
        scene = Scene(Stage(house, Log(house.log_of("sshd")), chance), outbox)
        played = list(_played(scene, [each for each in scenarios(hours) if chosen(each.name)], say))
        return Measured(scene.stage.killed[SENDER], played)


def _played(scene: Scene, wanted: list[Scenario], say: Say) -> Iterator[ChannelOutcome]:
    tuning = _USUAL
    for scenario in wanted:
        say(scenario.name)
        if scenario.tuning != tuning:
            tuning = scenario.tuning
            scene.tune(tuning)
        told, happened = scenario.play(scene)
        delivered = scene.deliver(told)
        outcome = reckoning.outcome(scenario.name, Ends.of(scene, told), happened=happened and delivered)
        yield outcome if scenario.ends in {None, frozenset(outcome.refusals)} else structs.replace(outcome, ok=False)
