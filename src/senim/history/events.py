"""Events as they are found, their place in the list, and what a search gives."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec


class Place(msgspec.Struct, frozen=True):
    """Where an event stands among all: lists go from the newest to the oldest, whatever is added meanwhile."""

    at: datetime
    source: str
    epoch: str
    seq: int


class Event(msgspec.Struct, frozen=True):
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
    """In a list cut short, in an export whole."""

    @property
    def place(self) -> Place:
        """Its place in the list."""
        return Place(self.at, self.source, self.epoch, self.seq)


class Page(msgspec.Struct, frozen=True):
    """Some of the events that were asked for, newest first."""

    events: tuple[Event, ...]
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
