"""The head of a line that a syslog daemon wrote: when, which host, which program.

RFC 3164 as files have it (`Nov 22 17:00:13 host sshd[123]: …`), rsyslog's FileFormat (`2026-11-22T17:00:13.5+05:00 host
sshd[123]: …`) and RFC 5424 (`<38>1 2026-11-22T17:00:13Z host sshd 123 - - …`).
"""

import re
from dataclasses import dataclass
from datetime import datetime

from senim.telemetry.parsers import moments

_PRIORITY = r"(?:<\d{1,3}>)?"
_TAG = r"(?P<host>\S{1,255}) (?P<program>[^\s:\[\]]{1,48})(?:\[(?P<pid>\d{1,10})\])?: ?(?P<message>.*)"
_RFC3164 = re.compile(
    _PRIORITY + r"(?P<month>[A-Z][a-z]{2}) (?P<day>[ \d]\d) (?P<clock>\d\d:\d\d:\d\d) " + _TAG, re.ASCII | re.DOTALL
)
_FILE_FORMAT = re.compile(
    _PRIORITY + r"(?P<moment>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S{0,20}) " + _TAG, re.ASCII | re.DOTALL
)
_STRUCTURED = r'(?:-|(?:\[(?:[^"\]]|"(?:[^"\\]|\\.)*")*\])+)'
_RFC5424 = re.compile(
    r"<\d{1,3}>1 (?P<moment>\S{1,40}) (?P<host>\S{1,255}) (?P<program>\S{1,48}) (?P<pid>\S{1,128}) \S{1,32} "
    + _STRUCTURED
    + r"(?: \ufeff?(?P<message>.*))?$",
    re.ASCII | re.DOTALL,
)


@dataclass(frozen=True)
class Head:
    """What stood before the message."""

    claimed: datetime | None
    unreadable_time: bool
    """The line has a moment, but no such moment exists."""
    host: str
    program: str
    pid: int | None
    message: str


def split(text: str, *, read_at: float, zone_name: str) -> Head | None:
    """The head of `text` and its message; None where it has no syslog head."""
    if found := _RFC5424.match(text) or _FILE_FORMAT.match(text):
        claimed = moments.iso(found["moment"])
        unreadable = claimed is None and found["moment"] != "-"
    elif found := _RFC3164.match(text):
        claimed = moments.rfc3164(found["month"], found["day"], found["clock"], read_at=read_at, zone_name=zone_name)
        unreadable = claimed is None
    else:
        return None
    pid = found["pid"]
    number = int(pid) if pid and pid.isdigit() and len(pid) <= 10 else None  # noqa: PLR2004 - a pid has no more digits
    return Head(claimed, unreadable, found["host"], found["program"], number, found["message"] or "")
