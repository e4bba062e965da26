"""Audit rows can be added and nothing else."""

import pytest
from django.db import DatabaseError, connection, transaction

from senim.audit.actions import AuditAction
from senim.audit.models import AppendOnly, AuditRow
from senim.audit.operations import Actor, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def row() -> AuditRow:
    row = record(Actor.process("test"), AuditAction.INCIDENTS_INCIDENT_OPENED, "incident:1")
    connection.check_constraints()  # foreign keys are deferred, and TRUNCATE refuses tables with checks pending
    return row


def test_a_row_is_written_and_waits_for_its_seal(row: AuditRow) -> None:
    assert AuditRow.objects.get(pk=row.pk).unsealed.row == row


def test_a_row_is_not_changed_through_the_model(row: AuditRow) -> None:
    row.subject = "incident:2"
    with pytest.raises(AppendOnly):
        row.save()
    with pytest.raises(AppendOnly):
        row.delete()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_auditrow SET subject = 'x'", "DELETE FROM audit_auditrow", "TRUNCATE audit_auditrow CASCADE"],
)
def test_even_the_owner_cannot_change_rows(row: AuditRow, statement: str) -> None:
    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        connection.cursor().execute(statement)
    assert AuditRow.objects.filter(pk=row.pk, subject="incident:1").exists()


@pytest.mark.parametrize("number", ["1e5000", "-1e5000", "9007199254740992"])
@pytest.mark.parametrize(
    "statement",
    [
        """INSERT INTO audit_auditrow (id, at, actor_kind, actor_id, actor_name, action, subject, reason, detail)
        VALUES (gen_random_uuid(), now(), 'process', 'x', 'x', 'x', 'x:1', '', %s)""",
        "INSERT INTO events_event (id, at, tag, subject, payload) VALUES (gen_random_uuid(), now(), 'x', 'x:1', %s)",
    ],
)
def test_a_number_that_no_reader_can_hold_is_refused(statement: str, number: str) -> None:
    def write(value: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [f'{{"a": [{{"b": {value}}}]}}'])

    with pytest.raises(DatabaseError, match="readable_numbers"):
        write(number)
    write("9007199254740991")
