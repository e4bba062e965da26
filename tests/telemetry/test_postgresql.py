"""PostgreSQL's JSON log is understood as the server writes it, and no password is passed on.

`recorded/postgresql-18.3.json` was written by PostgreSQL 18.3 with the settings of the embedded server.
"""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from senim.telemetry import parsers
from senim.telemetry.frames import Line
from senim.telemetry.parsers import Observed

RECORDED = (Path(__file__).parent / "recorded" / "postgresql-18.3.json").read_bytes().splitlines()
READ_AT = 1795648200.0
"""2026-11-25T23:10:00Z."""


def parse(data: bytes, *, zone: str = "UTC", read_at: float = READ_AT) -> Observed:
    return parsers.parse("postgresql", Line(1, read_at, data), "db-1", zone)


def said(statement: str, **more: str) -> Observed:
    line = {"timestamp": "2026-11-25 23:09:11.266 UTC", "user": "dba", "message": f"statement: {statement}", **more}
    return parse(json.dumps(line).encode())


def test_the_recorded_lines_are_understood() -> None:
    seen = [parse(line) for line in RECORDED]
    assert [(one.fields["action"], one.fields["user"], one.fields["role"]) for one in seen] == [
        ("superuser-made", "postgres", "exercise-0123456789abcdef"),
        ("role-changed", "postgres", "exercise-0123456789abcdef"),
        ("role-dropped", "postgres", "exercise-0123456789abcdef"),
        ("role-made", "postgres", "other"),
        ("authentication-failed", "other", ""),
        ("permission-denied", "senim_collector", ""),
        ("role-dropped", "postgres", "other"),
    ]
    assert {one.fields["marker"] for one in seen[:3]} == {"exercise-0123456789abcdef"}
    assert {(one.time_basis, one.fields["src_ip"], one.fields["database"]) for one in seen} == {
        ("line", "local", "senim")
    }


@pytest.mark.refusal
@pytest.mark.clause("R228/81-20(1)")
def test_no_password_is_passed_on() -> None:
    for line in RECORDED:
        seen = parse(line)
        passed_on = f"{seen.text} {seen.fields}"
        assert "secret" not in passed_on
    assert any(b"secret" in line for line in RECORDED)


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER ROLE x PASSWORD 'a secret'",
        "ALTER USER x WITH ENCRYPTED PASSWORD E'a\\'secret'",
        "create role x login password\n'it''s a secret'",
        "ALTER ROLE x PASSWORD 'a secret",
        "ALTER ROLE x PASSWORD $$a secret$$",
        "ALTER ROLE x PASSWORD/**/'a'\n'secret'",
    ],
)
def test_however_it_is_written(statement: str) -> None:
    seen = said(statement)
    assert "secret" not in f"{seen.text} {seen.fields}"


@pytest.mark.parametrize(
    ("statement", "action", "role"),
    [
        ("CREATE ROLE x SUPERUSER", "superuser-made", "x"),
        ('create user "X ""y""" with login superuser', "superuser-made", 'X "y"'),
        ("ALTER ROLE x WITH SUPERUSER", "superuser-made", "x"),
        ("CREATE/**/ROLE x /* no */ SUPERUSER", "superuser-made", "x"),
        ("SELECT 1; ALTER ROLE x SUPERUSER", "superuser-made", "x"),
        ("CREATE ROLE x; ALTER ROLE y SUPERUSER", "superuser-made", "y"),
        ("ALTER ROLE x NOSUPERUSER", "role-changed", "x"),
        ("CREATE ROLE superuser", "role-made", "superuser"),
        ("CREATE ROLE x -- SUPERUSER", "role-made", "x"),
        ("DROP ROLE x", "role-dropped", "x"),
        ("GRANT pg_write_server_files TO x", "machine-reached", "x"),
        ('GRANT a, "pg_execute_server_program" TO x', "machine-reached", "x"),
        ("GRANT postgres TO x", "superuser-made", "x"),
        ("GRANT postgres_reader TO x", "granted", "x"),
        ("COPY t FROM PROGRAM 'id'", "machine-reached", ""),
        ("copy (select 1) to program 'cat'", "machine-reached", ""),
        ("COPY t FROM '/tmp/program'", "schema-changed", ""),
        ("UPDATE pg_authid SET rolsuper = true WHERE rolname = 'x'", "superuser-made", ""),
        ("update pg_catalog.pg_authid set rolsuper='t'", "superuser-made", ""),
        ("UPDATE pg_authid SET rolsuper = false WHERE rolname = 'x'", "schema-changed", ""),
        ('GRANT SELECT ON a TO "b"', "granted", "b"),
        ("CREATE TABLE role (x int)", "schema-changed", ""),
    ],
)
def test_what_statements_do_to_roles(statement: str, action: str, role: str) -> None:
    fields = said(statement).fields
    assert (fields["action"], fields["role"]) == (action, role)


