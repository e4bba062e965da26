"""Writing audit rows."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import connection, transaction

from senim.audit.actions import AuditAction
from senim.audit.models import AuditRow, Unsealed

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


def record(
    actor: Actor,
    action: AuditAction,
    subject: str,
    *,
    reason: str = "",
    detail: Mapping[str, object] | None = None,
) -> AuditRow:
    """Write that `actor` did `action` to `subject` (`room-noun:id`), in the transaction that did it.

    Raises `TransactionManagementError` outside a transaction: a row that could commit without its act proves nothing.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an audit row belongs inside the transaction it describes")
    row = AuditRow.objects.create(
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        action=action.value,
        subject=subject,
        reason=reason,
        detail=dict(detail or {}),
    )
    Unsealed.objects.create(row=row)
    with connection.cursor() as cursor:
        cursor.execute(f"NOTIFY {WAKE_SEALER}")
    return row
