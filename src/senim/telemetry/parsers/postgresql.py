"""What PostgreSQL logs as JSON lines (`log_destination = 'jsonlog'`, PostgreSQL 15 or newer).

Fields: `user` (the database role that was at work), `database`, `src_ip` (`local` for a socket), `program` (the
application's own name for itself), `sqlstate`, `severity`, `message`, `statement`, and `role`, the role that a
statement makes or changes. `action` is what rules ask for.

Nothing here needs statements of data: those may hold what is confidential and belong in no log. `log_statement = 'ddl'`
logs what makes and changes roles, and a password with it where somebody writes one out: that is left out of everything
that is passed on. (Senim itself sends verifiers only, and so does psql when it is asked for a password.) Statements
that stand behind their duration, and those that pgAudit writes, are read as well.

A superuser can keep his statements out of the log. What stands there is what he did not hide.

Source of the form: PostgreSQL 18's documentation, "Error Reporting and Logging", table of JSON keys.
"""

import csv
import io
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from senim.kit.marker import marker_in
from senim.telemetry.frames import Line
from senim.telemetry.parsers import moments
from senim.telemetry.parsers.observed import OTHER, Fields, Observed, readable

_LONGEST = 8192
"""Characters of a statement that are looked at."""
_KEYS = {
    "user": "user", "dbname": "database", "application_name": "program", "error_severity": "severity",
    "state_code": "sqlstate", "message": "message", "statement": "statement",
}  # fmt: skip
_STATEMENT = re.compile(r"(?:duration: [\d.]{1,20} ms {1,4})?(?:statement|execute [^:]{1,80}): (?P<text>.*)", re.DOTALL)
_AUDITED, _AUDITED_AT = "AUDIT: ", 7
"""Of pgAudit's values in a row, the statement."""
_COMMENT = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)
_NAME = r"(?P<role>\"(?:[^\"]|\"\"){1,128}\"|[\w$]{1,64})"
_ROLE = re.compile(
    rf"\b(?P<verb>create|alter|drop)\s{{1,40}}(?:role|user|group)\s{{1,40}}{_NAME}(?P<rest>[^;]*)", re.IGNORECASE
)
_GRANT = re.compile(rf"\bgrant\s{{1,40}}(?P<what>[^;]{{1,400}}?)\sto\s{{1,40}}{_NAME}", re.IGNORECASE)
_REWRITTEN = re.compile(
    r"\bupdate\s{1,40}(?:pg_catalog\s{0,9}\.\s{0,9})?\"?pg_authid\b[^;]{0,400}\brolsuper\b(?!\s{0,9}=\s{0,9}'?f)",
    re.IGNORECASE,
)
_PROGRAM = re.compile(r"\bcopy\b[^;]{1,400}?\s(?:from|to)\s{1,40}program\b", re.IGNORECASE)
_SUPERUSERS = frozenset({"postgres"})
"""Roles that are superuser wherever a server was set up as usual."""
_SERVERS_OWN = frozenset({"pg_execute_server_program", "pg_read_server_files", "pg_write_server_files"})
"""Roles that reach beyond the database, to the machine: whoever has one can make himself superuser."""
_SUPERUSER = re.compile(r"(?<![\w])superuser(?![\w])", re.IGNORECASE)
_PASSWORD = re.compile(r"\bpassword\b.*", re.IGNORECASE | re.DOTALL)
_BY_STATE = {
    "28P01": "authentication-failed",
    "28000": "authentication-failed",
    "42501": "permission-denied",
    "53300": "connections-exhausted",
    "57P03": "not-accepting",
}


def parse(line: Line, host: str, zone: str) -> Observed:
    """What `line` says. Never raises: what is no line of that log has the action `other`."""
    found = _object(line.data)
    fields: Fields = {"host": host, "action": OTHER, "user": "", "role": "", "marker": ""}
    for key, name in _KEYS.items():
        if isinstance(found.get(key), str):
            fields[name] = _plain(found[key])[:_LONGEST]
    fields["src_ip"] = _address(found)
    fields |= _understood(fields)
    fields["marker"] = marker_in(f"{fields['user']} {fields['role']} {fields.get('statement', '')}")
    fields |= {name: _blotted(str(fields[name])) for name in ("message", "statement") if name in fields}
    claimed = _moment(found.get("timestamp"), line, zone)
    if claimed is None:
        fields["time_flaw"] = "unreadable"
    at, basis = moments.believed(claimed, line.read_at, fields)
    return Observed(at, basis, fields, _shown(found, line))


