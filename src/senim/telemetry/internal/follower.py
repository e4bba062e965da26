"""Following a text file through rotation, truncation and restarts, so that every line is read once.

A log is several files over time. The follower holds them all, oldest first: when the path names a new file, the old
one stays open and is read on for as long as it exists, because its writer may not have noticed yet. A place is the
list of all their places; after a restart each is found again by inode and fingerprint, under whatever name it has now.
What cannot be found again is a loss, and is said.
"""

import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from senim.telemetry.frames import MOST_BYTES, MOST_LINES
from senim.telemetry.internal.logfile import LONGEST, FilePlace, LogFile, NotRegular
from senim.telemetry.internal.source import Reading, Remark
from senim.telemetry.notices import NoticeKind

Place = tuple[FilePlace, ...]

_MOST_FILES = 8
_PATIENCE = 5.0
"""Seconds that a file may be away before it is said: a rotation takes a moment."""
_REST = 600.0
"""Seconds without a change after which nobody is expected to finish a rotated file: its writer was told long ago. While
more files are held than ought to be, `_PATIENCE` is enough."""


class Follower:
    """Reads one log."""

    def __init__(self, path: Path, *, from_end: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self._from_end = from_end
        self._is_first = True
        """Whether nothing was ever read: what then stands in rotated files is older than the first start."""
        self._clock = clock
        self._files: list[LogFile] = []
        self._sought: Place = ()
        self._away_since: float | None = None
        self._resting_since: dict[int, float] = {}

    @property
    def place(self) -> Place:
        """Where to go on after everything read so far."""
        return self._sought or tuple(file.place for file in self._files)

    def close(self) -> None:
        """Let go of all files."""
        for file in self._files:
            file.close()
        self._files.clear()

    def resume(self, place: Place) -> None:
        """Go on from `place`. Files still open are used again: they may have no name any more."""
        self._sought = place
        self._from_end = self._is_first = False

    def read(self) -> Reading:
        """What has come since: one frame's worth at most. Never raises for what a file system can do to a file."""
        reading = Reading()
        for step in (self._find_again, self._look_for_another, self._take_all):
            try:
                step(reading)
            except OSError as error:
                reading.hindrance = NoticeKind.FILE_UNREADABLE, self._facts(reason=error.strerror or str(error))
            if self._sought:  # nothing newer may be read before the place is found, or known to be lost
                break
        reading.is_full = _is_full(reading)
        return reading

    def _facts(self, **more: object) -> dict[str, object]:
        return {"path": str(self.path), **more}

    # Finding the place again

    def _find_again(self, reading: Reading) -> None:
        """Open the files of the place that was resumed; nothing is decided before every name could be looked at."""
        if not self._sought:
            return
        opened = {file.inode: file for file in self._files}
        found: list[LogFile] = []
        lost: list[Remark] = []
        for place in self._sought:
            file = opened.get(place.inode) or self._open_inode(place.inode)
            if file is not None:
                opened[place.inode] = file
                self._files = list(opened.values())
            if file is not None and file.holds(place):
                file.go_to(place.offset)
                found.append(file)
            else:
                lost.append(self._lost(place, file))
        for file in opened.values():
            if file not in found:
                file.close()
        self._files, self._sought = found, ()
        reading.losses += lost

    def _lost(self, place: FilePlace, file: LogFile | None) -> Remark:
        facts = self._facts(inode=place.inode, offset=place.offset)
        return (NoticeKind.ROTATED_AWAY if file is None else NoticeKind.TRUNCATED), facts

    def _open_inode(self, inode: int) -> LogFile | None:
        for path, facts in self._siblings():
            if facts.st_ino == inode:
                return _open(path, inode)
        return None

    def _siblings(self) -> Iterator[tuple[Path, os.stat_result]]:
        """Regular files beside the followed one (where that is a link: beside what it points to), itself included."""
        folder = Path(os.path.realpath(self.path)).parent
        try:
            entries = sorted(folder.iterdir())
        except FileNotFoundError:
            return
        for path in entries:
            try:
                facts = path.lstat()
            except FileNotFoundError:
                continue
            if stat.S_ISREG(facts.st_mode):
                yield path, facts

    # Rotation

    def _look_for_another(self, reading: Reading) -> None:
        """Take up the file that the path names now, and those that came and went in between."""
        newest = self._files[-1] if self._files else None
        try:
            inode = self.path.stat().st_ino
            if newest is None or inode != newest.inode:
                self._take_up(LogFile(self.path), newest)
        except FileNotFoundError:
            if newest is not None:
                self._files += list(self._between(newest))
            self._from_end = False  # what appears from now on is new from its first byte
            self._away_since = self._away_since or self._clock()
            if not self._files or self._clock() - self._away_since >= _PATIENCE:
                reading.hindrance = NoticeKind.FILE_MISSING, self._facts()
        else:
            self._away_since = None

    def _take_up(self, file: LogFile, former: LogFile | None) -> None:
        if self._from_end:
            file.go_to(file.facts.st_size)
            self._from_end = False
        between = [] if former is None else list(self._between(former, but=file.inode))
        if self._is_first:
            # A later rotation must not find them unknown and take them for new; what is still added to them is new.
            between = list(self._between(file, but=file.inode))
            for one in between:
                one.go_to(one.facts.st_size)
            self._is_first = False
        for one in [one for one in self._files if one.inode == file.inode]:  # renamed back: it goes on from its place
            file.go_to(one.offset)
            one.close()
            self._files.remove(one)
        self._files += [*between, file]

    def _between(self, former: LogFile, *, but: int = 0) -> Iterator[LogFile]:
        """Files that were rotated in and out again while nobody looked: named like one, last changed after `former`."""
        rotated = re.compile(re.escape(Path(os.path.realpath(self.path)).name) + r"[.-]\d[\d.-]*")
        known = {but, *(file.inode for file in self._files)}
        since = former.facts.st_mtime_ns
        candidates = [
            (facts.st_mtime_ns, path, facts.st_ino)
            for path, facts in self._siblings()
            if rotated.fullmatch(path.name) and facts.st_ino not in known and facts.st_mtime_ns >= since
        ]
        for _, path, inode in sorted(candidates):
            if file := _open(path, inode):
                yield file

    # Reading

    def _take_all(self, reading: Reading) -> None:
        for file in list(self._files):
            if file.has_news():
                self._resting_since.pop(file.inode, None)
                self._take(file, reading)
            if file.has_news():  # the old file is finished before the new one is begun
                return
            if file is not self._files[-1] and not _is_full(reading):
                self._finish(file, reading)

    def _take(self, file: LogFile, reading: Reading) -> None:
        if _is_full(reading):
            return
        taken = file.take(*_left(reading))
        if taken is None:
            reading.losses.append((NoticeKind.TRUNCATED, self._facts(inode=file.inode, offset=file.offset)))
            file.go_to(0)
            taken = file.take(*_left(reading)) or []
        reading.lines += taken

    def _finish(self, file: LogFile, reading: Reading) -> None:
        """A rotated file at rest: take what is unfinished; let go of it where it has no name any more or is too old.

        Its writer may hold it open all the while: the rest of a half line that was taken is a line of its own.
        """
        too_many = len(self._files) > _MOST_FILES
        rested = self._clock() - self._resting_since.setdefault(file.inode, self._clock())
        if rested < (_PATIENCE if too_many else _REST):
            return
        reading.lines += file.take_unfinished()
        if file.facts.st_nlink == 0 or too_many:
            self._files.remove(file)
            self._resting_since.pop(file.inode, None)
            file.close()


def _left(reading: Reading) -> tuple[int, int]:
    """How many more lines and bytes fit into a frame."""
    return MOST_LINES - len(reading.lines), MOST_BYTES - sum(len(data) for data, _ in reading.lines)


def _is_full(reading: Reading) -> bool:
    lines, room = _left(reading)
    return lines == 0 or room < LONGEST


def _open(path: Path, inode: int) -> LogFile | None:
    """`path` if it still is the file `inode`."""
    try:
        file = LogFile(path)
    except (FileNotFoundError, NotRegular):
        return None
    if file.inode == inode:
        return file
    file.close()
    return None
