"""The sealer seals every row once, signs nothing on top of a changed log, and is not stopped by poisonous rows."""

import json

import pytest
from django.db import DatabaseError, connection, transaction

from senim.audit.errors import LogContradicted
from senim.audit.internal import leaf
from senim.audit.models import AuditRow, Checkpoint, Leaf, Node, Unsealed
from senim.audit.queries import _columns, latest_checkpoint, unsealed
from senim.audit.verification import Verdict
from tests.audit.log import Log


def test_rows_are_sealed_in_the_order_of_writing_under_one_checkpoint(log: Log) -> None:
    log.write(5)
    assert [row.pk for row in unsealed()] == log.rows
    assert log.sealing().seal() == 5
    assert [*Leaf.objects.order_by("index").values_list("index", "row_id")] == [*enumerate(log.rows)]
    assert [checkpoint.size for checkpoint in Checkpoint.objects.all()] == [5]
    assert unsealed() == []


def test_nothing_to_seal_signs_nothing(sealed: Log) -> None:
    before = latest_checkpoint()
    assert sealed.sealing().seal() == 0
    assert latest_checkpoint() == before


def test_a_batch_is_no_larger_than_asked(log: Log) -> None:
    log.write(7)
    assert [log.sealing().seal(3) for _ in range(4)] == [3, 3, 1, 0]
    assert [checkpoint.size for checkpoint in Checkpoint.objects.all()] == [3, 6, 7]
    assert Node.objects.count() == 4  # of seven leaves: three pairs and one four
    assert log.verify().verdict is Verdict.INTACT


def test_a_checkpoint_names_bureau_and_log(sealed: Log) -> None:
    origin, size, _root, blank, signature, end = (latest_checkpoint() or "").split("\n")
    assert (origin, size, blank, end) == ("senim/000140000002/audit", "10", "", "")
    assert signature.startswith("— senim/000140000002/audit ")
    assert len(sealed.rows) == 10


def test_a_row_queued_again_is_not_sealed_again(sealed: Log) -> None:
    Unsealed.objects.create(row_id=sealed.rows[0])
    assert sealed.sealing().seal() == 1
    assert (Leaf.objects.count(), Unsealed.objects.count()) == (10, 0)
    assert sealed.verify().verdict is Verdict.INTACT


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "infinity"),
        ("at", "-infinity"),
        ("at", "0044-03-15 12:00:00 BC"),
        ("at", "294000-01-01"),
        ("detail", '{"n": 1e400}'),
        ("detail", '{"n": 1e5000}'),
        ("detail", '{"n": 9007199254740993}'),
        ("detail", '{"n": 0.1000000000000000000001}'),
        *(("detail", "[" * depth + "]" * depth) for depth in (64, 65, 400, 3000)),
        ("detail", '"text"'),
        ("subject", ""),
    ],
)
def test_a_poisonous_row_is_sealed_like_any_other(log: Log, column: str, value: str) -> None:
    """Whoever adds rows past `record`, the owner too: none stops the seal, and each counts to the last digit."""
    for readable in ("numbers", "depth", "moment"):  # a door is refused by these
        log.run(f"ALTER TABLE audit_auditrow DROP CONSTRAINT audit_readable_{readable}")
    columns = dict.fromkeys(("actor_kind", "actor_id", "actor_name", "action", "subject", "reason"), "x")
    columns |= {"id": "0199aaaa-0000-7000-8000-000000000000", "at": "2026-01-01", "detail": "{}", column: value}
    names, marks = ", ".join(columns), ", ".join(["%s"] * len(columns))
    log.run(f"INSERT INTO audit_auditrow ({names}) VALUES ({marks})", list(columns.values()))  # noqa: S608
    log.run("INSERT INTO audit_unsealed VALUES (%s)", [columns["id"]])
    log.sealed(2)
    assert log.verify().verdict is Verdict.INTACT
    log.lift_protection()
    log.run("UPDATE audit_auditrow SET reason = 'y' WHERE id = %s", [columns["id"]])
    assert log.verify().verdict is Verdict.TAMPERED


