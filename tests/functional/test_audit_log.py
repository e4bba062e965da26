"""The log under a running house: a sealer that is killed, an owner who tampers, an auditor who asks by the command."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import psycopg
import pytest

from senim.site.embedded import place
from senim.site.embedded.postgres import Postgres
from senim.site.supervisor.house import environment
from tests.functional.house import House, new_folder, wait_until
from tests.functional.outbox import Outbox

pytestmark = [pytest.mark.real, pytest.mark.clause("R228/81")]

_WRITER = """
import sys, django
django.setup()
from django.db import transaction
from senim.audit.actions import AuditAction
from senim.audit.operations import Actor, record
rows, together = map(int, sys.argv[1:])
for first in range(0, rows, together):
    with transaction.atomic():
        for number in range(first, first + together):
            record(Actor.process("console"), AuditAction.IDENTITY_SESSION_STARTED, f"account:{number}")
"""


class Auditor:
    """Asks by the command line, as a person at the machine does."""

    def __init__(self, house: House) -> None:
        self.house = house

    def ask(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return self.house.command("audit", *arguments)

    def verify(self, *against: Path) -> tuple[int, dict[str, Any]]:
        files = ["--against", *map(str, against)] if against else []
        result = self.ask("verify", "--json", *files)
        assert result.stdout, result.stderr
        return result.returncode, json.loads(result.stdout)


@pytest.fixture(scope="module")
def running() -> Iterator[House]:
    """A house that these tests may break."""
    folder = new_folder()
    house = House.founded(folder)
    try:
        house.start()
        write(house, 10).wait()
        wait_for_the_seal(house)
        yield house
    finally:
        house.stop()
        place.forget(house.instance)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def auditor(running: House) -> Auditor:
    return Auditor(running)


@pytest.fixture
def owner(running: House) -> "Iterator[psycopg.Connection[tuple[object, ...]]]":
    """The database's superuser, every trigger out of his way."""
    with Postgres(running.instance).connect() as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


def wait_for_the_seal(house: House) -> None:
    """Until no row waits."""
    with Postgres(house.instance).connect() as connection:
        waiting = "SELECT 1 FROM audit_unsealed LIMIT 1"
        wait_until(lambda: connection.execute(waiting).fetchone() is None, what="the seal of every row")


def write(house: House, rows: int, *, together: int = 1) -> "subprocess.Popen[bytes]":
    """Rows written by a door, so many in a transaction."""
    command = [sys.executable, "-c", _WRITER, str(rows), str(together)]
    return subprocess.Popen(command, env=environment(house.instance, "console"), cwd="/")


def test_a_sealer_killed_again_and_again_loses_nothing_and_doubles_nothing(running: House, auditor: Auditor) -> None:
    """Each time it is killed inside a transaction that has written to the log and not committed."""
    at_work = "SELECT 1 FROM pg_stat_activity WHERE usename = 'senim_sealer' AND backend_xid IS NOT NULL"
    with Postgres(running.instance).connect() as connection, write(running, 6000, together=50) as writer:
        killed: list[int] = []
        while len(killed) < 3:
            wait_until(lambda: running.pid_of("sealer") not in killed, what="another sealer")
            wait_until(lambda: connection.execute(at_work).fetchone() is not None, what="a sealer at work")
            killed.append(running.pid_of("sealer"))
            psutil.Process(killed[-1]).kill()
    assert writer.returncode == 0
    wait_for_the_seal(running)
    code, report = auditor.verify()
    assert (code, report["verdict"], report["findings"]) == (0, "intact", [])
    with Postgres(running.instance).connect() as connection:
        counted = connection.execute(
            "SELECT count(*), count(DISTINCT row_id), max(index) + 1,"
            " (SELECT count(*) FROM audit_auditrow) FROM audit_leaf"
        ).fetchone()
    assert counted is not None
    assert len(set(counted)) == 1


