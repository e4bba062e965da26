"""One open text file: complete lines from a place onwards, and whether it is still the file it was.

A line ends with its newline; what stands behind the last one is held until its newline comes. Lines longer than
`LONGEST` are cut and what is left out is counted; one without any newline is cut every `ENDLESS` bytes, so that neither
memory nor silence grows without bound. So far lines depend on the bytes alone, and reading again from the same place
gives the same lines. One thing depends on time: what a rotated file ends with and nobody has finished for long is taken
as a line (`take_unfinished`); if its writer goes on after all, the rest is another line.

NUL bytes before a line are no part of it, as its newline is none: where a file was cut short under a writer that goes
on at its old place (`copytruncate`, no O_APPEND), they are the hole in between. They are left out and counted as a flaw
of the line; a hole of any size is passed without being read (`SEEK_DATA`), and where it is none on disk piece by piece.
"""

import errno
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
_MOST_PIECES = 64
"""Of NUL bytes, how many pieces are passed at once: the other sources are waiting."""
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
        self._begins = 0
        """From the place up to here there are only NUL bytes."""
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
        self._scanned = self._begins = 0
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
            taken, behind, at_end = self._overlong()
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
        if self.facts.st_size <= self.offset:
            return []
        while not self._pass_nuls():
            pass
        end = max(self.facts.st_size, self._begins)
        line = self._cut(end - self._begins, unfinished=True)
        self.go_to(end)
        return [line]

    def _pass_nuls(self) -> bool:
        """Find out where what is no NUL byte begins, or the file ends; whether that is known by now."""
        size = self.facts.st_size
        if max(self._begins, self._scanned) > size:  # cut short meanwhile: nothing of it is known any more
            self._begins = self._scanned = 0
        self._begins = max(self._begins, self.offset)
        for _ in range(_MOST_PIECES):
            piece = os.pread(self._handle, _PIECE, self._begins)
            bare = piece.lstrip(b"\0")
            self._begins += len(piece) - len(bare)
            if bare or not piece:
                return True
            self._begins = self._data_from(self._begins, size)
        return False

    def _data_from(self, offset: int, size: int) -> int:
        """Where, from `offset` on, the disk holds anything: `offset` itself where it cannot say."""
        try:
            return min(os.lseek(self._handle, offset, os.SEEK_DATA), size)
        except OSError as error:
            return size if error.errno == errno.ENXIO else offset

    def _overlong(self) -> tuple[list[RawLine], int, bool]:
        """The overlong line at the place, its length with newline and NUL bytes; whether the file ends before it does.

        Nothing where its newline has not come yet, or what stands before it is not passed yet.
        """
        if not self._pass_nuls():
            return [], 0, False
        start = self._begins
        end = max(self._scanned, start)
        while end - start < ENDLESS:
            piece = os.pread(self._handle, min(_PIECE, start + ENDLESS - end), end)
            if not piece:
                self._scanned = end
                return [], 0, True
            newline = piece.find(b"\n")
            if newline >= 0:
                return [self._cut(end + newline - start)], end + newline + 1 - self.offset, False
            end += len(piece)
        return [self._cut(ENDLESS)], start + ENDLESS - self.offset, False

    def _cut(self, length: int, *, unfinished: bool = False) -> RawLine:
        """The line of `length` bytes behind the NUL bytes that were passed."""
        kept = os.pread(self._handle, min(length, LONGEST), self._begins)
        return _judged(kept, length, nuls=self._begins - self.offset, unfinished=unfinished)


def _complete(piece: bytes, most: int) -> tuple[list[RawLine], int]:
    """The complete lines at the beginning of `piece`, `most` of them, and how many bytes they take."""
    *lines, rest = piece.split(b"\n", most)
    behind = len(piece) - len(rest)
    if piece.isascii() and not _CONTROL.search(piece) and all(len(x) <= LONGEST for x in lines):
        return [(line, "") for line in lines], behind
    bare = [(line.lstrip(b"\0"), len(line)) for line in lines]
    return [_judged(line[:LONGEST], len(line), nuls=length - len(line)) for line, length in bare], behind


def _judged(kept: bytes, length: int, *, nuls: int, unfinished: bool = False) -> RawLine:
    """What is `kept` of a line of `length` bytes behind so many `nuls`, with its flaws by name."""
    flaws = []
    left_out = length - LONGEST
    if nuls:
        flaws.append(f"nul:{nuls}")
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
