"""The access log that an application keeps of itself: one JSON object a request. Our own doors write it.

    {"at":"2026-11-22T12:00:00.123Z","door":"console","src":"192.0.2.7","method":"GET","path":"/kk/incidents/",
     "query":"","status":200,"bytes":5120,"ms":14,"agent":"Mozilla/5.0","id":"0198…","violation":""}

`violation` says what no proxy can see, in a closed vocabulary (`VIOLATIONS`): the application itself found that a
request did what its code never does. A bureau's own application may write this form as well. Cookies, bodies and tokens
have no place in it; path and query come with people's data taken out (`doors.access` does so for ours).
Fields beside those of every web server (`telemetry.parsers.web`): `door`, `request_id`, `violation`.
"""

from typing import Any

from senim.telemetry.frames import Line
from senim.telemetry.parsers import moments, web
from senim.telemetry.parsers.nginx_json import json_object, text_of
from senim.telemetry.parsers.observed import OTHER, Fields, Observed, readable

CANARY = "canary"
"""A planted value that no page shows left in an answer: what is kept was read past the application's own rules."""
DATABASE_SYNTAX = "database-syntax"
"""The database found a statement of this application to be no SQL: its text was changed by somebody."""
DATABASE_RIGHT = "database-right"
"""The database refused a statement for want of a right, or because what it would change is never changed."""
VIOLATIONS = frozenset({CANARY, DATABASE_SYNTAX, DATABASE_RIGHT})


def parse(line: Line, host: str, _zone: str) -> Observed:
    """What `line` says. Never raises: what is no such object has the action `other`."""
    row = json_object(line.data)
    fields: Fields = {"host": host, "door": "", "violation": "", **web.fields_of(_request(row))}
    violation = text_of(row, "violation")
    fields |= {
        "door": text_of(row, "door"),
        "request_id": text_of(row, "id"),
        "violation": violation if violation in VIOLATIONS else "",
    }
    claimed = moments.iso(text_of(row, "at"))
    if claimed is None and fields["action"] != OTHER:
        fields["time_flaw"] = "unreadable"
    at, basis = moments.believed(claimed, line.read_at, fields)
    return Observed(at, basis, fields, readable(line.data))


def _request(row: dict[str, Any]) -> web.Request:
    path, query = text_of(row, "path"), text_of(row, "query")
    return web.Request(
        src_ip=text_of(row, "src"),
        method=text_of(row, "method"),
        target=f"{path}?{query}" if query else path,
        status=web.number(row.get("status")),
        sent=web.number(row.get("bytes")),
        milliseconds=web.number(row.get("ms")),
        agent=text_of(row, "agent"),
    )
