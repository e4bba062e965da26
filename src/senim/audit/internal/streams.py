"""The log's tables read from end to end in one snapshot, a few thousand rows at a time."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from senim.audit.internal import leaf
from senim.audit.internal.merkle import Place
from senim.audit.internal.moves import Spot
from senim.audit.internal.walk import Sealed, Stored

_CHUNK = 2000
_LEAVES = f"""
SELECT l.index, l.row_id::text, l.hash, {leaf.COLUMNS}
FROM audit_leaf l LEFT JOIN audit_auditrow r ON r.id = l.row_id ORDER BY l.index
"""  # noqa: S608 - only our own column names are joined in
# By the leaf that completes the subtree. Numeric: no made-up level or index may overflow and hide behind an error.
_NODES = """
SELECT (index::numeric + 1) * power(2::numeric, level), level, index, hash
FROM audit_node ORDER BY 1, level
"""
_CHECKPOINTS = "SELECT size, root, note FROM audit_checkpoint ORDER BY size"
_UNLEAVED = """
SELECT r.id::text, u.row_id IS NOT NULL, r.at < %s
FROM audit_auditrow r LEFT JOIN audit_leaf l ON l.row_id = r.id LEFT JOIN audit_unsealed u ON u.row_id = r.id
WHERE l.row_id IS NULL ORDER BY r.id
"""
_LOST = """
SELECT u.row_id::text FROM audit_unsealed u LEFT JOIN audit_auditrow r ON r.id = u.row_id
WHERE r.id IS NULL ORDER BY u.row_id
"""


@contextmanager
def snapshot() -> Iterator[None]:
    """Let every read inside see the same moment, whatever the sealer does meanwhile.

    A caller's own transaction is taken as it is: its isolation is the caller's choice.
    """
    is_ours = not connection.in_atomic_block
    with transaction.atomic():
        if is_ours:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


class StoredCheckpoint(NamedTuple):
    """A checkpoint as its columns have it."""

    size: int
    root: bytes
    note: str


class Unleaved(NamedTuple):
    """A row that has no leaf."""

    row: str
    is_waiting: bool
    """Whether it is in the sealer's queue."""
    is_old: bool


class Streams:
    """Readers over server-side cursors, to be used inside `snapshot`."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def _rows(self, statement: str, values: Sequence[datetime] = ()) -> Iterator[tuple[Any, ...]]:
        cursor = self._stack.enter_context(connection.chunked_cursor())
        cursor.execute(statement, values)
        while chunk := cursor.fetchmany(_CHUNK):
            yield from chunk

    def leaves(self) -> Iterator[Sealed]:
        """Every leaf in order, beside its row."""
        for index, row, stored, *values in self._rows(_LEAVES):
            now = None if values[0] is None else leaf.hash_of(leaf.fields(values))
            yield Sealed(Spot(index, row, bytes(stored)), now)

    def nodes(self) -> Iterator[Stored]:
        """Every node, by the leaf that completes its subtree, lower levels first."""
        for end, level, index, stored in self._rows(_NODES):
            yield Stored(int(end), Place(level, index), bytes(stored))

    def checkpoints(self) -> Iterator[StoredCheckpoint]:
        """Every stored checkpoint by size."""
        for size, root, note in self._rows(_CHECKPOINTS):
            yield StoredCheckpoint(size, bytes(root), note)

    def unleaved(self, *, old: datetime) -> Iterator[Unleaved]:
        """Every row without a leaf; old are those written before `old`."""
        yield from (Unleaved(*found) for found in self._rows(_UNLEAVED, [old]))

    def lost(self) -> Iterable[str]:
        """Identifiers of rows that wait for their seal and do not exist."""
        return [row for (row,) in self._rows(_LOST)]
