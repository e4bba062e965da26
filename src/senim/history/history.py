"""Asking the history: pages, counts, one event. Bounded in time, memory and how many ask at once.

Read from the files themselves: whoever asks needs to be able to read the folder and nothing else.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

from arro3.core import RecordBatch
from deltalake.exceptions import DeltaError

from senim.history import standing
from senim.history.errors import HistoryUnreadable, SearchesBusy, TooManyEvents, UnknownEvent
from senim.history.events import Event, Histogram, Listed, Page, Place, Shape
from senim.history.filters import Filter, condition
from senim.history.internal.columns import microseconds
from senim.history.internal.table import TABLE, Census, QuestionFailed, Reading
from senim.history.internal.walk import Walk
from senim.history.internal.words import moment, word
from senim.history.standing import Standing
from senim.kit.instance import Instance

PROCESS = "history"
"""In whose state folder the history lies."""
PAGE = 50
MOST_EXPORTED = 50_000
_PATIENCE, _COUNTING, _EXPORTING = 4.0, 4.0, 3600.0
"""Seconds after which a search, and counting, show what they have; an export is bounded by what it holds."""
_AT_ONCE, _QUEUE = 2, 5.0
_CHUNK = 1000
_CUT = 300
_GREATEST = 2**62
_MICROSECOND = timedelta(microseconds=1)
_AROUND = 5
_NEWEST_FIRST = "ORDER BY at DESC, source DESC, epoch DESC, seq DESC"
_FAILURES = (QuestionFailed, DeltaError, OSError)
_turns = threading.BoundedSemaphore(_AT_ONCE)
Answer = TypeVar("Answer")


class History:
    """The history of one instance."""

    def __init__(self, instance: Instance) -> None:
        self._folder = instance.state(PROCESS)

    def page(self, asked: Filter, after: Place | None = None, *, size: int = PAGE) -> Page[Listed]:
        """The newest events that fit, or those behind `after`.

        Raises `HistoryAbsent`, `HistoryUnreadable`, `SearchesBusy`.
        """
        return self._in_turn(lambda table: _page(table, asked, after, size, Listed, seconds=_PATIENCE))

    def histogram(self, asked: Filter, since: datetime, width: timedelta, bars: int) -> Histogram:
        """How many events that fit happened in each of `bars` stretches of `width` from `since` on.

        Raises as `page` does.
        """
        return self._in_turn(lambda table: _histogram(table, asked, since, width, bars))

    def export(self, asked: Filter) -> Iterator[Event]:
        """All events that fit, whole, newest first.

        Raises `TooManyEvents` before the first where there are more than `MOST_EXPORTED`, and as `page` does.
        """
        span = asked.until - asked.since
        counted = self.histogram(asked, asked.since, max(span, _MICROSECOND), 1)
        if counted.total > MOST_EXPORTED or not counted.is_whole:
            raise TooManyEvents
        return self._all(asked)

    def _all(self, asked: Filter) -> Iterator[Event]:
        after: Place | None = None
        while True:
            page = self._in_turn(_whole_page(asked, after))
            yield from page.events
            after = page.after
            if after is None:
                return

    def one(self, source: str, epoch: str, seq: int) -> Event:
        """The event with this place in the ledger. Raises `UnknownEvent`, and as `page` does."""
        if seq > _GREATEST:
            raise UnknownEvent
        where = f"{_in_epoch(source, epoch)} AND seq = {seq:d} LIMIT 1"
        found = self._in_turn(lambda table: _shaped(table, where, Event))
        if not found:
            raise UnknownEvent
        return found[0]

    def around(self, source: str, epoch: str, seq: int) -> list[Listed]:
        """What stands before and behind the event with this place, and the event, in their order. Raises as `page`."""
        where = f"{_in_epoch(source, epoch)} AND seq BETWEEN {seq - _AROUND:d} AND {seq + _AROUND:d} ORDER BY seq"
        return self._in_turn(lambda table: _shaped(table, where, Listed))

    def standing(self) -> Standing:
        """What the writer said of itself last."""
        return standing.read(self._folder)

    def told(self) -> Standing | None:
        """The same; None where it said nothing that can be read."""
        return standing.told(self._folder)

    def census(self) -> Census:
        """What is held of each epoch. Raises as `page` does."""
        return self._in_turn(lambda table: table.census())

    def _in_turn(self, work: Callable[[Reading], Answer]) -> Answer:
        """What `work` gives of the table as it is now; tried anew once where a file was put together meanwhile."""
        with _turn():
            try:
                return work(Reading(self._folder))
            except _FAILURES:
                return self._anew(work)

    def _anew(self, work: Callable[[Reading], Answer]) -> Answer:
        try:
            return work(Reading(self._folder))
        except _FAILURES as error:
            raise HistoryUnreadable from error


@contextmanager
def _turn() -> Iterator[None]:
    if not _turns.acquire(timeout=_QUEUE):
        raise SearchesBusy
    try:
        yield
    finally:
        _turns.release()


def _whole_page(asked: Filter, after: Place | None) -> Callable[[Reading], Page[Event]]:
    return lambda table: _page(table, asked, after, _CHUNK, Event, seconds=_EXPORTING)


def _page(
    table: Reading, asked: Filter, after: Place | None, size: int, shape: type[Shape], *, seconds: float
) -> Page[Shape]:
    bounded = asked if after is None else asked.narrowed(asked.since, after.at + _MICROSECOND)
    walk = Walk(table.parts(), bounded, seconds=seconds)
    found: list[Shape] = []
    for piece in walk:
        where = condition(piece) if after is None else f"{condition(piece)} AND {_behind(after)}"
        found += _shaped(table, f"WHERE {where} {_NEWEST_FIRST} LIMIT {size + 1 - len(found):d}", shape)
        if len(found) > size:
            last = found[size - 1].place
            return Page(tuple(found[:size]), last, last.at, is_whole=True)
    return Page(tuple(found), None, walk.reached, walk.is_whole)


def _shaped(table: Reading, which: str, shape: type[Shape]) -> list[Shape]:
    """The events that `which` names, in `shape`: a list shows the begin of each text."""
    text = f"substr(text, 1, {_CUT:d})" if shape is Listed else "text"
    names = shape.__struct_fields__
    columns = ", ".join(f'{text} AS "{name}"' if name == "text" else f'"{name}"' for name in names)
    statement = f"SELECT {columns} FROM {TABLE} {which}"  # noqa: S608 - see `internal.words`
    return [shape(*values) for values in _values(table.ask(statement), names)]


def _in_epoch(source: str, epoch: str) -> str:
    return f"WHERE source = {word(source)} AND epoch = {word(epoch)}"


def _behind(place: Place) -> str:
    """What stands behind `place` in the order of lists."""
    same = ""
    for name, value in (("seq", f"{place.seq:d}"), ("epoch", word(place.epoch)), ("source", word(place.source))):
        same = f"({name} < {value}{f' OR ({name} = {value} AND {same})' if same else ''})"
    return f"(at < {moment(place.at)} OR (at = {moment(place.at)} AND {same}))"


def _histogram(table: Reading, asked: Filter, since: datetime, width: timedelta, bars: int) -> Histogram:
    step = width // _MICROSECOND
    walk = Walk(table.parts(), asked, seconds=_COUNTING)
    counts: dict[str, list[int]] = {}
    for piece in walk:
        bar = f"(CAST(at AS BIGINT) - {microseconds(since):d}) / {step:d}"
        where = condition(piece)
        statement = f"SELECT {bar} AS bar, source, count(*) AS events FROM {TABLE} WHERE {where} GROUP BY 1, 2"  # noqa: S608 - see `internal.words`
        for number, source, events in _values(table.ask(statement), ("bar", "source", "events")):
            if 0 <= number < bars:
                counts.setdefault(source, [0] * bars)[number] += events
    drawn = {source: tuple(counts[source]) for source in sorted(counts)}
    return Histogram(since, width, bars, drawn, walk.reached, walk.is_whole)


def _values(batches: Iterable[RecordBatch], names: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    for batch in batches:
        yield from zip(*(batch[name].to_pylist() for name in names), strict=True)
