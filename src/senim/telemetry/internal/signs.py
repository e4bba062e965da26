"""When a source that gives nothing is to show that it is being read all the same.

A sign of life is a frame without lines: it goes through the stream and detection into the ledger like every other, and
proves the way. Whatever was sent counts as one, so a source that gives lines gives no signs. While detection has not
taken the last one, the next waits twice as long, up to an hour: a detection that stands still for days finds a few
dozen of them, and the first that it takes sets the usual pace again. Signs go at moments that all sources share:
whoever reads frames takes what comes together in one transaction, and a quiet house has little else to do.
"""

import math
import time
from collections.abc import Callable
from datetime import datetime

from senim.pulse.operations import EVERY
from senim.telemetry.frames import Frame

LONGEST = 3600.0


class Signs:
    """The signs of life of one source."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sent: datetime | None = None
        self._sent_at = clock() - 2 * LONGEST
        self._is_taken = True
        self._pause = EVERY

    @property
    def is_due(self) -> bool:
        """Whether the stream has had nothing of the source for long enough."""
        due = self._sent_at + self._pause
        return self._clock() >= math.floor(due / EVERY + 0.5) * EVERY

    def sent(self, frame: Frame) -> None:
        """The stream has `frame`, a sign or lines."""
        if not frame.lines:
            self._pause = EVERY if self._is_taken else min(self._pause * 2, LONGEST)
        self._sent, self._sent_at, self._is_taken = frame.read_until, self._clock(), False

    def taken(self, read_until: datetime | None) -> None:
        """The ledger has what was read until then."""
        if self._sent is None or (read_until is not None and read_until >= self._sent):
            self._is_taken, self._pause = True, EVERY
