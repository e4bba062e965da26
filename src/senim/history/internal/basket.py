"""What the writer has taken from the stream and not committed yet."""

import time
from dataclasses import dataclass, field

from nats.aio.msg import Msg

from senim.history.events import Event
from senim.history.internal import columns
from senim.history.internal.table import Epoch
from senim.history.spans import Spans
from senim.telemetry.frames import Frame

_COMMIT_EVERY = 2.0
"""Seconds after which what was taken is committed: how far the history lies behind when all is well."""
_MOST_ROWS, _MOST_BYTES = 20_000, 8 * 1024 * 1024
"""Of one commit. The last frame may go beyond it."""


@dataclass
class Basket:
    """Rows that wait for the next commit, and the messages that brought them."""

    rows: list[Event] = field(default_factory=list)
    messages: list[Msg] = field(default_factory=list)
    numbers: dict[Epoch, Spans] = field(default_factory=dict)
    size: int = 0
    since: float = field(default_factory=time.monotonic)

    def put(self, frame: Frame, held: Spans) -> None:
        """Put in the lines of `frame` that are neither `held` nor here."""
        here = self.numbers.setdefault((frame.source, frame.epoch), Spans())
        for row in columns.rows(frame, held):
            if row.seq not in here:
                here.add(row.seq, row.seq)
                self.rows.append(row)
                self.size += len(row.text)

    @property
    def is_due(self) -> bool:
        """Whether it is time to commit."""
        is_full = len(self.rows) >= _MOST_ROWS or self.size >= _MOST_BYTES
        return bool(self.messages) and (is_full or time.monotonic() - self.since >= _COMMIT_EVERY)