def test_a_leaf_is_the_canonical_json_of_the_row(log: Log) -> None:
    log.write(1)
    row = AuditRow.objects.get()
    sealed = leaf.fields(_columns(row.pk))
    assert sealed == {
        "id": str(row.pk),
        "at": row.at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "actor_kind": "process",
        "actor_id": "test",
        "actor_name": "test",
        "action": "incidents:incident:opened",
        "subject": "incident:0",
        "reason": "Қажет",
        "detail": {"number": 0, "share": 0.5, "list": [None, True]},
    }
    assert leaf.hash_of(json.loads(json.dumps(sealed))) == leaf.hash_of(sealed)


def test_the_form_of_a_leaf_depends_on_no_setting_of_the_server(log: Log) -> None:
    log.write(1)
    before = _columns(log.rows[0])
    log.run("SET LOCAL datestyle = 'German'; SET LOCAL timezone = 'Asia/Almaty'; SET LOCAL extra_float_digits = 0")
    assert _columns(log.rows[0]) == before


@pytest.mark.clause("R228/81")
@pytest.mark.refusal
class TestTheSealerRefuses:
    """It puts its name under nothing but what it signed before and what came to it since."""

    @pytest.mark.parametrize(
        "change",
        [
            "DELETE FROM audit_checkpoint",
            "DELETE FROM audit_checkpoint WHERE size = 10",
            "UPDATE audit_node SET hash = decode(repeat('00', 32), 'hex') WHERE level = 1 AND index = 4",
            "UPDATE audit_node SET hash = decode(repeat('00', 32), 'hex') WHERE level = 3",
            "DELETE FROM audit_node WHERE level = 3",
            "DELETE FROM audit_leaf WHERE index = 9",
            "UPDATE audit_checkpoint SET note = replace(note, 'audit', 'other')",
        ],
    )
    def test_a_changed_log(self, open_log: Log, change: str) -> None:
        open_log.run(change)
        open_log.write(1)
        with pytest.raises(LogContradicted):
            open_log.sealing().seal()
        assert Unsealed.objects.count() == 1

    def test_a_tail_cut_with_its_checkpoints(self, open_log: Log) -> None:
        open_log.run("DELETE FROM audit_leaf WHERE index >= 7")
        open_log.run("DELETE FROM audit_checkpoint WHERE size > 7")
        open_log.run("DELETE FROM audit_node WHERE (index + 1) << level > 7")
        open_log.write(1)
        with pytest.raises(LogContradicted, match="10"):
            open_log.sealing().seal()

    def test_a_history_rewritten_behind_its_back(self, open_log: Log) -> None:
        open_log.run("UPDATE audit_auditrow SET reason = 'x' WHERE id = %s", [open_log.rows[0]])
        open_log.rewrite()
        open_log.write(1)
        with pytest.raises(LogContradicted):
            open_log.sealing().seal()

    def test_and_goes_on_where_nothing_was_changed(self, open_log: Log) -> None:
        open_log.write(1)
        assert open_log.sealing().seal() == 1


def test_a_sealer_killed_between_commit_and_memory_goes_on(sealed: Log) -> None:
    memory = sealed.sealing().memory
    old = memory.recall() or ""
    sealed.sealed(3)
    memory.keep(old)
    sealed.write(1)
    assert sealed.sealing().seal() == 1


@pytest.mark.clause("R228/81")
@pytest.mark.refusal
@pytest.mark.parametrize("table", ["audit_leaf", "audit_node", "audit_checkpoint"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET hash = ''", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_log_is_added_to_and_nothing_else(sealed: Log, table: str, statement: str) -> None:
    statement = statement.format(table).replace("hash", "root" if table == "audit_checkpoint" else "hash")
    connection.check_constraints()
    with pytest.raises(DatabaseError, match="never changed or removed"), transaction.atomic():
        sealed.run(statement)
