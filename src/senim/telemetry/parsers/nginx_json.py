"""nginx's access log as JSON, each value under the name of nginx's own variable.

    log_format senim escape=json '{"msec":"$msec","remote_addr":"$remote_addr","host":"$host",'
        '"remote_user":"$remote_user","request":"$request","request_method":"$request_method",'
        '"request_uri":"$request_uri",'
        '"server_protocol":"$server_protocol","status":"$status","body_bytes_sent":"$body_bytes_sent",'
        '"request_time":"$request_time","http_user_agent":"$http_user_agent","http_referer":"$http_referer",'
        '"request_id":"$request_id"}';
    access_log /var/log/nginx/senim.jsonl senim;

`time_iso8601` may stand in for `msec`. Behind another proxy let nginx's realip module set `remote_addr`: an address
that a header claims is not believed here. Source of the form: ngx_http_log_module, `escape=json` (nginx 1.11.8).
"""

import json
from datetime import UTC, datetime
from typing import Any

from senim.telemetry.frames import Line
from senim.telemetry.parsers import moments, web
from senim.telemetry.parsers.observed import OTHER, Fields, Observed, readable


def parse(line: Line, host: str, _zone: str) -> Observed:
    """What `line` says. Never raises: what is no such object has the action `other`."""
    row = json_object(line.data)
    fields: Fields = {"host": host, **web.fields_of(_request(row))}
    if word := text_of(row, "request_id"):
        fields["request_id"] = word
    claimed = _claimed(row)
    if claimed is None and fields["action"] != OTHER:
        fields["time_flaw"] = "unreadable"
    at, basis = moments.believed(claimed, line.read_at, fields)
    return Observed(at, basis, fields, readable(line.data))


def json_object(data: bytes) -> dict[str, Any]:
    """The object in `data`; empty where it holds none. Bytes that are no UTF-8 (nginx writes them raw) are U+FFFD."""
    try:
        row = json.loads(data.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return {}
    return row if isinstance(row, dict) else {}


def text_of(row: dict[str, Any], name: str) -> str:
    """The text `name` of `row`, without half characters; empty where there is none or nginx wrote its `-`."""
    value = row.get(name)
    if not isinstance(value, str) or value == "-":
        return ""
    return value.encode("utf-8", "replace").decode()


def _request(row: dict[str, Any]) -> web.Request:
    seconds = text_of(row, "request_time")
    return web.Request(
        src_ip=text_of(row, "remote_addr"),
        method=text_of(row, "request_method"),
        target=text_of(row, "request_uri"),
        version=text_of(row, "server_protocol"),
        status=web.number(row.get("status")),
        sent=web.number(row.get("body_bytes_sent")),
        milliseconds=web.number(seconds.replace(".", "", 1)) if "." in seconds[-4:] else None,
        site=text_of(row, "host"),
        user=text_of(row, "remote_user"),
        agent=text_of(row, "http_user_agent"),
        referer=text_of(row, "http_referer"),
        raw=text_of(row, "request"),
    )


def _claimed(row: dict[str, Any]) -> datetime | None:
    whole, _, part = text_of(row, "msec").partition(".")
    seconds = web.number(whole)
    if seconds is None:
        return moments.iso(text_of(row, "time_iso8601"))
    try:
        return datetime.fromtimestamp(seconds, tz=UTC).replace(microsecond=(web.number(part[:3]) or 0) * 1000)
    except (ValueError, OverflowError, OSError):
        return None
