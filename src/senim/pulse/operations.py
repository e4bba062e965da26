"""Saying that a loop has come round."""

import time
from collections.abc import Mapping
from datetime import datetime

from senim.kit.clock import now
from senim.pulse.models import Beat

EVERY = 5.0
"""Seconds between two beats. Our choice: one small write in five seconds for each process."""


class Pulse:
    """The pulse of the loop that does a process's work, or a part of it: `beat()` stands there and nowhere else."""

    def __init__(self, process: str, part: str = "") -> None:
        self._process, self._part = process, part
        self._beaten = float("-inf")

    @property
    def is_due(self) -> bool:
        """Whether the last beat is long enough ago."""
        return time.monotonic() - self._beaten >= EVERY

    def beat(self) -> None:
        """Write that the loop has come round, where that is due. Raises `DatabaseError`."""
        if self.is_due:
            say(self._process, {self._part: now()})
            self._beaten = time.monotonic()


def say(process: str, came_round: Mapping[str, datetime]) -> None:
    """Write when which part of `process` last came round, in one statement.

    The database refuses what a process says of another (`migrations/0002_own_beats.py`).
    """
    Beat.objects.bulk_create(
        [Beat(process=process, part=part, at=at) for part, at in sorted(came_round.items())],
        update_conflicts=True,
        unique_fields=["process", "part"],
        update_fields=["at"],
    )
