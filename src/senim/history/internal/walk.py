"""Going through time from the newest moment to the oldest, in pieces that are quick to ask, until time is up.

The engine cannot be stopped in the middle of a question, so each question is kept short: the next piece of time is
wider when the last was answered quickly and narrower when it was slow. Times in which nothing happened are skipped.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from senim.history.filters import Filter
from senim.history.internal.table import Part

_FIRST, _NARROWEST, _WIDEST = timedelta(minutes=15), timedelta(seconds=10), timedelta(days=31)
_QUICK, _SLOW = 0.2, 0.6
_COARSE = timedelta(milliseconds=1)
"""The log of the table keeps moments to the millisecond."""


class Walk:
    """The pieces of one search, newest first."""

    def __init__(self, parts: Sequence[Part], asked: Filter, *, seconds: float) -> None:
        self._asked = asked
        self._times = [(part.earliest, part.latest + _COARSE) for part in parts if _may_hold(part, asked)]
        self._deadline = time.monotonic() + seconds
        self.reached = asked.until
        """Everything from here on has been looked at."""

    def __iter__(self) -> Iterator[Filter]:
        """The pieces; the time between two of them counts as the answer to the first."""
        width = _FIRST
        while self.reached > self._asked.since:
            until = self._busy_before(self.reached)
            if until is None:
                self.reached = self._asked.since
                return
            since = max(self._asked.since, until - width)
            began = time.monotonic()
            yield self._asked.narrowed(since, until)
            self.reached = since
            ended = time.monotonic()
            if ended > self._deadline:
                return
            width = _next(width, ended - began)

    @property
    def is_whole(self) -> bool:
        """Whether all of the time asked for has been looked at."""
        return self.reached <= self._asked.since

    def _busy_before(self, moment: datetime) -> datetime | None:
        """The latest moment up to `moment` before which there may be events; None where there are none."""
        ends = [min(latest, moment) for earliest, latest in self._times if earliest < moment]
        return max((end for end in ends if end > self._asked.since), default=None)


def _may_hold(part: Part, asked: Filter) -> bool:
    return not asked.source or asked.source.endswith("*") or part.source == asked.source


def _next(width: timedelta, took: float) -> timedelta:
    if took < _QUICK:
        return min(width * 4, _WIDEST)
    return max(width / 2, _NARROWEST) if took > _SLOW else width