def _object(data: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _plain(text: str) -> str:
    """JSON can spell halves of characters, which no other text can hold."""
    return text.encode("utf-8", "backslashreplace").decode()


def _blotted(text: str) -> str:
    """`text` up to the word behind which a password may stand, in any of the ways SQL has to write one.

    `password authentication failed` is no statement and says nothing secret.
    """
    return text if text.startswith("password authentication failed") else _PASSWORD.sub("password …", text)


def _shown(found: Mapping[str, Any], line: Line) -> str:
    """The line for people: the same keys, without what follows that word."""
    if not found:
        return _blotted(readable(line.data))
    said = {str(key): _blotted(value) if isinstance(value, str) else value for key, value in found.items()}
    try:
        return readable(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace"))
    except RecursionError:
        return ""


def _address(found: Mapping[str, Any]) -> str:
    address = found.get("remote_host")
    return "local" if not isinstance(address, str) or address == "[local]" else _plain(address)[:255]


def _moment(text: object, line: Line, zone: str) -> datetime | None:
    """`2026-11-22 17:00:13.500 +05`: in the zone of `log_timezone`, by an abbreviation or by a figure.

    An abbreviation names no zone for certain (`IST`): other than UTC's own the source's zone is taken for meant.
    """
    if not isinstance(text, str):
        return None
    day, _, rest = text.partition(" ")
    clock, _, abbreviation = rest.partition(" ")
    try:
        naive = datetime.fromisoformat(f"{day}T{clock}")
    except ValueError:
        return None
    if naive.tzinfo is not None:
        return None
    if abbreviation in ("UTC", "GMT", ""):
        return naive.replace(tzinfo=UTC)
    if re.fullmatch(r"[+-]\d{2}", abbreviation):
        return moments.iso(f"{day}T{clock}{abbreviation}:00")
    return _in_zone(naive, zone, line)


def _in_zone(naive: datetime, zone: str, line: Line) -> datetime | None:
    try:
        moment = naive.replace(tzinfo=moments.zone(zone))
        # In the hour that comes twice the one nearer to the reading.
        both = (moment.astimezone(UTC), moment.replace(fold=1).astimezone(UTC))
    except OverflowError:
        return None
    return min(both, key=lambda one: abs(one - moments.read_moment(line.read_at)))


def _understood(fields: Fields) -> Fields:
    if action := _BY_STATE.get(str(fields.get("sqlstate", ""))):
        return {"action": action}
    text = _statement(str(fields.get("message", "")))
    return {"statement": text, **_of_statement(_COMMENT.sub(" ", text))} if text else {}


def _statement(message: str) -> str:
    """The statement that `message` tells of; empty where it tells of none."""
    if message.startswith(_AUDITED):
        try:
            row = next(csv.reader(io.StringIO(message.removeprefix(_AUDITED))), [])
        except csv.Error:
            return ""
        return row[_AUDITED_AT] if len(row) > _AUDITED_AT else ""
    found = _STATEMENT.match(message)
    return found["text"] if found else ""


def _of_statement(text: str) -> Fields:
    """What a statement does to roles and to the machine; the gravest of several in one."""
    acts = [(_act(found["verb"].lower(), found["rest"]), found["role"]) for found in _ROLE.finditer(text)]
    acts += [(_granted(found["what"]), found["role"]) for found in _GRANT.finditer(text)]
    acts += [("superuser-made", "") for _found in _REWRITTEN.finditer(text)]
    acts += [("machine-reached", "") for _found in _PROGRAM.finditer(text)]
    for gravest in ("superuser-made", "machine-reached", "role-made", "role-changed", "granted", "role-dropped"):
        for act, role in acts:
            if act == gravest:
                return {"action": act, "role": _unquoted(role)}
    return {"action": "schema-changed"}


def _granted(what: str) -> str:
    """What it means that `what` was granted: rights on something, or roles."""
    roles = {_unquoted(name.strip()).lower() for name in what.split(",")}
    if roles & _SUPERUSERS:
        return "superuser-made"
    return "machine-reached" if roles & _SERVERS_OWN else "granted"


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _act(verb: str, rest: str) -> str:
    if verb == "drop":
        return "role-dropped"
    if _SUPERUSER.search(rest):  # NOSUPERUSER is another word
        return "superuser-made"
    return "role-made" if verb == "create" else "role-changed"
