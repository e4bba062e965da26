"""A sealed log in a test's own transaction, and a hand that changes it as the database's owner can."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.db import connection, transaction

from senim.audit import log_key
from senim.audit.actions import AuditAction
from senim.audit.findings import Finding
from senim.audit.internal.memory import Memory
from senim.audit.internal.note import Signer
from senim.audit.internal.sealing import Sealing
from senim.audit.models import AuditRow, Leaf, Unsealed
from senim.audit.operations import Actor, record
from senim.audit.verification import Report, Witness, verify
from senim.kit.instance import Instance

TABLES = ("audit_auditrow", "audit_unsealed", "audit_leaf", "audit_node", "audit_checkpoint")
_CONSTRAINTS = """
SELECT conrelid::regclass::text, conname FROM pg_constraint
WHERE contype IN ('f', 'c') AND conrelid::regclass::text = ANY(%s)
"""


@dataclass
class Log:
    """Rows, their seals, and the means to spoil both."""

    instance: Instance
    folder: Path
    rows: list[UUID] = field(default_factory=list)
    """Identifiers in the order of writing."""

    @property
    def signer(self) -> Signer:
        """The true key."""
        return log_key.signer(self.instance)

    def sealing(self, memory: str = "memory") -> Sealing:
        """A sealer; another name of its memory gives one that remembers nothing."""
        return Sealing(self.signer, Memory(self.folder / memory))

    def write(self, count: int) -> None:
        """Write rows, unsealed."""
        for _ in range(count):
            number = len(self.rows)
            with transaction.atomic():
                row = record(
                    Actor.process("test"),
                    AuditAction.INCIDENTS_INCIDENT_OPENED,
                    f"incident:{number}",
                    reason="Қажет",
                    detail={"number": number, "share": 0.5, "list": [None, True]},
                )
            self.rows.append(row.pk)

    def sealed(self, *batches: int) -> "Log":
        """Write and seal `batches`, one checkpoint each."""
        for count in batches:
            self.write(count)
            self.sealing().seal()
        return self

    def verify(self, *witnesses: str) -> Report:
        """Verify against checkpoints kept elsewhere."""
        held = [Witness(f"file {number}", note) for number, note in enumerate(witnesses)]
        return verify(self.signer.verifier, witnesses=held)

    def findings(self, *witnesses: str) -> tuple[Finding, ...]:
        """What verification finds."""
        return self.verify(*witnesses).findings

    def lift_protection(self) -> None:
        """What only the database's owner can do: take away triggers and constraints."""
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for table in TABLES:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(_CONSTRAINTS, [list(TABLES)])
            for table, name in cursor.fetchall():
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')

    def run(self, statement: str, values: Sequence[object] = ()) -> None:
        """Change something past every protection."""
        with connection.cursor() as cursor:
            cursor.execute(statement, values)  # type: ignore[arg-type]

    def rewrite(self, *batches: int) -> None:
        """Forget every seal and seal the present rows anew with the true key, as if they had always been so.

        In checkpoints after as many rows as `batches` says, and one for the rest.
        """
        for table in ("audit_leaf", "audit_node", "audit_checkpoint", "audit_unsealed"):
            self.run(f"DELETE FROM {table}")  # noqa: S608 - our own names
        rows = iter(AuditRow.objects.order_by("pk"))
        (self.folder / "nothing").unlink(missing_ok=True)
        for batch in (*batches, None):
            Unsealed.objects.bulk_create([Unsealed(row_id=row.pk) for row in islice(rows, batch)])
            self.sealing(memory="nothing").seal()

    def swap(self, column: str, one: int, other: int) -> None:
        """Let the leaves at two places exchange `column`."""
        first, second = (getattr(Leaf.objects.get(index=place), column) for place in (one, other))
        spare = UUID(int=0) if column == "row_id" else b"spare"
        for value, place in ((spare, one), (first, other), (second, one)):
            statement = f"UPDATE audit_leaf SET {column} = %s WHERE index = %s"  # noqa: S608 - our own names
            self.run(statement, [value, place])
