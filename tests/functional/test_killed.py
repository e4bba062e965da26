"""`kill -9` of anything at any moment while a hundred attacks run: none lost, none twice at the regulator."""

import datetime
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.functional.house import House, is_running, wait_until

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

ATTACKS = 100
KILLS = 24
SECONDS = 30.0


def _lines(order: random.Random) -> Iterator[str]:
    """A hundred attacks on a hundred machines, interleaved: five refused passwords and an accepted one each.

    Every second machine has an attacker of its own; the others fall to one who goes from machine to machine.
    """
    waiting = [(machine, step) for machine in range(ATTACKS) for step in range(6)]
    # Shuffled, but each machine's own steps stay in order.
    turns = [machine for machine, _ in waiting]
    order.shuffle(turns)
    steps = dict.fromkeys(range(ATTACKS), 0)
    for machine in turns:
        what = "Failed" if steps[machine] < 5 else "Accepted"
        steps[machine] += 1
        at = datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="microseconds")
        who = f"user-{machine} from 198.51.100.{machine + 1}" if machine % 2 else "root from 203.0.113.66"
        yield f"{at} machine-{machine:03d} sshd[9]: {what} password for {who} port 4242 ssh2\n"


def _victims(house: House, chance: random.Random) -> list[str]:
    """Whom to kill, in which order: everybody at least twice."""
    names = sorted(house.pids())
    drawn = [*names, *names, *chance.choices(names, k=max(0, KILLS - 2 * len(names)))]
    chance.shuffle(drawn)
    return drawn


def _kill(house: House, name: str) -> None:
    """Kill it; one that is just being started again is waited for."""
    wait_until(lambda: name in house.pids() and is_running(house.pid_of(name)), what=f"{name} running")
    os.kill(house.pid_of(name), signal.SIGKILL)


@pytest.mark.clause("R228/81-1", "R228/81")
def test_nothing_is_lost_and_nothing_is_told_twice(
    fresh_house: House, record_testsuite_property: Callable[[str, object], None]
) -> None:
    seed = int(os.environ.get("SENIM_TEST_SEED") or random.SystemRandom().randrange(2**32))
    record_testsuite_property("seed", seed)
    chance = random.Random(seed)  # noqa: S311 - chooses whom to kill
    house = fresh_house.start()
    lines = list(_lines(chance))
    victims = _victims(house, chance)
    record_testsuite_property("killed", str(dict(Counter(victims))))
    pause = SECONDS / len(lines)
    moments = set(chance.sample(range(len(lines)), len(victims)))
    with house.log.open("a", encoding="utf-8") as log:
        for number, line in enumerate(lines):
            log.write(line)
            log.flush()
            if number in moments:
                _kill(house, victims.pop())
            time.sleep(pause)

    def told() -> list[str]:
        return [one["about"] for one in house.regulator("list") if not one["exercise"]]

    wait_until(lambda: len(set(told())) >= ATTACKS, seconds=240, what=f"{ATTACKS} messages at the regulator")
    targets = Counter(
        one["content"]["body"]["target"] for one in house.regulator("list", "--full") if not one["exercise"]
    )
    assert targets == Counter({f"machine-{machine:03d}": 1 for machine in range(ATTACKS)})
    assert max(Counter(told()).values()) == 1
    wait_until(lambda: not house.senim("asoi", "messages", "--waiting"), seconds=120, what="every receipt")
    verified = house.command("audit", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
