"""One open text file: complete lines from a place onwards, and whether it is still the file it was.

A line ends with its newline; what stands behind the last one is held until its newline comes. Lines longer than
`LONGEST` are cut and what is left out is counted; one without any newline is cut every `ENDLESS` bytes, so that neither
memory nor silence grows without bound. So far lines depend on the bytes alone, and reading again from the same place
gives the same lines. One thing depends on time: what a rotated file ends with and nobody has finished for long is taken
as a line (`take_unfinished`); if its writer goes on after all, the rest is another line.
"""

import hashlib
import os
import re
import stat
from codecs import getincrementaldecoder
from pathlib import Path

import msgspec

LONGEST = 64 * 1024
"""Bytes of a line that are kept."""
ENDLESS = 16 * 1024 * 1024
"""Bytes after which a line is cut even though its newline has not come."""
_PIECE = 1024 * 1024
_SAMPLE = 256
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_utf8 = getincrementaldecoder("utf-8")

RawLine = tuple[bytes, str]
"""Bytes without newline, and what is wrong with them (see `frames.flaws`)."""


class NotRegular(OSError):
    """A folder, a pipe, a device: not a text file."""


class FilePlace(msgspec.Struct, frozen=True, array_like=True):
    """A place in a file that survives renaming and shows another file for what it is."""

    inode: int
    offset: int
    print: str
    """Fingerprint of what stood before `offset`: its first and its last bytes."""


class LogFile:
    """A file, open for reading, and the place in it."""

    def __init__(self, path: Path) -> None:
        """Open `path` at its beginning. Raises `OSError`, `NotRegular` where it is no file."""
        self._handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        facts = os.fstat(self._handle)
        if not stat.S_ISREG(facts.st_mode):
            self.close()
            raise NotRegular(f"{path} is not a regular file")
        self.inode = facts.st_ino
        self.offset = 0
        self._print = self._fingerprint(0)
        self._scanned = 0
        self._seen: tuple[int, int] | None = None
        """Size and time of change when nothing more was to be had."""

    def close(self) -> None:
        """Let go of it."""
        os.close(self._handle)

    @property
    def place(self) -> FilePlace:
        """Where the next line begins."""
        return FilePlace(self.inode, self.offset, self._print)

    @property
    def facts(self) -> os.stat_result:
        """What the kernel says of it now."""
        return os.fstat(self._handle)

    def go_to(self, offset: int) -> None:
        """Make `offset` the place."""
        self.offset = offset
        self._print = self._fingerprint(offset)
        self._scanned = 0
        self._seen = None

    def holds(self, place: FilePlace) -> bool:
        """Whether this is the file of which `place` was taken, with everything before it unchanged."""
        return self.facts.st_size >= place.offset and self._fingerprint(place.offset) == place.print

    def _fingerprint(self, offset: int) -> str:
        first = os.pread(self._handle, min(_SAMPLE, offset), 0)
        last = os.pread(self._handle, min(_SAMPLE, offset), max(0, offset - _SAMPLE))
        return hashlib.blake2b(first + last, digest_size=8).hexdigest()

    def has_news(self) -> bool:
        """Whether it has changed since everything complete was taken from it."""
        facts = self.facts
        return self._seen != (facts.st_size, facts.st_mtime_ns)

    def take(self, lines: int, room: int) -> list[RawLine] | None:
        """Up to `lines` complete lines of together at most `room` (≥ `LONGEST`) bytes, and move behind them.

        None where the file was cut short or written over: what was read of it cannot be told from what is new.
        """
        facts = self.facts
        piece = os.pread(self._handle, room, self.offset)
        at_end = len(piece) < room
        taken, behind = _complete(piece, lines)
        if not taken and len(piece) > LONGEST:
            taken, behind = self._overlong()
            at_end = not taken
        # After reading: what was changed in between must not pass for what follows the place.
        if not self.holds(self.place):
            return None
        if behind:
            self.go_to(self.offset + behind)
        if at_end and len(taken) < lines:
            self._seen = (facts.st_size, facts.st_mtime_ns)
        return taken

    def take_unfinished(self) -> list[RawLine]:
        """What stands behind the last newline, as a line: for a file that nobody will finish any more."""
        rest = self.facts.st_size - self.offset
        if rest <= 0:
            return []
        line = _judged(os.pread(self._handle, LONGEST, self.offset), max(0, rest - LONGEST), unfinished=True)
        self.go_to(self.offset + rest)
        return [line]

    def _overlong(self) -> tuple[list[RawLine], int]:
        """The overlong line at the place and its length with newline; nothing where its newline has not come yet."""
        end = max(self._scanned, self.offset)
        while end - self.offset < ENDLESS:
            piece = os.pread(self._handle, min(_PIECE, self.offset + ENDLESS - end), end)
            if not piece:
                self._scanned = end
                return [], 0
            newline = piece.find(b"\n")
            if newline >= 0:
                return [self._cut(end + newline - self.offset)], end + newline + 1 - self.offset
            end += len(piece)
        return [self._cut(ENDLESS)], ENDLESS

    def _cut(self, length: int) -> RawLine:
        return _judged(os.pread(self._handle, LONGEST, self.offset), length - LONGEST)


def _complete(piece: bytes, most: int) -> tuple[list[RawLine], int]:
    """The complete lines at the beginning of `piece`, `most` of them, and how many bytes they take."""
    *lines, rest = piece.split(b"\n", most)
    behind = len(piece) - len(rest)
    if piece.isascii() and not _CONTROL.search(piece) and all(len(x) <= LONGEST for x in lines):
        return [(line, "") for line in lines], behind
    return [_judged(line[:LONGEST], len(line) - LONGEST) for line in lines], behind


def _judged(kept: bytes, left_out: int, *, unfinished: bool = False) -> RawLine:
    """`kept` with its flaws by name."""
    flaws = []
    if left_out > 0:
        flaws.append(f"truncated:{left_out}")
    if unfinished:
        flaws.append("unfinished")
    if _CONTROL.search(kept):
        flaws.append("binary")
    try:
        _utf8().decode(kept, final=left_out <= 0)  # a cut may go through a character
    except UnicodeDecodeError:
        flaws.append("not-utf8")
    return kept, ",".join(flaws)
