"""Frames: numbered lines of one source, packed together for the durable stream.

Every line has a place in one sequence: (source, epoch, seq). `seq` starts at 1 in each epoch and has no holes; a new
epoch begins only where the collector has lost its place, and the ledger names that. A frame is what is published,
acknowledged and redelivered as one piece.

A frame without lines is a *sign of life*: it says up to when the source was read and which number comes next, and goes
the way of every line.
"""

from datetime import UTC, datetime
from typing import Final

import msgspec

from senim.kit.unreadable import UNREADABLE
from senim.telemetry.zones import is_known

VERSION: Final = 1
MOST_LINES: Final = 500
MOST_BYTES: Final = 512 * 1024
"""Of line data in one frame: with its packing it stays under 1 MiB, the default `max_payload` of a NATS server."""

_LATEST: Final = 253_402_300_800.0
"""The year 10000, which no `datetime` can say."""


class BadFrame(ValueError):
    """Bytes that are not a frame of a version we know."""


class Line(msgspec.Struct, frozen=True, array_like=True):
    """One line of a source, as it stood there."""

    seq: int
    read_at: float
    """When the collector read it: seconds since 1970."""
    data: bytes
    """Without its newline and without NUL bytes before it (a hole in its file); evidence is hashed as it is here."""
    flaw: str = ""
    """What is wrong with it, by name (see `flaws`): kept, never dropped."""


class Frame(msgspec.Struct, frozen=True):
    """Consecutive lines of one source in one epoch; none in a sign of life."""

    source: str
    kind: str
    """Which parser reads it: `sshd`, `platform`."""
    host: str
    epoch: str
    lines: tuple[Line, ...]
    version: int = VERSION
    zone: str = "UTC"
    """The time zone of moments that the lines give without one (IANA name)."""
    next: int = 0
    """Of a sign of life: the number that the next line will have."""
    at: float = 0.0
    """Of a sign of life: when the source was read last. Seconds since 1970."""

    @property
    def first(self) -> int:
        """Number of the first line, or of the one that would be."""
        return self.lines[0].seq if self.lines else self.next

    @property
    def last(self) -> int:
        """Number of the last line, or of the one before."""
        return self.lines[-1].seq if self.lines else self.next - 1

    @property
    def read_until(self) -> datetime:
        """Up to when the source had been read when this frame was made."""
        return datetime.fromtimestamp(max((line.read_at for line in self.lines), default=self.at), tz=UTC)

    @property
    def id(self) -> str:
        """What the stream knows it by: a second frame with this id is not stored."""
        name = f"{self.source}.{self.epoch}.{self.first}"
        return name if self.lines else f"{name}.{self.at}"


_decoder = msgspec.msgpack.Decoder(Frame)
_encoder = msgspec.msgpack.Encoder()


def encode(frame: Frame) -> bytes:
    """`frame` as MessagePack."""
    return _encoder.encode(frame)


def decode(data: bytes) -> Frame:
    """The frame behind `data`.

    Raises `BadFrame` where it is no frame, is of another version, says no time of reading, has a hole in its numbers or
    an unknown time zone.
    """
    try:
        frame = _decoder.decode(data)
    except UNREADABLE as error:
        raise BadFrame(f"not a frame: {error}") from error
    if frame.version != VERSION:
        raise BadFrame(f"a frame of version {frame.version}; this release reads version {VERSION}")
    if any(not 0 < line.read_at < _LATEST for line in frame.lines):
        raise BadFrame("a frame with a line that says no time of reading")
    if not frame.lines and not 0 < frame.at < _LATEST:
        raise BadFrame("a frame without lines that says no time of reading")
    if frame.first < 1 or any(line.seq != frame.first + n for n, line in enumerate(frame.lines)):
        raise BadFrame("a frame whose lines are not numbered one after another")
    if not is_known(frame.zone):
        raise BadFrame(f"a frame of an unknown time zone: {frame.zone!r}")
    return frame


def flaws(line: Line) -> dict[str, int]:
    """The named flaws of `line` with their figure: `{"truncated": 934465}` is a line cut short by so many bytes.

    `truncated` (figure: bytes left out), `nul` (figure: NUL bytes before it, left out), `binary` (control characters),
    `not-utf8`, `unfinished` (its file ended without a newline); where there is nothing to measure the figure is 1.
    """
    named = (part.partition(":") for part in line.flaw.split(",") if part)
    return {name: int(figure) if figure.isdigit() else 1 for name, _, figure in named}
