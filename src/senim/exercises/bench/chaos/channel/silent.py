"""Three days without ASOI: messages pile up and wait as files, batches of events wait; then all of it catches up.

An hour is a second here, by the settings and not by a made-up clock: files are written after an hour, two tries are
never more than an hour apart. What goes by a clock itself is tried in `tests/asoi/test_three_days.py`.
"""

import datetime
import time
from datetime import UTC
from pathlib import Path
from typing import LiteralString

from senim.exercises.bench.chaos.channel.outbox import Told
from senim.exercises.bench.chaos.channel.scene import SENDER, Scene
from senim.exercises.errors import NotMeasured

HOURS = 72
_BETWEEN, _MESSAGES = 3, 3
"""Hours between two incidents, and messages about each."""
_LINE = ("chaos-quiet", "Accepted publickey for deploy from 192.0.2.7 port 4242 ssh2: ED25519 SHA256:{:043d}")
_BATCHES: LiteralString = "SELECT state, count(*) FROM asoi_message WHERE kind = 'EventBatch' GROUP BY state"
_EVENTS = "EventBatch"


def three_days(scene: Scene, hours: int = HOURS) -> tuple[list[Told], bool]:
    """Let the regulator be silent for so many hours: what was told meanwhile, and whether it went as it has to."""
    scene.misbehave("down")
    began = datetime.datetime.now(tz=UTC)
    told = _pass(scene, hours)
    waits = _waits(scene, told)
    ended = datetime.datetime.now(tz=UTC)
    caught_up = scene.deliver(told) and scene.stage.comes_true(lambda: _is_complete(scene, hours))
    is_tidy = scene.stage.comes_true(lambda: not _files(scene))
    is_silent = not any(began < _moment(one["received_at"]) < ended for one in scene.received())
    return told, waits and caught_up and is_tidy and is_silent


def _pass(scene: Scene, hours: int) -> list[Told]:
    """The hours pass: a line an hour, an incident every third, and once in the middle the sender is killed."""
    told: list[Told] = []
    for hour in range(hours):
        scene.stage.log.write(_LINE[0], _LINE[1].format(hour))
        if hour % _BETWEEN == 0:
            told += scene.outbox.tell(1, _MESSAGES)
        if hour == hours // 2:
            scene.stage.kill(SENDER)
        time.sleep(1.0)
    return told


def _waits(scene: Scene, told: list[Told]) -> bool:
    """Whether each message comes to wait as a file, a batch of events waits too, and none of those as a file."""
    # R228/81, R228/81-1: or in electronic format; R228/81-2: events go into ASOI and no other way.
    names = {f"{one.id}.p7m" for one in told}
    return (
        scene.stage.comes_true(lambda: scene.outbox.states(told) == {"exported"})
        and scene.stage.comes_true(lambda: {path.name for path in _files(scene)} == names)
        and scene.stage.comes_true(lambda: _batches(scene).keys() & {"queued", "sealed"} != set())
        and "exported" not in _batches(scene)
    )


def _files(scene: Scene) -> list[Path]:
    return list((scene.house.home / "state" / "asoi" / "outgoing").iterdir())


def _batches(scene: Scene) -> dict[str, int]:
    return {str(state): int(count) for state, count in scene.outbox.asked(_BATCHES)}


def _is_complete(scene: Scene, lines: int) -> bool:
    """Whether the regulator has every batch of events and misses no number of one, by its own reckoning."""
    try:
        chains = scene.house.regulator("completeness")
    except NotMeasured:  # it misses something, and says so by its exit code
        return False
    return _batches(scene).keys() == {"delivered"} and sum(each["events"] for each in chains) >= lines


def _moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text)
