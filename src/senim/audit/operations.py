"""Writing audit rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction

from senim.audit.actions import AuditAction
from senim.audit.errors import NothingSealed
from senim.audit.models import AuditRow, Unsealed
from senim.audit.queries import latest_checkpoint, state
from senim.kit import canonical

WAKE_SEALER = "senim_audit"
"""PostgreSQL channel on which the sealer hears that a transaction with rows has committed."""


@dataclass(frozen=True)
class Actor:
    """Who acts: a person's account, or a process of the house."""

    kind: str
    id: str
    name: str

    @classmethod
    def process(cls, name: str) -> "Actor":
        """The process called `name` acting by itself."""
        return cls("process", name, name)


@dataclass(frozen=True)
class Act:
    """What one of several rows is to say."""

    subject: str
    """`room-noun:id`."""
    detail: Mapping[str, object] = field(default_factory=dict)


def record(
    actor: Actor,
    action: AuditAction,
    subject: str,
    *,
    reason: str = "",
    detail: Mapping[str, object] | None = None,
) -> AuditRow:
    """Write that `actor` did `action` to `subject` (`room-noun:id`), in the transaction that did it.

    Raises `TransactionManagementError` outside a transaction: a row that could commit without its act proves nothing;
    `ValueError` for a `detail` that has no canonical JSON, which is what gets sealed.
    """
    (row,) = record_all(actor, action, [Act(subject, detail or {})], reason=reason)
    return row


def record_all(actor: Actor, action: AuditAction, acts: Sequence[Act], *, reason: str = "") -> list[AuditRow]:
    """Write that `actor` did `action` several times, with the statements of once. Raises what `record` raises."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an audit row belongs inside the transaction it describes")
    rows = AuditRow.objects.bulk_create([_row(actor, action, act, reason) for act in acts])
    Unsealed.objects.bulk_create([Unsealed(row=row) for row in rows])
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(f"NOTIFY {WAKE_SEALER}")
    return rows


def _row(actor: Actor, action: AuditAction, act: Act, reason: str) -> AuditRow:
    detail = dict(act.detail)
    canonical.dumps(detail)
    return AuditRow(
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        action=action.value,
        subject=act.subject,
        reason=reason,
        detail=detail,
    )


@transaction.atomic
def export_checkpoint(actor: Actor, *, place: str) -> str:
    """The latest checkpoint, handed out to be kept at `place`, which the log remembers.

    Raises `NothingSealed` before the first row is sealed.
    """
    checkpoint = latest_checkpoint()
    if checkpoint is None:
        raise NothingSealed
    head = state(checkpoint)
    record(
        actor,
        AuditAction.AUDIT_CHECKPOINT_EXPORTED,
        f"checkpoint:{head.size}",
        detail={"root": head.root.hex(), "place": place},
    )
    return checkpoint
