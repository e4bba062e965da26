"""Events as they are kept and found, their place in the list, and what a search gives.

The line itself is kept once. `text` is the line as people and rules see it; `raw` stands beside it only where the bytes
differ from it (control bytes, broken UTF-8), so that the very line, and with it its SHA-256, can always be had. What a
parser makes of a line beyond these fields is made again when somebody looks (`fields`).
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import msgspec

from senim.telemetry import parsers
from senim.telemetry.frames import Line
from senim.telemetry.parsers.observed import Fields


class Place(msgspec.Struct, frozen=True):
    """Where an event stands among all: lists go from the newest to the oldest, whatever is added meanwhile."""

    at: datetime
    source: str
    epoch: str
    seq: int


class Event(msgspec.Struct, frozen=True):
    """One event, whole."""

    day: str
    """UTC day on which the line was read. What a line claims of its own time has no say in where it lies and when it
    leaves."""
    source: str
    epoch: str
    seq: int
    at: datetime
    """When it happened, as far as its line is believed."""
    read_at: datetime
    kind: str
    host: str
    zone: str
    action: str
    address: str
    user: str
    text: str
    raw: bytes | None
    """The line's bytes where they are not `text` in UTF-8."""
    flaw: str

    @property
    def line(self) -> bytes:
        """The line as it stood in its source, without its newline."""
        return self.text.encode() if self.raw is None else self.raw

    @property
    def sha256(self) -> str:
        """Of the line, computed when asked: kept beside the text it would prove nothing that the text does not.

        What proves is the same hash in an alert that cites the line.
        """
        return hashlib.sha256(self.line).hexdigest()

    @property
    def place(self) -> Place:
        """Its place in lists."""
        return Place(self.at, self.source, self.epoch, self.seq)

    @property
    def fields(self) -> Fields:
        """What this release's parser makes of the line; nothing where it has none for this kind."""
        if self.kind not in parsers.PARSERS:
            return {}
        line = Line(self.seq, self.read_at.timestamp(), self.line, self.flaw)
        return parsers.parse(self.kind, line, self.host, self.zone).fields


class Listed(msgspec.Struct, frozen=True):
    """One event as a list shows it."""

    source: str
    epoch: str
    seq: int
    at: datetime
    read_at: datetime
    kind: str
    host: str
    action: str
    address: str
    user: str
    text: str
    """Cut short."""

    @property
    def place(self) -> Place:
        """Its place in the list."""
        return Place(self.at, self.source, self.epoch, self.seq)


Shape = TypeVar("Shape", Event, Listed)


class Page(msgspec.Struct, Generic[Shape], frozen=True):
    """Some of the events that were asked for, newest first."""

    events: tuple[Shape, ...]
    after: Place | None
    """Behind which event the next page begins; None where there is none behind it, or where time was up."""
    searched_since: datetime
    """Everything that happened from here on has been looked at."""
    is_whole: bool
    """Whether nothing is left to look at before that: false where time was up."""


class Histogram(msgspec.Struct, frozen=True):
    """How many events happened when, by source."""

    since: datetime
    width: timedelta
    """Of one bar."""
    bars: int
    counts: Mapping[str, tuple[int, ...]]
    """Source → events in each bar, oldest first."""
    counted_since: datetime
    """Earlier bars were not counted: time was up."""
    is_whole: bool

    @property
    def total(self) -> int:
        """All that was counted."""
        return sum(sum(counts) for counts in self.counts.values())
