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


_AUDIT = """INSERT INTO audit_auditrow (id, at, actor_kind, actor_id, actor_name, action, subject, reason, detail)
VALUES (gen_random_uuid(), %s, 'process', 'x', 'x', 'x', 'x:1', '', %s)"""
_EVENT = "INSERT INTO events_event (id, at, tag, subject, payload) VALUES (gen_random_uuid(), %s, 'x', 'x:1', %s)"
_DEEPEST = 16


def nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


@pytest.mark.parametrize("statement", [_AUDIT, _EVENT])
class TestWhatNoReaderCanHold:
    """It is refused where it would be written: a row that stops its reader would stop it for ever."""

    @staticmethod
    def write(statement: str, value: str = "{}", at: str = "2026-11-22") -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [at, value])

    @pytest.mark.parametrize("number", ["1e5000", "-1e5000", "9007199254740992"])
    def test_a_number(self, statement: str, number: str) -> None:
        with pytest.raises(DatabaseError, match="readable_numbers"):
            self.write(statement, f'{{"a": [{{"b": {number}}}]}}')
        self.write(statement, '{"a": [{"b": 9007199254740991}]}')

    @pytest.mark.parametrize("deep", [nested(_DEEPEST + 1), nested(3000), "[" * 17 + "1" + "]" * 17])
    def test_a_depth(self, statement: str, deep: str) -> None:
        with pytest.raises(DatabaseError, match="readable_depth"):
            self.write(statement, deep)
        self.write(statement, nested(_DEEPEST))

    @pytest.mark.parametrize("at", ["infinity", "-infinity", "4000-01-01 BC", "10000-01-01", "9999-12-31"])
    def test_a_moment(self, statement: str, at: str) -> None:
        with pytest.raises(DatabaseError, match="readable_moment"):
            self.write(statement, at=at)
        for known in ("0001-01-02", "9999-12-30 23:59:59"):
            self.write(statement, at=known)