def test_a_second_sealer_waits_for_the_first(running: House) -> None:
    command = [sys.executable, "-m", "senim.site.cli", "run", "sealer"]
    with subprocess.Popen(command, env=environment(running.instance, "sealer"), cwd="/") as second:
        with Postgres(running.instance).connect() as connection:
            wait_until(lambda: _sealers(connection) == (2, 1), what="two sealers, one of them at work")
        second.terminate()
        assert second.wait(30) == 0


def _sealers(connection: "psycopg.Connection[tuple[object, ...]]") -> tuple[object, ...] | None:
    return connection.execute(
        "SELECT (SELECT count(*) FROM pg_stat_activity WHERE usename = 'senim_sealer'),"
        " (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND pid IN"
        "  (SELECT pid FROM pg_stat_activity WHERE usename = 'senim_sealer'))"
    ).fetchone()


_INSERTED = """
INSERT INTO audit_auditrow
SELECT gen_random_uuid(), at, actor_kind, actor_id, actor_name, action, subject, reason, detail
FROM audit_auditrow WHERE id = %s
"""
_EXCHANGED = """
UPDATE audit_leaf a SET row_id = b.row_id FROM audit_leaf b WHERE abs(a.index - b.index) = 1
AND least(a.index, b.index) = (SELECT index FROM audit_leaf WHERE row_id = %s)
"""


@pytest.mark.refusal
@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE audit_auditrow SET reason = 'x' WHERE id = %s", "audit:row:altered"),
        ("DELETE FROM audit_auditrow WHERE id = %s", "audit:row:removed"),
        (_INSERTED, "audit:row:inserted"),
        (_EXCHANGED, "audit:row:moved"),
    ],
)
def test_what_the_databases_owner_does_is_named(
    running: House,
    auditor: Auditor,
    owner: "psycopg.Connection[tuple[object, ...]]",
    tampering: str,
    found: str,
) -> None:
    """And where it is undone, the log is intact again."""
    victim = UUID(json.loads(auditor.ask("rows", "--limit", "5", "--json").stdout)[-1]["id"])
    owner.execute("ALTER TABLE audit_leaf DROP CONSTRAINT IF EXISTS audit_leaf_row_id_key")
    for table in ("audit_auditrow", "audit_leaf"):
        owner.execute(f"CREATE TABLE before_{table} AS TABLE {table}")
    owner.execute(tampering, [victim])
    code, report = auditor.verify()
    assert (code, report["verdict"]) == (1, "tampered")
    assert {finding["code"] for finding in report["findings"]} == {found}
    if found != "audit:row:inserted":
        assert str(victim) in {finding["row"] for finding in report["findings"]}
    for table in ("audit_auditrow", "audit_leaf"):
        owner.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        owner.execute(f"INSERT INTO {table} TABLE before_{table}")
        owner.execute(f"DROP TABLE before_{table}")
    assert auditor.verify()[0] == 0


@pytest.fixture(scope="module")
def acknowledged(running: House) -> UUID:
    """A message that the regulator has acknowledged."""
    outbox = Outbox(running)
    (message,) = outbox.enqueue()
    outbox.wait_for("delivered", [message])
    wait_for_the_seal(running)
    return UUID(message)


@pytest.mark.refusal
@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE asoi_message SET content = 'x' WHERE id = %s",
        "UPDATE asoi_message SET content = '{}', sha256 = encode(sha256('{}'), 'hex') WHERE id = %s",
        "UPDATE asoi_message SET signed = NULL WHERE id = %s",
        "DELETE FROM asoi_receipt WHERE message_id = %s",
    ],
)
def test_a_witness_that_the_databases_owner_rewrites_is_named(
    auditor: Auditor, owner: "psycopg.Connection[tuple[object, ...]]", acknowledged: UUID, tampering: str
) -> None:
    tables = ("asoi_message", "asoi_receipt")
    for table in tables:
        owner.execute(f"CREATE TABLE before_{table} AS TABLE {table}")
    owner.execute(tampering, [acknowledged])
    code, report = auditor.verify()
    assert (code, report["verdict"]) == (1, "tampered")
    assert [(one["code"], one["source"]) for one in report["findings"]] == [
        ("audit:witness:broken", f"message:{acknowledged}")
    ]
    for table in tables:
        owner.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        owner.execute(f"INSERT INTO {table} TABLE before_{table}")
        owner.execute(f"DROP TABLE before_{table}")
    code, report = auditor.verify()
    assert (code, report["witnesses"] > 1) == (0, True)


