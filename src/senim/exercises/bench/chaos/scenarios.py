"""What goes wrong, one after the other: each writes its attacks meanwhile and says whether it truly happened."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import psutil

from senim.exercises.bench.chaos.attacks import Attack
from senim.exercises.bench.chaos.disk import NO_ROOM, full_disk
from senim.exercises.bench.chaos.stage import Stage

Play = Callable[[Stage, list[Attack]], bool]
_BETWEEN_KILLS = 0.8
_FULL_FOR, _AROUND = 6.0, 4.0
"""Seconds that the disk is full, and that attacks go on around a restart."""
_BAIT = ("chaos-bait", "Connection closed by 192.0.2.9 port 4242 [preauth]")
"""A line of which nothing is to come."""


@dataclass(frozen=True)
class Scenario:
    """One thing that goes wrong."""

    name: str
    play: Play
    share: int
    """How many attacks of the fewest that are possible run meanwhile."""
    is_mixed: bool = True
    """Whether every second machine falls to an attacker who attacks others as well."""


def killing(stage: Stage, attacks: list[Attack]) -> bool:
    """`kill -9` of every process, each at least twice, in any order and at any moment."""
    names = sorted(stage.house.processes())
    victims = [*names, *names, *(stage.chance.choices(names, k=len(attacks) // 10))]
    stage.chance.shuffle(victims)
    lines = 6 * len(attacks)
    moments = sorted(stage.chance.choices(range(lines), k=len(victims)))
    for number in stage.write(attacks, _BETWEEN_KILLS * len(victims)):
        while moments and moments[0] == number:
            moments.pop(0)
            stage.kill(victims.pop())
    return not victims and all(stage.killed[name] > 1 for name in names)


def killing_the_house(stage: Stage, attacks: list[Attack]) -> bool:
    """The supervisor is killed, all others end with it; attacks go on; somebody starts the house again."""
    before = {process.pid for process in stage.house.processes().values()}
    half = 6 * len(attacks) // 2
    for number in stage.write(attacks, _AROUND):
        if number == half:
            stage.house.kill()
            stage.killed["supervisor"] += 1
    stage.house.start()
    return not before & {process.pid for process in stage.house.processes().values()}


def restarting(name: str) -> Play:
    """The process `name` is ended politely in the middle, and started again by the supervisor."""

    def play(stage: Stage, attacks: list[Attack]) -> bool:
        former: psutil.Process | None = None
        for number in stage.write(attacks, _AROUND):
            if number == 3 * len(attacks):
                former = stage.restart(name)
        return stage.comes_true(lambda: stage.house.processes().get(name) not in {None, former})

    return play


def filling_the_disk(stage: Stage, attacks: list[Attack]) -> bool:
    """Database, stream and collector end, and nothing that is started can write a byte until there is room again."""
    ended = {"postgres", "nats", "collector"}
    stage.wait_until(lambda: ended <= stage.house.processes().keys(), "what is to end running")
    with full_disk(stage.house.supervisor):
        for name in sorted(ended):
            stage.kill(name)
        for _number in stage.write(attacks, _FULL_FOR):
            pass
    # The supervisor's own output had no room either: it says afterwards what the trouble was.
    return stage.comes_true(lambda: NO_ROOM in stage.house.output.read_bytes())


def rotating(stage: Stage, attacks: list[Attack]) -> bool:
    """The log is rotated three times, each time while a line is written."""
    moments = {len(attacks), 3 * len(attacks), 5 * len(attacks)}
    for number in stage.write(attacks, _AROUND):
        if number in moments:
            stage.log.rotate_within(*_BAIT)
    return True


def cutting(stage: Stage, attacks: list[Attack]) -> bool:
    """The log is emptied in place while a line is written, everything before it having been read; the loss is said."""
    lines, losses = int(stage.source().get("lines", 0)), int(stage.source().get("losses", 0))
    for number in stage.write(attacks, _AROUND):
        if number == 3 * len(attacks):
            stage.wait_until(lambda: stage.source().get("lines", 0) > lines + 3 * len(attacks), "every line read")
            stage.log.cut_within(*_BAIT)
    return stage.comes_true(lambda: stage.source().get("losses", 0) > losses)


_STEPS = (
    (timedelta(hours=-5), timedelta(hours=-5)),
    (timedelta(hours=-3), timedelta(hours=-3)),
    (timedelta(0), timedelta(seconds=30)),
    (timedelta(hours=2), timedelta(hours=2)),
    (timedelta(0), timedelta(seconds=-2)),
    (timedelta(0), timedelta(minutes=-5)),
    (timedelta(0), timedelta(0)),
)
"""How wrong the daemon's clock is in the first and the second half of an attack, for one attack after the other.

Hours behind; put forward in the middle; so far ahead that nobody believes it; put back in the middle; right again.
"""


def stepping(stage: Stage, attacks: list[Attack]) -> bool:
    """The daemon's clock steps, between attacks and within them."""
    for number, attack in enumerate(attacks):
        for place, text in enumerate(attack.texts):
            stage.log.clock = _STEPS[number % len(_STEPS)][place // 3]
            stage.log.write(attack.machine, text)
            time.sleep(_AROUND / (6 * len(attacks)))
    stage.log.clock = timedelta(0)
    return True


SCENARIOS = (
    Scenario("log-rotated", rotating, 2),
    Scenario("log-cut-mid-line", cutting, 2),
    Scenario("clock-stepped", stepping, 7, is_mixed=False),
    Scenario("database-restarted", restarting("postgres"), 2),
    Scenario("stream-restarted", restarting("nats"), 2),
    Scenario("regulator-restarted", restarting("stand-in-asoi"), 2),
    Scenario("every-process-killed", killing, 12),
    Scenario("disk-full", filling_the_disk, 2),
    Scenario("house-killed", killing_the_house, 1),
)
