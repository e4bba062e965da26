"""nginx's and Apache's combined access log, the form that both have unless told otherwise.

    192.0.2.7 - - [22/Nov/2026:17:00:13 +0500] "GET /reports?x=1 HTTP/1.1" 200 612 "-" "Mozilla/5.0"

A remote user's name is whatever a stranger typed; quotes in it are escaped by both servers, so that a request cannot be
forged in it. Whoever can choose prefers `nginx-json`: it says how long an answer took, and is exact to the millisecond.
Source of the form: ngx_http_log_module, "combined"; Apache's mod_log_config, "combined" and "common".
"""

import re
from datetime import datetime

from senim.telemetry.frames import Line
from senim.telemetry.parsers import moments, web
from senim.telemetry.parsers.observed import OTHER, Fields, Observed, readable

_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_FORM = re.compile(
    r"(?P<src>\S{1,255}) \S{1,255} (?P<user>.{1,1024}?) "
    r"\[(?P<at>\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\] "
    + _QUOTED.replace("(", "(?P<request>", 1)
    + r" (?P<status>\d{3}|-) (?P<sent>\d{1,15}|-)(?: "
    + _QUOTED.replace("(", "(?P<referer>", 1)
    + " "
    + _QUOTED.replace("(", "(?P<agent>", 1)
    + r")?(?: .*)?$",
    re.ASCII | re.DOTALL,
)
_ESCAPED = re.compile(r"(?:\\x[0-9A-Fa-f]{2})+|\\[\"\\bnrtv]")
_SIGNS = {"b": "\b", "n": "\n", "r": "\r", "t": "\t", "v": "\v", '"': '"', "\\": "\\"}


def parse(line: Line, host: str, _zone: str) -> Observed:
    """What `line` says. Never raises: what has not the form has the action `other`."""
    text = readable(line.data.removesuffix(b"\r"))
    found = _FORM.match(text)
    request = _request(found) if found else web.Request()
    fields: Fields = {"host": host, **web.fields_of(request)}
    claimed = _moment(found["at"]) if found else None
    if claimed is None and fields["action"] != OTHER:
        fields["time_flaw"] = "unreadable"
    at, basis = moments.believed(claimed, line.read_at, fields)
    return Observed(at, basis, fields, text)


def _request(found: re.Match[str]) -> web.Request:
    line = _unescaped(found["request"])
    method, target, version = web.request_line(line)
    return web.Request(
        src_ip=found["src"],
        method=method,
        target=target,
        version=version,
        status=web.number(found["status"]),
        sent=web.number(found["sent"]),
        user=_said(found["user"]),
        agent=_said(found["agent"]),
        referer=_said(found["referer"]),
        raw=line,
    )


def _said(text: str | None) -> str:
    return "" if text in (None, "-") else _unescaped(text or "")


def _unescaped(text: str) -> str:
    r"""`text` with `\x22`, `\"` and their like made characters again."""
    return _ESCAPED.sub(_character, text) if "\\" in text else text


def _character(found: re.Match[str]) -> str:
    escape = found[0]
    if not escape.startswith("\\x"):
        return _SIGNS[escape[1]]
    return bytes.fromhex(escape.replace("\\x", "")).decode("utf-8", "replace")


def _moment(text: str) -> datetime | None:
    """`22/Nov/2026:17:00:13 +0500`; month names are English whatever the machine's language."""
    day, month, rest = text.split("/")
    year, clock = rest.split(":", 1)
    place = moments.MONTHS.get(month)
    return moments.iso(f"{year}-{place:02}-{day}T{clock[:8]}{clock[9:12]}:{clock[12:]}") if place else None