def test_a_row_is_proven_to_who_has_only_the_public_key(running: House, auditor: Auditor, tmp_path: Path) -> None:
    (row,) = json.loads(auditor.ask("rows", "--limit", "1", "--json").stdout)
    document = tmp_path / "proof.json"
    document.write_text(auditor.ask("prove", row["id"], "--json").stdout)
    key = running.home / "trust" / "checkpoint.pub"
    away = {"SENIM_HOME": str(tmp_path / "nowhere")}
    assert running.command("audit", "check-proof", str(document), "--key", str(key), **away).returncode == 0
    document.write_text(document.read_text().replace(row["actor"], "nobody"))
    refused = running.command("audit", "check-proof", str(document), "--key", str(key), **away)
    assert (refused.returncode, "Traceback" in refused.stderr) == (1, False)


def test_an_export_is_remembered_and_growth_is_proven_from_it(running: House, auditor: Auditor, tmp_path: Path) -> None:
    kept = tmp_path / "checkpoint"
    assert auditor.ask("checkpoint", "--out", str(kept)).returncode == 0
    size = kept.read_text().split("\n")[1]
    (row,) = json.loads(auditor.ask("rows", "--subject", f"checkpoint:{size}", "--json").stdout)
    assert (row["action"], row["detail"]["place"]) == ("audit:checkpoint:exported", str(kept))
    wait_for_the_seal(running)
    assert auditor.ask("prove-growth", str(kept)).returncode == 0
    assert auditor.verify(kept)[0] == 0


@pytest.mark.refusal
def test_a_log_cut_behind_the_sealers_back_stops_it_and_is_named(
    running: House, auditor: Auditor, tmp_path: Path
) -> None:
    """The last of these tests: it leaves the log broken."""
    kept = tmp_path / "checkpoint"
    assert auditor.ask("checkpoint", "--out", str(kept)).returncode == 0
    size = int(kept.read_text().split("\n")[1])
    wait_for_the_seal(running)
    with Postgres(running.instance).connect() as connection:
        connection.execute("SET session_replication_role = replica")
        (left,) = connection.execute("SELECT max(size) FROM audit_checkpoint WHERE size < %s", [size]).fetchone() or (
            0,
        )
        with connection.transaction():
            connection.execute(
                "DELETE FROM audit_auditrow r USING audit_leaf l WHERE l.row_id = r.id AND l.index >= %s", [left]
            )
            connection.execute("DELETE FROM audit_leaf WHERE index >= %s", [left])
            connection.execute("DELETE FROM audit_node WHERE (index + 1) << level > %s", [left])
            connection.execute("DELETE FROM audit_checkpoint WHERE size > %s", [left])
    code, report = auditor.verify(kept)
    assert code == 1
    assert {finding["code"] for finding in report["findings"]} == {"audit:tail:cut"}
    assert {finding["source"] for finding in report["findings"]} == {
        str(kept),
        str(running.instance.state("sealer") / "checkpoint"),
    }
    write(running, 1).wait()
    log = running.home / "logs" / "sealer.log"
    wait_until(lambda: "is not the one that was signed last" in log.read_text(), what="the sealer's refusal")
    _, report = auditor.verify()
    assert report["waiting"] >= 1  # the row just written, and what the house itself had to say
