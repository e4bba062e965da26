"""From inside a door's process environment the database gives nothing beyond the door's rights."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from senim.site.supervisor.house import environment
from tests.functional.house import House

pytestmark = pytest.mark.real

# Becomes what `senim run console` becomes: same environment, same secrets, same view of the disk; then tries.
_INSIDE = """
import json, os, sys
os.environ["SENIM_PROCESS"] = "console"
from senim.kit.instance import Instance
from senim.site.processes import PROGRAMS
instance = Instance.load()
console = next(p for p in PROGRAMS if p.name == "console")
console.withdraw(instance)
import django
django.setup()
from django.db import connection, transaction
from senim.audit.actions import AuditAction
from senim.audit.operations import Actor, record
with transaction.atomic():
    record(Actor.process("console"), AuditAction.IDENTITY_SESSION_STARTED, "account:test")
told = {}
for statement in json.load(sys.stdin):
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
        told[statement] = "done"
    except Exception as error:
        told[statement] = f"{type(error).__name__}: {error}"
print(json.dumps(told))
"""

_FORBIDDEN = [
    "SET ROLE postgres",
    "SET ROLE senim_owner",
    "SET SESSION AUTHORIZATION postgres",
    "ALTER ROLE senim_console SUPERUSER",
    "CREATE ROLE intruder",
    "UPDATE audit_auditrow SET subject = 'x'",
    "DELETE FROM audit_auditrow",
    "UPDATE registers_version SET reason = 'x'",
    "DELETE FROM registers_version",
    "TRUNCATE audit_auditrow CASCADE",
    "DROP TABLE audit_auditrow CASCADE",
    "ALTER TABLE audit_auditrow DISABLE TRIGGER ALL",
    "ALTER TABLE audit_auditrow DISABLE TRIGGER append_only_rows",
    "SET session_replication_role = replica",
    "DROP TRIGGER append_only_rows ON audit_auditrow",
    "CREATE OR REPLACE FUNCTION senim_append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
    "DELETE FROM audit_unsealed",
    "UPDATE events_event SET tag = 'x'",
    "DELETE FROM events_event",
    "UPDATE identity_account SET role = 'administrator'",
    "UPDATE identity_account SET is_active = true",
    "UPDATE identity_account SET born_in = 'production'",
    (
        "INSERT INTO identity_account (id, password, username, full_name, role, language, is_active, born_in,"
        " created_at) VALUES (gen_random_uuid(), '', 'intruder', 'x', 'administrator', 'en', true, 'production', now())"
    ),
    "INSERT INTO asoi_message (id) VALUES (gen_random_uuid())",
    "INSERT INTO incidents_incident (id) VALUES (gen_random_uuid())",
    "INSERT INTO incidents_incidentalert (incident_id) VALUES (gen_random_uuid())",
    "UPDATE incidents_incident SET state = 'withdrawn'",
    "UPDATE incidents_act SET reason = 'x'",
    "DELETE FROM incidents_note",
    "INSERT INTO incidents_actoutcome (act_id, at, refusal) SELECT id, now(), '' FROM incidents_act",
    "UPDATE incidents_party SET told_in = 1",
    "UPDATE incidents_exercise SET until = '2099-01-01'",
    "UPDATE incidents_decision SET kind = NULL",
    "DELETE FROM incidents_decision",
    "UPDATE telemetry_seenloss SET note = 'x'",
    "DELETE FROM telemetry_seenloss",
    "INSERT INTO telemetry_notice (source) VALUES ('x')",
    "UPDATE telemetry_gap SET closed_at = now()",
    "UPDATE telemetry_ledger SET read_until = now()",
    "UPDATE pulse_beat SET at = now()",
    "INSERT INTO events_handled (event_id, handler, at) SELECT id, 'x', now() FROM events_event",
    "CREATE TABLE intruder (id int)",
    "CREATE SCHEMA intruder",
    "COPY audit_auditrow TO PROGRAM 'cat'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT rolpassword FROM pg_authid",
]
# PostgreSQL answers this with a warning and grants nothing: the refusals that follow show it.
_VAIN = "GRANT ALL ON audit_auditrow TO senim_console"


@pytest.fixture(scope="module")
def told(house: House) -> dict[str, str]:
    """What PostgreSQL answered to each statement, asked from inside the console's environment."""
    result = subprocess.run(
        [sys.executable, "-c", _INSIDE],
        input=json.dumps(["SELECT count(*) FROM audit_auditrow", _VAIN, *_FORBIDDEN]),
        env=environment(house.instance, "console"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    answers: dict[str, str] = json.loads(result.stdout)
    return answers


def test_the_door_may_read_and_add_audit_rows(told: dict[str, str]) -> None:
    assert told["SELECT count(*) FROM audit_auditrow"] == "done"


@pytest.mark.parametrize("statement", _FORBIDDEN)
def test_the_door_may_not(told: dict[str, str], statement: str) -> None:
    assert "done" not in told[statement]
    assert any(word in told[statement] for word in ("permission denied", "must be", "Only roles")), told[statement]


_FILES = """
import os, sys
from pathlib import Path
from senim.kit.instance import Instance
from senim.site.processes import PROGRAMS
instance = Instance.load()
console = next(p for p in PROGRAMS if p.name == "console")
assert console.withdraw(instance)
for path in sys.argv[1:]:
    try:
        Path(path).read_bytes()
        print("read")
    except PermissionError:
        print("refused")
"""


def test_the_door_reads_its_own_key_and_no_other_process_s(house: House) -> None:
    from senim.kit.confine import available

    if not available():
        pytest.skip("NOT RUN: this kernel has no Landlock; processes are kept apart by secrets only")
    home = house.home
    others = [
        home / "keys/sealer/checkpoint.key",
        home / "keys/asoi/message-signing.key",
        home / "keys/asoi/receipt-decryption.key",
        home / "secrets/sealer.toml",
        home / "secrets/asoi.toml",
        home / "secrets/supervisor/postgres-superuser",
        home / "secrets/supervisor/database-owner",
        home / "stand_ins/asoi/signing.key",
    ]
    own = [home / "keys/console/door-tls.key", home / "secrets/console.toml"]
    assert all(path.exists() for path in (*own, *others))
    result = subprocess.run(
        [sys.executable, "-c", _FILES, *map(str, own), *map(str, others)],
        env=environment(house.instance, "console"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stdout.split() == ["read"] * len(own) + ["refused"] * len(others), result.stderr


_NEIGHBOUR = """
import sys
from pathlib import Path
from senim.kit.instance import Instance
from senim.site.processes import PROGRAMS
def told():
    for path in sys.argv[1:]:
        try:
            print("read" if Path(path).open("rb").read(1) else "empty")
        except OSError as error:
            print("refused")
instance = Instance.load()
console = next(p for p in PROGRAMS if p.name == "console")
told()
console.withdraw(instance)
told()
"""


def test_the_door_does_not_read_what_the_supervisor_was_told_to_start(house: House) -> None:
    assert house.process is not None
    result = subprocess.run(
        [sys.executable, "-c", _NEIGHBOUR, f"/proc/{house.process.pid}/environ"],
        env=environment(house.instance, "console"),
        capture_output=True,
        text=True,
        check=False,
    )
    before = "read" if os.geteuid() == 0 else "refused"  # the supervisor's own memory is closed to its user already
    assert result.stdout.split() == [before, "refused"], result.stderr


def test_processes_keep_no_power_over_others(house: House) -> None:
    for pid in (house.pid_of(name) for name in ("console", "worker", "collector", "detection", "asoi", "sealer")):
        status = dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        kept = 0b0100_0010_1111  # of files, of signals to end what it started, of ports
        assert [int(status[name], 16) & ~kept for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")] == [0] * 4
        assert os.geteuid() != 0 or int(status["CapBnd"], 16) & ~kept == 0


def test_no_verifier_of_the_platform_s_own_roles_stands_in_the_database_s_log(house: House) -> None:
    lines = (house.home / "run" / "database-log" / "postgresql.json").read_text().splitlines()
    said = [json.loads(line)["message"] for line in lines]
    assert any("CREATE ROLE" in each for each in said)
    assert not any("PASSWORD" in each for each in said)
