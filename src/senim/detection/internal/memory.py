"""Groups of correlation: in the database for good, and in this process while they are in use.

A group that an attack keeps growing is read once and then only added to: what a transaction writes is what it changed,
however much the group holds by now. What the process holds is true as long as nobody else wrote; a row says who wrote
last, and whoever finds another name there reads everything anew.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import msgspec
from django.db import connection, transaction

from senim.detection.internal import unsaid
from senim.detection.internal.building import Correlation
from senim.detection.internal.correlate import Group, Mark, Microseconds
from senim.detection.internal.engine import moment
from senim.detection.models import Remembered, RememberedMark, Turn
from senim.kit.ids import new_id

MOST_HELD = 50_000
"""Marks held in the process; beyond them the groups that were asked for longest ago are let go, and read again."""
MOST_JUDGED = 500
"""Groups that are judged in one transaction."""
_group = msgspec.msgpack.Decoder(Group)
_mark = msgspec.msgpack.Decoder(Mark)
_encoder = msgspec.msgpack.Encoder()
# Hundreds of rows a second: columns as arrays cost a third of what a statement composed row by row does.
_HEADS = """
INSERT INTO detection_remembered (id, rule, revision, state, read_at, due_at)
SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::bytea[], %s::timestamptz[], %s::timestamptz[])
ON CONFLICT (id) DO UPDATE SET state = EXCLUDED.state, read_at = EXCLUDED.read_at, due_at = EXCLUDED.due_at
"""
_MARKS = """
INSERT INTO detection_rememberedmark (id, group_id, state)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::bytea[])
ON CONFLICT (id) DO UPDATE SET state = EXCLUDED.state
"""
Written = tuple[Mark, bool, bool, tuple[str, ...], int, bool]
"""A mark, and what of it can change, as it was written."""


@dataclass
class _Held:
    """A group, and how the database has it."""

    rule: Correlation
    group: Group = field(default_factory=Group)
    head: bytes = b""
    """The group without its marks."""
    written: dict[int, Written] = field(default_factory=dict)
    """By the mark's identity in this process."""


class Rows:
    """The memory of a detector (an `engine.Memory`), used within `transaction` only."""

    def __init__(self, most_held: int = MOST_HELD) -> None:
        self._most = most_held
        self._name = new_id()
        self._held: OrderedDict[UUID, _Held] = OrderedDict()
        self._asked: dict[UUID, _Held] = {}
        self._counted = 0
        """Marks in what is held, as of the last `_store`."""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A database transaction in which this detector alone correlates; what it changed is written at its end.

        Where it fails, the process forgets what it held: only what committed is true.
        """
        try:
            with transaction.atomic():
                self._take_turn()
                yield
                self._store()
        except BaseException:
            self._clear()
            raise
        finally:
            self._asked = {}
        self._let_go()

    def prefetch(self, rule: Correlation, keys: Collection[str]) -> None:
        """Read the groups `keys` of `rule` that are not held, all at once."""
        asked = {_id(rule, key) for key in keys}
        if missing := {pk for pk in asked if pk not in self._held}:
            read = _read(rule, missing)
            self._held.update({pk: read.get(pk) or _Held(rule) for pk in missing})
            self._counted += sum(len(held.written) for held in read.values())
        self._asked.update({pk: self._held[pk] for pk in asked})

    def group(self, rule: Correlation, key: str) -> Group:
        """The group `key` of `rule`."""
        self.prefetch(rule, (key,))
        return self._held[_id(rule, key)].group

    def due(self, until: Microseconds) -> Mapping[str, Collection[str]]:
        """Rule → some of its groups in which something waits that is due before `until`, the latest last."""
        rows = Remembered.objects.filter(due_at__lt=moment(until)).order_by("due_at", "id")
        found: dict[str, list[str]] = {}
        for rule, state in rows.values_list("rule", "state")[:MOST_JUDGED]:
            found.setdefault(rule, []).append(_group.decode(state).key)
        return found

    def forget(self, groups: Collection[UUID]) -> None:
        """Remove `groups` for good."""
        Remembered.objects.filter(pk__in=groups).delete()
        for pk in groups:
            if pk in self._held:
                self._counted -= len(self._held.pop(pk).written)

    def _take_turn(self) -> None:
        """Wait until nobody else correlates (advisory lock), and read anew where another wrote since the last turn."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('detection.correlation', 0))")
        if not Turn.objects.filter(pk=Turn.ONLY, holder=self._name).exists():
            self._clear()
            Turn.objects.update_or_create(pk=Turn.ONLY, defaults={"holder": self._name})

    def _store(self) -> None:
        """Write what changed since it was read or written last."""
        self._counted += _write({pk: held for pk, held in self._asked.items() if held.group.marks or held.written})
        for pk in self._asked:
            self._held.move_to_end(pk)

    def _let_go(self) -> None:
        while self._held and self._counted > self._most:
            _, held = self._held.popitem(last=False)
            self._counted -= len(held.written)

    def _clear(self) -> None:
        self._held.clear()
        self._counted = 0


