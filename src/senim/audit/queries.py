"""What the audit room tells others."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from django.db import connection
from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext as _

from senim.audit.errors import CannotVerify, NotSealed, ReadingNotPermitted, UnknownRow
from senim.audit.internal import leaf, store, tree_head
from senim.audit.internal.memory import Memory
from senim.audit.internal.merkle import consistency_ranges, inclusion_ranges
from senim.audit.internal.note import BadNote, Verifier
from senim.audit.internal.proofs import proves_consistency, proves_inclusion
from senim.audit.internal.streams import snapshot
from senim.audit.internal.tree_head import TreeHead
from senim.audit.models import AuditRow, Checkpoint, Leaf
from senim.audit.proof import ConsistencyProof, InclusionProof
from senim.audit.verification import Witness
from senim.kit.instance import Instance

READ = "audit:log:read"
"""The permission that reading the log needs."""
MOST_ROWS = 1000
_ROW = f"SELECT {leaf.COLUMNS} FROM audit_auditrow r WHERE r.id = %s"  # noqa: S608 - only our own column names


class Reader(Protocol):
    """Somebody who asks: an account."""

    def may(self, permission: Any, /) -> bool:
        """Whether this account has leave for `permission`."""


def latest_checkpoint() -> str | None:
    """The signed note over the log as it stands, to be carried by messages; None before the first row is sealed."""
    return Checkpoint.objects.values_list("note", flat=True).last()


def began_at() -> datetime | None:
    """When the first row was written; None: there is none."""
    first: datetime | None = AuditRow.objects.aggregate(at=Min("at"))["at"]
    return first


def state(checkpoint: str) -> TreeHead:
    """Origin, size and root that a stored checkpoint states."""
    return tree_head.parse(checkpoint)


def sealers_memory(instance: Instance) -> list[Witness]:
    """The checkpoint that the sealer keeps outside the database, as a witness; none where we may not read it.

    Read it before the log: the sealer may seal meanwhile.
    """
    memory = Memory.of(instance)
    try:
        note = memory.recall()
    except PermissionError:
        return []
    return [Witness(str(memory.path), note)] if note else []


def rows(
    *,
    subject: str = "",
    actor: str = "",
    action: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    waiting: bool = False,
) -> QuerySet[AuditRow]:
    """Rows, newest first, each with its `leaf` where it is sealed.

    `subject` (`incident:UUID`) and `action` match whole; `actor` matches the name or identifier; `since` is included,
    `until` is not; `waiting` keeps those that are not sealed yet.
    """
    found = AuditRow.objects.select_related("leaf").order_by("-at", "-id")
    exact = {"subject": subject, "action": action, "at__gte": since, "at__lt": until}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if actor:
        found = found.filter(Q(actor_name=actor) | Q(actor_id=actor))
    return found.filter(leaf__isnull=True) if waiting else found


def access_rows(reader: Reader, **filters: Any) -> QuerySet[AuditRow]:
    """`rows` for somebody who asks by a door. Raises `ReadingNotPermitted`."""
    if not reader.may(READ):
        raise ReadingNotPermitted
    return rows(**filters)


def unsealed() -> list[AuditRow]:
    """Rows that wait for their seal, oldest first, up to `MOST_ROWS`: nothing proves them yet."""
    return list(AuditRow.objects.filter(unsealed__isnull=False, leaf__isnull=True).order_by("pk")[:MOST_ROWS])


def waiting_for_seal() -> tuple[int, datetime | None]:
    """How many rows wait for their seal, and since when the oldest of them does."""
    waiting = AuditRow.objects.filter(unsealed__isnull=False, leaf__isnull=True)
    found = waiting.aggregate(number=Count("pk"), since=Min("at"))
    return found["number"], found["since"]


def newest_sealed(number: int) -> list[UUID]:
    """The `number` rows that were sealed last, the newest first."""
    return list(Leaf.objects.order_by("-index").values_list("row_id", flat=True)[:number])


def inclusion_proof(row: UUID) -> InclusionProof:
    """The proof that `row` is in the log at its latest checkpoint.

    Raises `UnknownRow`; `NotSealed` while it waits; `CannotVerify` where row and log no longer agree.
    """
    with snapshot():
        return _inclusion_proof(row, latest_checkpoint())


def evidence(
    rows: Sequence[UUID], *, earlier: str | None, log: Verifier
) -> tuple[list[InclusionProof], ConsistencyProof | None]:
    """The proofs that `rows` are in the log, all at one checkpoint, and that it grew out of `earlier` where that is.

    Raises what `inclusion_proof` and `consistency_proof` raise.
    """
    with snapshot():
        checkpoint = latest_checkpoint()
        growth = consistency_proof(earlier, log) if earlier is not None else None
        return [_inclusion_proof(row, checkpoint) for row in rows], growth


def _inclusion_proof(row: UUID, checkpoint: str | None) -> InclusionProof:
    values = _columns(row)
    index = Leaf.objects.filter(row_id=row).values_list("index", flat=True).first()
    if index is None or checkpoint is None:
        raise NotSealed(str(row))
    head = state(checkpoint)
    fields = leaf.fields(values)
    with _tampering_named():
        path = store.range_hashes(inclusion_ranges(index, head.size))
        if not proves_inclusion(leaf.hash_of(fields), index, head.size, path, head.root):
            raise LookupError(_("row and log no longer agree"))
    return InclusionProof(fields, index, tuple(step.hex() for step in path), checkpoint)


def consistency_proof(earlier: str, log: Verifier) -> ConsistencyProof:
    """The proof that the log at its latest checkpoint begins with the whole log at the checkpoint `earlier`.

    Raises `CannotVerify` where `earlier` is not this log's, or where the log did not grow out of it.
    """
    with snapshot(), _tampering_named():
        old = tree_head.read(earlier, log)
        checkpoint = latest_checkpoint()
        if checkpoint is None:
            raise LookupError(_("the log is empty"))
        new = state(checkpoint)
        path = store.range_hashes(consistency_ranges(old.size, new.size))
        if not proves_consistency(old.size, old.root, new.size, new.root, path):
            raise LookupError(_("the log did not grow out of this checkpoint"))
    return ConsistencyProof(earlier, tuple(step.hex() for step in path), checkpoint)


def _columns(row: UUID) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_ROW, [row])
        found = cursor.fetchone()
    if found is None:
        raise UnknownRow(str(row))
    return list(found)


@contextmanager
def _tampering_named() -> Iterator[None]:
    """A proof that cannot be made means that the log is not what was signed: say so, and how to learn more."""
    try:
        yield
    except (LookupError, BadNote) as error:
        raise CannotVerify(f"{error}; `senim audit verify`") from error
