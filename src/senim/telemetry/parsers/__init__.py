"""Lines become fields that rules can look at: one parser for each kind of source.

A parser never raises and never drops: garbage has the action `other` and keeps its text. Fields that every kind has:
`host` and `action`; `time_flaw` (`future`, `ancient`, `unreadable`) where the line's own moment was not believed.
"""

from collections.abc import Callable, Iterable, Mapping

from senim.telemetry.frames import Frame, Line
from senim.telemetry.parsers import (
    auditd,
    door,
    heartbeat,
    malware,
    meter,
    nginx_combined,
    nginx_json,
    payments,
    platform,
    postgresql,
    sshd,
)
from senim.telemetry.parsers.form import in_form
from senim.telemetry.parsers.observed import OTHER, Observed

Parser = Callable[[Line, str, str], Observed]

PARSERS: Mapping[str, Parser] = {
    "auditd": auditd.parse,
    "door": door.parse,
    "heartbeat": heartbeat.parse,
    "malware": malware.parse,
    "meter": meter.parse,
    "nginx-combined": nginx_combined.parse,
    "nginx-json": nginx_json.parse,
    "payments": payments.parse,
    "platform": platform.parse,
    "postgresql": postgresql.parse,
    "sshd": sshd.parse,
}
"""Kind of source → its parser."""
JOINED: Mapping[str, Callable[[bytes], auditd.Joining]] = {"auditd": auditd.Joining}
"""Kinds whose lines tell more when one knows those before them: what goes on from their bytes (`parse_joined`)."""


class UnknownKind(LookupError):
    """A kind of source that this release cannot read."""


def parse(kind: str, line: Line, host: str, zone: str = "UTC") -> Observed:
    """`line` of a source of `kind`, read on `host`; `zone` is that of moments which name none (`Frame.zone`).

    Raises `UnknownKind`.
    """
    try:
        parser = PARSERS[kind]
    except KeyError:
        raise UnknownKind(f"no parser for sources of kind {kind!r}; known: {', '.join(PARSERS)}") from None
    return parser(line, host, zone)


def parse_joined(frame: Frame, lines: Iterable[Line], state: bytes) -> tuple[list[tuple[Line, Observed]], bytes]:
    """What `lines` of `frame` say, each knowing what those before it said; and the state to go on from.

    For kinds in which every line stands for itself the state stays empty. Raises `UnknownKind`.
    """
    if frame.kind not in JOINED:
        return [(line, parse(frame.kind, line, frame.host, frame.zone)) for line in lines], b""
    joining = JOINED[frame.kind](state)
    return [(line, joining.parse(line, frame.host, frame.zone)) for line in lines], joining.state


__all__ = ["JOINED", "OTHER", "PARSERS", "Observed", "Parser", "UnknownKind", "in_form", "parse", "parse_joined"]
