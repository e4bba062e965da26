"""The Delta table of events: written by one process, read by any.

Statistics in its log are kept of numbers and moments only, so that no text of an event stands anywhere but in its own
day's files and leaves with them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from arro3.core import RecordBatch
from deltalake import (
    CommitProperties,
    DeltaTable,
    PostCommitHookProperties,
    QueryBuilder,
    Transaction,
    WriterProperties,
    write_deltalake,
)
from deltalake.exceptions import TableNotFoundError

from senim.history.errors import HistoryAbsent
from senim.history.events import Event
from senim.history.internal import columns, durable
from senim.history.internal.words import word
from senim.history.spans import Span, Spans

Epoch = tuple[str, str]
"""Source and epoch."""
Place = tuple[str, str, str]
"""Day, source and epoch: one folder."""
TABLE = "events"
_WRITER = "history"
_SETTINGS = {
    "delta.dataSkippingStatsColumns": "seq,at,read_at",
    "delta.logRetentionDuration": "interval 1 days",
    "delta.deletedFileRetentionDuration": "interval 1 hours",
}
_FORM = WriterProperties(compression="ZSTD", compression_level=3, max_row_group_size=64 * 1024)
# Checkpoints and old log entries are looked after apart from commits, so that each commit is one file to sync.
_ONLY_COMMIT = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
_TOGETHER = 16 * 1024 * 1024
"""Bytes up to which files are put together: two that are smaller than half of it always fit."""
_MOST_SMALL = 50
"""Such files in one day of one epoch from which on they are."""
_CHECKPOINT_EVERY = 100
_KEEP_REPLACED_HOURS = 1
"""How long files that were put together or whose day has left still lie there for readers that began before."""
_FROM_LOG = (
    "path",
    *(f"partition.{name}" for name in columns.PARTITIONS),
    "size_bytes",
    "num_records",
    "min.seq",
    "max.seq",
    "min.at",
    "max.at",
    "max.read_at",
)
_MOST_HOLED = 1000
_holed: dict[str, tuple[Span, ...]] = {}
"""What files with holes hold, by their path: a file never changes."""
# One core for each question, small batches of whatever length the lines have, and an end to what it may hold.
_LIMITS = (
    "SET datafusion.execution.target_partitions = 1",
    "SET datafusion.execution.batch_size = 1024",
    "SET datafusion.runtime.memory_limit = '256M'",
)


@dataclass(frozen=True)
class Part:
    """One file of the table, as its log describes it."""

    path: str
    day: str
    source: str
    epoch: str
    size: int
    rows: int
    first: int
    last: int
    earliest: datetime
    latest: datetime
    newest_read: datetime


class QuestionFailed(Exception):
    """The engine could not answer: a file is gone or broken, or the answer would not fit."""


class Census(NamedTuple):
    """What the table holds of each epoch."""

    held: dict[Epoch, Spans]
    read_until: dict[Epoch, datetime]
    """When the newest held line was read."""


class Reading:
    """The table as it is at this moment, for questions. Writes nothing."""

    def __init__(self, folder: Path) -> None:
        """Raises `HistoryAbsent` where there is no table."""
        try:
            self._table = DeltaTable(folder / TABLE)
        except TableNotFoundError:
            raise HistoryAbsent from None

    def parts(self) -> list[Part]:
        """Every file."""
        return _parts(self._table)

    def census(self) -> Census:
        """What the files hold of each epoch, and until when."""
        read_until: dict[Epoch, datetime] = {}
        for part in self.parts():
            epoch = part.source, part.epoch
            read_until[epoch] = max(part.newest_read, read_until.get(epoch, part.newest_read))
        return Census(_held(self._table), read_until)

    def ask(self, statement: str) -> list[RecordBatch]:
        """What `statement` gives. Every word in it is ours, except what `internal.words` has written.

        Raises `QuestionFailed`.
        """
        return _ask(self._table, statement)


def _ask(table: DeltaTable, statement: str) -> list[RecordBatch]:
    session = QueryBuilder().register(TABLE, table)
    try:
        for limit in _LIMITS:
            session.execute(limit).read_all()
        return list(session.execute(statement))
    except Exception as error:  # the engine's stream raises this very class and nothing narrower
        raise QuestionFailed(str(error)) from error


class Table:
    """The table as its one writer has it."""

    def __init__(self, state: Path) -> None:
        """Open it, made where there is none, cut back to its last whole commit."""
        self._state = state
        self._folder = state / TABLE
        durable.cut_back(self._folder, state)
        self._table = self._opened()
        self._settle(durable.marked(state))
        self.held = _held(self._table)
        """What it holds of each epoch."""
        self._small = _small_files(self._table)

    def _opened(self) -> DeltaTable:
        try:
            return DeltaTable(self._folder)
        except TableNotFoundError:
            return DeltaTable.create(
                self._folder, columns.delta_schema(), partition_by=list(columns.PARTITIONS), configuration=_SETTINGS
            )

    def _settle(self, since: int) -> None:
        durable.settle(self._folder, self._state, since, self._table.version())

    def append(self, rows: Sequence[Event]) -> None:
        """Add `rows`, none of which is held; on disk when this returns.

        Raises `DeltaError` or `OSError`: then nobody knows whether they are in, and the table must be opened anew.
        """
        before = self._table.version()
        write_deltalake(
            self._table,
            columns.table(rows),
            mode="append",
            writer_properties=_FORM,
            commit_properties=self._turn(),
            post_commithook_properties=_ONLY_COMMIT,
        )
        self._settle(before)
        for row in rows:
            self.held.setdefault((row.source, row.epoch), Spans()).add(row.seq, row.seq)
        for place in {(row.day, row.source, row.epoch) for row in rows}:
            self._small[place] = self._small.get(place, 0) + 1

    def _turn(self) -> CommitProperties:
        """Each commit names itself the writer's next: a second writer's commit conflicts instead of doubling lines."""
        done = self._table.transaction_version(_WRITER)
        return CommitProperties(app_transactions=[Transaction(_WRITER, (done or 0) + 1)], max_commit_retries=0)

    def put_together(self) -> bool:
        """Make one file of many small ones, in one place. False where there was nothing to do."""
        place = next((place for place, count in self._small.items() if count > _MOST_SMALL), None)
        if place is None:
            return False
        before = self._table.version()
        self._table.optimize.compact(
            partition_filters=[(name, "=", value) for name, value in zip(columns.PARTITIONS, place, strict=True)],
            target_size=_TOGETHER,
            max_concurrent_tasks=1,
            writer_properties=_FORM,
            post_commithook_properties=_ONLY_COMMIT,
        )
        self._settle(before)
        self._small = _small_files(self._table)
        return True

    def remove_days(self, before: str) -> None:
        """Let go of every day before the day `before`; readers that began earlier may still see it for an hour."""
        version = self._table.version()
        self._table.delete(f"day < '{before}'", post_commithook_properties=_ONLY_COMMIT)
        self._settle(version)
        self.held = _held(self._table)
        self._small = _small_files(self._table)

    def days(self, before: str) -> dict[Place, Spans]:
        """What each day before the day `before` holds of each epoch."""
        found: dict[Place, Spans] = defaultdict(Spans)
        for part in _parts(self._table):
            if part.day >= before:
                continue
            for first, last in _spans(self._table, part):
                found[part.day, part.source, part.epoch].add(first, last)
        return dict(found)

    def tidy(self) -> None:
        """Take replaced and orphaned files off the disk, and shorten the log."""
        hours = _KEEP_REPLACED_HOURS
        self._table.vacuum(hours, dry_run=False, enforce_retention_duration=False, full=True)
        self._table.update_incremental()
        version = self._table.version()
        self._settle(durable.marked(self._state))
        if version and not any(self._checkpoint_is_young(version)):
            self._table.create_checkpoint()
            durable.sync_checkpoint(self._folder, version)
            self._table.cleanup_metadata()

    def _checkpoint_is_young(self, version: int) -> list[bool]:
        names = (self._folder / durable.LOG).glob("*.checkpoint*.parquet")
        return [version - int(path.name.partition(".")[0]) < _CHECKPOINT_EVERY for path in names]


def _parts(table: DeltaTable) -> list[Part]:
    found = table.get_add_actions(flatten=True)
    return [Part(*values) for values in zip(*(found[name].to_pylist() for name in _FROM_LOG), strict=True)]


def _held(table: DeltaTable) -> dict[Epoch, Spans]:
    held: dict[Epoch, Spans] = defaultdict(Spans)
    for part in _parts(table):
        for first, last in _spans(table, part):
            held[part.source, part.epoch].add(first, last)
    return dict(held)


def _spans(table: DeltaTable, part: Part) -> tuple[Span, ...]:
    """What one file holds: one span where it has as many rows as numbers, else its rows are asked, once."""
    if part.rows == part.last - part.first + 1:
        return ((part.first, part.last),)
    known = _holed.get(part.path)
    if known is None:
        if len(_holed) >= _MOST_HOLED:
            _holed.clear()
        known = _holed[part.path] = tuple(_islands(table, part))
    return known


def _islands(table: DeltaTable, part: Part) -> Iterator[Span]:
    """The spans of the rows that lie in the folder of `part` between its smallest and its greatest number."""
    where = f"day = {word(part.day)} AND source = {word(part.source)} AND epoch = {word(part.epoch)}"
    numbered = "SELECT seq, seq - CAST(row_number() OVER (ORDER BY seq) AS BIGINT) AS island"
    rows = f"{numbered} FROM {TABLE} WHERE {where} AND seq BETWEEN {part.first:d} AND {part.last:d}"
    statement = f"SELECT min(seq) AS first, max(seq) AS last FROM ({rows}) GROUP BY island"  # noqa: S608 - see `words`
    for batch in _ask(table, statement):
        yield from zip(batch["first"].to_pylist(), batch["last"].to_pylist(), strict=True)


def _small_files(table: DeltaTable) -> dict[Place, int]:
    small = [part for part in _parts(table) if part.size < _TOGETHER / 2]
    return dict(Counter((part.day, part.source, part.epoch) for part in small))
