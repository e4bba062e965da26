"""The whole of it: a house of its own, every scenario, and the reckoning."""

import random
from collections.abc import Callable, Collection
from itertools import accumulate
from pathlib import Path

import msgspec

from senim.exercises.bench.chaos import reckoning
from senim.exercises.bench.chaos.attacks import Attack
from senim.exercises.bench.chaos.channel.run import Measured
from senim.exercises.bench.chaos.log import Log
from senim.exercises.bench.chaos.outcome import Outcome
from senim.exercises.bench.chaos.reckoning import Told
from senim.exercises.bench.chaos.scenarios import SCENARIOS, Scenario, cutting
from senim.exercises.bench.chaos.stage import Stage
from senim.exercises.bench.house import House, running

FEWEST, MOST = sum(scenario.share for scenario in SCENARIOS), 1500
"""Attacks: each scenario has its own, and the reckoning looks at ten thousand lines at most."""
AIMS = {"lost": 0, "doubled": 0, "out_of_order": 0, "silent_hours": 0}
Say = Callable[[str], None]
Parts = list[tuple[Scenario, list[Attack]]]


class Chaos(msgspec.Struct, frozen=True):
    """What was measured."""

    seed: int
    """With it everything is chosen again as it was."""
    kills: int
    incidents: int
    """Opened on the machines that were attacked."""
    messages: int
    """About them at the regulator."""
    lost: int
    """Attacks that the regulator was never told of, and messages of the channel's scenarios that did not arrive."""
    doubled: int
    """Incidents beyond the first on a machine, and messages beyond the first of one number about an incident."""
    out_of_order: int
    """Messages that arrived after a later one about the same incident."""
    silent_hours: int
    """Whole hours, by the log's own time, of which lines were not read and nothing said so."""
    scenarios: list[Outcome]

    @classmethod
    def without_attacks(cls, seed: int) -> "Chaos":
        """What is known before anything was tried."""
        return cls(
            seed=seed,
            kills=0,
            incidents=0,
            messages=0,
            lost=0,
            doubled=0,
            out_of_order=0,
            silent_hours=0,
            scenarios=[],
        )

    def with_channel(self, channel: Measured) -> "Chaos":
        """This, and what came of the regulator's channel when it alone was broken."""
        outcomes = channel.outcomes
        return msgspec.structs.replace(
            self,
            kills=self.kills + channel.kills,
            lost=self.lost + sum(one.lost for one in outcomes),
            doubled=self.doubled + sum(one.doubled for one in outcomes),
            out_of_order=self.out_of_order + sum(one.out_of_order for one in outcomes),
            scenarios=[*self.scenarios, *outcomes],
        )


def measure(checkout: Path, *, attacks: int, seed: int, say: Say) -> Chaos:
    """Run every scenario against a house of its own. Raises `NotMeasured` where the house does not run."""
    say(f"seed {seed}")
    parts = shared(attacks)
    with running(checkout) as house:
        chance = random.Random(seed)  # noqa: S311 - chooses whom to kill, and when
        stage = Stage(house, Log(house.log_of("sshd")), chance)
        happened = set()
        for scenario, own in parts:
            say(f"{scenario.name}: {len(own)} attacks")
            if scenario.play(stage, own):
                happened.add(scenario.name)
        say("waiting for the last receipts")
        told = reckoning.wait_for(house, _attacked(parts))
        return _report(stage, told, parts, happened, seed)


def shared(attacks: int) -> Parts:
    """Which attacks run in which scenario, by their shares."""
    ends = [attacks * shares // FEWEST for shares in accumulate(scenario.share for scenario in SCENARIOS)]
    bounds = zip(SCENARIOS, [0, *ends], ends, strict=False)
    return [(scenario, _attacks(scenario, begin, end)) for scenario, begin, end in bounds]


def _attacks(scenario: Scenario, begin: int, end: int) -> list[Attack]:
    return [Attack(number, is_shared=scenario.is_mixed and number % 2 == 0) for number in range(begin, end)]


def _attacked(parts: Parts) -> set[str]:
    return {attack.machine for _scenario, own in parts for attack in own}


def _report(stage: Stage, told: Told, parts: Parts, happened: Collection[str], seed: int) -> Chaos:
    machines = _attacked(parts)
    opened = reckoning.incidents(stage.house, machines)
    outcomes = [
        Outcome(scenario.name, scenario.name in happened and all(told.targets[each.machine] == 1 for each in own))
        for scenario, own in parts
    ]
    cuts = sum(scenario.play is cutting for scenario, _own in parts)
    return Chaos(
        seed=seed,
        kills=stage.killed.total(),
        incidents=len(opened),
        messages=len(told.about(machines)),
        lost=len(machines - set(told.targets)),
        doubled=told.doubled + len(opened) - len(set(opened)),
        out_of_order=told.out_of_order,
        silent_hours=reckoning.silent_hours(stage, cuts=cuts),
        scenarios=[*outcomes, Outcome("audit-log-verified", _is_verified(stage.house))],
    )


def _is_verified(house: House) -> bool:
    return house.ask("audit", "verify").returncode == 0
