"""Groups of correlation: in the database for good, and in this process while they are in use.

A group that an attack keeps growing is read once and then only added to: what a transaction writes is what it changed,
however much the group holds by now. What the process holds is true as long as nobody else wrote; a row says who wrote
last, and whoever finds another name there reads everything anew.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

import msgspec
from django.db import connection, transaction

from senim.detection.internal.building import Correlation
from senim.detection.internal.correlate import Group, Mark
from senim.detection.internal.engine import moment
from senim.detection.models import Remembered, RememberedMark, Turn
from senim.kit.ids import new_id

MOST_HELD = 50_000
"""Marks held in the process; beyond them the groups that were asked for longest ago are let go, and read again."""
_group = msgspec.msgpack.Decoder(Group)
_mark = msgspec.msgpack.Decoder(Mark)
_encoder = msgspec.msgpack.Encoder()
_Order = tuple[int, str, str, int, int]
_Notes = tuple[bool, bool, tuple[str, ...]]


@dataclass
class _Held:
    """A group, and how the database has it."""

    rule: Correlation
    group: Group = field(default_factory=Group)
    head: bytes = b""
    """The group without its marks."""
    marks: dict[_Order, _Notes] = field(default_factory=dict)
    """What of a mark can change: mark → its notes."""


class Rows:
    """The memory of a detector (an `engine.Memory`), used within `transaction` only."""

    def __init__(self, most_held: int = MOST_HELD) -> None:
        self._most = most_held
        self._name = new_id()
        self._held: OrderedDict[UUID, _Held] = OrderedDict()
        self._asked: dict[UUID, _Held] = {}

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
            self._held.clear()
            raise
        finally:
            self._asked = {}
        self._let_go()

    def prefetch(self, rule: Correlation, keys: Collection[str]) -> None:
        """Read the groups `keys` of `rule` that are not held, all at once."""
        asked = {_id(rule, key) for key in keys}
        if missing := asked - self._held.keys():
            read = _read(rule, missing)
            self._held.update({pk: read.get(pk) or _Held(rule) for pk in missing})
        self._asked.update({pk: self._held[pk] for pk in asked})

    def group(self, rule: Correlation, key: str) -> Group:
        """The group `key` of `rule`."""
        self.prefetch(rule, (key,))
        return self._held[_id(rule, key)].group

    def forget(self, groups: Collection[UUID]) -> None:
        """Remove `groups` for good."""
        Remembered.objects.filter(pk__in=groups).delete()
        for pk in groups:
            self._held.pop(pk, None)

    def _take_turn(self) -> None:
        """Wait until nobody else correlates (advisory lock), and read anew where another wrote since the last turn."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('detection.correlation', 0))")
        if not Turn.objects.filter(pk=Turn.ONLY, holder=self._name).exists():
            self._held.clear()
            Turn.objects.update_or_create(pk=Turn.ONLY, defaults={"holder": self._name})

    def _store(self) -> None:
        """Write what changed since it was read or written last."""
        asked = {pk: held for pk, held in self._asked.items() if held.group.marks or held.marks}
        _write_heads(asked)
        _write_marks(asked)
        for pk in asked:
            self._held.move_to_end(pk)

    def _let_go(self) -> None:
        surplus = sum(len(held.group.marks) for held in self._held.values()) - self._most
        while surplus > 0:
            _, held = self._held.popitem(last=False)
            surplus -= len(held.group.marks)


def _id(rule: Correlation, key: str) -> UUID:
    """A group's identifier: of its rule's text as well, so that a changed rule begins anew."""
    return UUID(bytes=sha256(f"{rule.about.id}/{rule.about.revision}/{key}".encode()).digest()[:16])


def _mark_id(group: UUID, order: _Order) -> UUID:
    return UUID(bytes=sha256(group.bytes + _encoder.encode(order)).digest()[:16])


def _read(rule: Correlation, groups: Collection[UUID]) -> dict[UUID, _Held]:
    heads = Remembered.objects.filter(pk__in=groups).values_list("pk", "state")
    found = {pk: _Held(rule, _group.decode(state), bytes(state)) for pk, state in heads}
    for pk, state in RememberedMark.objects.filter(group__in=found).values_list("group_id", "state"):
        mark = _mark.decode(state)
        found[pk].group.marks.append(mark)
        found[pk].marks[mark.order] = _notes(mark)
    for held in found.values():
        held.group.marks.sort(key=lambda mark: mark.order)
    return found


def _write_heads(asked: dict[UUID, _Held]) -> None:
    rows = []
    for pk, held in asked.items():
        head = _encoder.encode(msgspec.structs.replace(held.group, marks=[]))
        read_at = max((mark.read_at for mark in held.group.marks), default=held.group.oldest_read)
        if head != held.head or any(mark.order not in held.marks for mark in held.group.marks):
            about = held.rule.about
            rows.append(Remembered(pk, about.id, about.revision, head, moment(read_at)))
        held.head = head
    if rows:
        Remembered.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["id"], update_fields=["state", "read_at"]
        )


def _write_marks(asked: dict[UUID, _Held]) -> None:
    written: list[RememberedMark] = []
    gone: list[UUID] = []
    for pk, held in asked.items():
        notes = {mark.order: _notes(mark) for mark in held.group.marks}
        written += [
            RememberedMark(_mark_id(pk, mark.order), group_id=pk, state=_encoder.encode(mark))
            for mark in held.group.marks
            if held.marks.get(mark.order) != notes[mark.order]
        ]
        gone += [_mark_id(pk, order) for order in held.marks.keys() - notes.keys()]
        held.marks = notes
    if written:
        RememberedMark.objects.bulk_create(
            written, update_conflicts=True, unique_fields=["id"], update_fields=["state"]
        )
    if gone:
        RememberedMark.objects.filter(pk__in=gone).delete()


def _notes(mark: Mark) -> _Notes:
    return (mark.came_true, mark.noted, mark.told)