def _id(rule: Correlation, key: str) -> UUID:
    """A group's identifier: of its rule's text as well, so that a changed rule begins anew."""
    return UUID(bytes=sha256(f"{rule.about.id}/{rule.about.revision}/{key}".encode()).digest()[:16])


def _read(rule: Correlation, groups: Collection[UUID]) -> dict[UUID, _Held]:
    heads = Remembered.objects.filter(pk__in=groups).values_list("pk", "state")
    found = {pk: _Held(rule, _group.decode(state), bytes(state)) for pk, state in heads}
    for pk, state in RememberedMark.objects.filter(group__in=found).values_list("group_id", "state"):
        found[pk].group.marks.append(_mark.decode(state))
    for held in found.values():
        held.group.marks.sort(key=lambda mark: mark.order)
        held.written = {id(mark): _as_it_is(mark) for mark in held.group.marks}
    return found


def _write(asked: dict[UUID, _Held]) -> int:
    """Write what changed; by how many marks there are more now."""
    heads: list[tuple[object, ...]] = []
    marks: list[tuple[object, ...]] = []
    gone: list[UUID] = []
    more = 0
    for pk, held in asked.items():
        many = len(held.written)
        changed, let_go = _changes(held)
        marks += [(_mark_id(pk, mark), pk, _encoder.encode(mark)) for mark in changed]
        gone += [_mark_id(pk, mark) for mark in let_go]
        more += len(held.written) - many
        head = _encoder.encode(msgspec.structs.replace(held.group, marks=[]))
        if changed or head != held.head:
            heads.append(_row(pk, held, head))
        held.head = head
    with connection.cursor() as cursor:
        if gone:
            cursor.execute("DELETE FROM detection_rememberedmark WHERE id = ANY(%s)", [gone])
        for statement, rows in ((_HEADS, heads), (_MARKS, marks)):
            if rows:
                cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])
    return more


def _changes(held: _Held) -> tuple[list[Mark], list[Mark]]:
    """The marks that are not written as they are, and those that are written and no more; `written` follows them."""
    written, marks = held.written, held.group.marks
    changed = [mark for mark in marks if written.get(id(mark)) != _as_it_is(mark)]
    written.update({id(mark): _as_it_is(mark) for mark in changed})
    if len(written) == len(marks):
        return changed, []
    left = {id(mark) for mark in marks}
    return changed, [written.pop(key)[0] for key in list(written) if key not in left]


def _as_it_is(mark: Mark) -> Written:
    return mark, mark.came_true, mark.noted, mark.told, mark.amount, mark.judged


def _row(pk: UUID, held: _Held, state: bytes) -> tuple[object, ...]:
    """A group as `_HEADS` writes it."""
    about, due = held.rule.about, unsaid.due(held.rule, held.group)
    due_at = None if due is None else moment(due)
    return pk, about.id, about.revision, state, _newest_read(held.group), due_at


def _mark_id(group: UUID, mark: Mark) -> UUID:
    return UUID(bytes=sha256(group.bytes + _encoder.encode(mark.order)).digest()[:16])


def _newest_read(group: Group) -> datetime:
    return moment(max((mark.read_at for mark in group.marks), default=group.oldest_read))
