"""What is fuzzed: each takes any bytes, and raises where what came of them is wrong."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from senim.telemetry import frames, parsers
from senim.telemetry.frames import BadFrame, Frame, Line
from senim.telemetry.parsers import numbers

Target = Callable[[bytes], None]
_RECORDED = Path(__file__).parent.parent / "telemetry" / "recorded"
_READ_AT = 1_795_646_600.0
_ZONE = "Asia/Almaty"


def _is_whole(kind: str, seen: parsers.Observed) -> None:
    assert {"host", "action"} <= seen.fields.keys()
    assert all(isinstance(value, str | int | bool) for value in seen.fields.values())
    assert seen.text.isprintable()
    assert parsers.in_form(kind, seen) in {True, False, None}


def _parse(kind: str, data: bytes) -> None:
    _is_whole(kind, parsers.parse(kind, Line(1, _READ_AT, data), "host-1", _ZONE))


def _join(data: bytes) -> None:
    """The first half is what was remembered, the second a log."""
    state, log = data[: len(data) // 2], data[len(data) // 2 :]
    lines = tuple(Line(number, _READ_AT, one) for number, one in enumerate(log.splitlines(), start=1))
    frame = Frame("auditd", "auditd", "host-1", "e1", lines, zone=_ZONE)
    for _, seen in parsers.parse_joined(frame, lines, state)[0]:
        _is_whole("auditd", seen)


def _frame(data: bytes) -> None:
    try:
        frame = frames.decode(data)
    except BadFrame:
        return
    again = frames.encode(frame)
    assert frames.encode(frames.decode(again)) == again
    with suppress(parsers.UnknownKind):
        for _, seen in parsers.parse_joined(frame, frame.lines, b"")[0]:
            _is_whole(frame.kind, seen)


def _mask(data: bytes) -> None:
    masked, _ = numbers.masked(data)
    assert numbers.masked(masked) == (masked, 0)


TARGETS: Mapping[str, Target] = {
    **{kind: partial(_parse, kind) for kind in parsers.PARSERS},
    "auditd-joined": _join,
    "frame": _frame,
    "masking": _mask,
}


def seeds(name: str) -> Iterator[bytes]:
    """What to begin with: lines that real programs wrote, and the shapes of others."""
    if name in {"auditd", "auditd-joined"}:
        yield from (_RECORDED / "auditd-3.0.9.log").read_bytes().splitlines()
    if name == "postgresql":
        yield from (_RECORDED / "postgresql-18.3.json").read_bytes().splitlines()
    if name == "frame":
        yield frames.encode(Frame("sshd", "sshd", "gate-1", "e1", (Line(1, _READ_AT, b"a line"),), zone=_ZONE))
    yield from _SHAPES


_SHAPES = (
    b"2026-11-25T03:14:15.926+05:00 gate-1 sshd[71]: Failed password for root from 203.0.113.9 port 4 ssh2",
    b"Nov 25 03:14:15 gate-1 sshd[71]: Accepted publickey for aigerim from 2001:db8::7 port 22 ssh2: ED25519 SHA256:x",
    b'203.0.113.9 - - [25/Nov/2026:03:14:15 +0500] "GET /a?id=1%27 HTTP/1.1" 200 12 "-" "Mozilla/5.0 \\x22"',
    b'{"msec": "1795646600.123", "remote_addr": "203.0.113.9", "request_uri": "/a?b=%27", "status": "404"}',
    b'{"at": "2026-11-25T03:14:15Z", "service": "console", "ok": true, "ms": 12, "reason": ""}',
    b'{"at": "2026-11-25T03:14:15Z", "event": "executed", "refund": "r-1", "amount": 100, "currency": "KZT"}',
    b'{"at": 1795646600, "path": "/srv/uploads/a.zip", "rule": "Web_shell", "severity": "high", "sha256": "00"}',
    b'{"id": "1", "method": "GET", "path": "/kk/", "status": 200, "src_ip": "127.0.0.1", "user": "head"}',
    b'type=SYSCALL msg=audit(1795646549.178:5): arch=c000003e syscall=59 success=yes exe=2F746D70 key="senim"',
)