@pytest.mark.parametrize(
    "message",
    [
        "statement: ALTER ROLE x SUPERUSER",
        "execute <unnamed>: ALTER ROLE x SUPERUSER",
        "duration: 1.203 ms  statement: ALTER ROLE x SUPERUSER",
        "duration: 0.1 ms  execute s1: ALTER ROLE x SUPERUSER",
        "AUDIT: SESSION,1,1,ROLE,ALTER ROLE,,,ALTER ROLE x SUPERUSER,<not logged>",
        'AUDIT: SESSION,3,1,ROLE,ALTER ROLE,,,"ALTER ROLE ""x""\nSUPERUSER",<none>',
    ],
)
def test_a_statement_is_read_wherever_it_stands(message: str) -> None:
    fields = parse(json.dumps({"message": message}).encode()).fields
    assert (fields["action"], fields["role"]) == ("superuser-made", "x")


@pytest.mark.refusal
@pytest.mark.parametrize("message", ["AUDIT: ", "AUDIT: SESSION,1", "AUDIT: a\rb,c", "duration: 1.2 ms", 'AUDIT: "'])
def test_what_tells_of_no_statement(message: str) -> None:
    assert "statement" not in parse(json.dumps({"message": message}).encode()).fields


@pytest.mark.parametrize(
    ("text", "zone", "moment"),
    [
        ("2026-11-25 23:09:11.266 UTC", "Asia/Almaty", datetime(2026, 11, 25, 23, 9, 11, 266000, tzinfo=UTC)),
        ("2026-11-26 04:09:11.266 +05", "UTC", datetime(2026, 11, 25, 23, 9, 11, 266000, tzinfo=UTC)),
        ("2026-11-26 04:09:11.266 QYZT", "Asia/Almaty", datetime(2026, 11, 25, 23, 9, 11, 266000, tzinfo=UTC)),
    ],
)
def test_moments_are_read_in_their_zone(text: str, zone: str, moment: datetime) -> None:
    assert parse(json.dumps({"timestamp": text}).encode(), zone=zone).at == moment


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-25", "9999-12-31 23:59:59 -05", 5, None])
def test_a_moment_that_is_none_is_said_so(text: object) -> None:
    seen = parse(json.dumps({"timestamp": text}).encode())
    assert seen.time_basis == "read"
    assert "time_flaw" in seen.fields


_TEXT = st.text() | st.sampled_from(["statement: ", "CREATE ROLE ", "/*", "--", "PASSWORD '", "GRANT a TO b", '"'])
_LINES = st.dictionaries(
    st.sampled_from(["timestamp", "user", "message", "state_code", "remote_host", "statement"]),
    st.lists(_TEXT, max_size=4).map("".join) | st.integers() | st.none(),
)


@settings(deadline=None)
@given(st.one_of(st.binary(), _LINES.map(json.dumps).map(str.encode)))
def test_any_bytes_are_kept_and_never_raise(data: bytes) -> None:
    seen = parse(data)
    assert {"host", "action", "user", "role", "marker"} <= set(seen.fields)
    assert seen.text.isprintable()


@pytest.mark.parametrize(
    "piece",
    ["/*", "--", "COPY ", "UPDATE pg_authid ", "CREATE ROLE ", "GRANT a ", "PASSWORD '", "PASSWORD ", '"', "a;"],
)
def test_no_input_is_slow(piece: str) -> None:
    """The longest line a source gives: a regular expression that backtracks would not end within the suite's limit."""
    assert said(piece * (65000 // len(piece))).fields["host"] == "db-1"


def test_names_in_a_message_move_nothing() -> None:
    fields = parse(b'{"state_code": "28P01", "message": "statement: CREATE ROLE x SUPERUSER", "user": "x"}').fields
    assert fields["action"] == "authentication-failed"
    assert re.fullmatch("", str(fields["role"]))
