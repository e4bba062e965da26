"""Lines become fields that rules can look at: one parser for each kind of source.

A parser never raises and never drops: garbage has the action `other` and keeps its text. Fields that every kind has:
`host` and `action`; `time_flaw` (`future`, `ancient`, `unreadable`) where the line's own moment was not believed.
"""

from collections.abc import Callable, Mapping

from senim.telemetry.frames import Line
from senim.telemetry.parsers import door, meter, nginx_combined, nginx_json, platform, sshd
from senim.telemetry.parsers.observed import OTHER, Observed

Parser = Callable[[Line, str, str], Observed]

PARSERS: Mapping[str, Parser] = {
    "platform": platform.parse,
    "sshd": sshd.parse,
    "nginx-json": nginx_json.parse,
    "nginx-combined": nginx_combined.parse,
    "door": door.parse,
    "meter": meter.parse,
}
"""Kind of source → its parser."""


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


__all__ = ["OTHER", "PARSERS", "Observed", "Parser", "UnknownKind", "parse"]
