"""What came to a door's log since the last look; not to miss nothing (the follower's task), but to count in time.

Bounded whatever the flood: of more lines than `MOST_LINES` every n-th is read and stands for n.
"""

import os
from pathlib import Path

MOST_LINES = 4000
MOST_BYTES = 8 * 1024 * 1024
"""Read at one look. A log that grows faster is skipped to its end: its lines are counted by their mean length."""


class Tail:
    """The end of one log, followed through rotation."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None
        self._rest = b""
        self._open(at_end=True)

    def close(self) -> None:
        """Let go of the file."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _open(self, *, at_end: bool) -> None:
        try:
            self._handle = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        if at_end:
            os.lseek(self._handle, 0, os.SEEK_END)

    def look(self) -> tuple[list[bytes], int]:
        """Lines that came, and for how many each stands. Raises `OSError` where the log cannot be read."""
        data = self._new()
        if self._is_replaced():
            self.close()
            self._open(at_end=False)
            data += self._new()
        lines = (self._rest + data).split(b"\n")
        self._rest = lines.pop()[-MOST_BYTES:]
        step = -(-len(lines) // MOST_LINES) or 1
        return lines[::step], step

    def _new(self) -> bytes:
        if self._handle is None:
            return b""
        behind = os.fstat(self._handle).st_size - os.lseek(self._handle, 0, os.SEEK_CUR)
        if behind < 0:  # cut short
            os.lseek(self._handle, 0, os.SEEK_SET)
        elif behind > MOST_BYTES:
            os.lseek(self._handle, -MOST_BYTES, os.SEEK_END)
            self._rest = b""
        return os.read(self._handle, MOST_BYTES)

    def _is_replaced(self) -> bool:
        """Whether the path names another file now, or names one for the first time."""
        try:
            facts = self._path.stat()
        except FileNotFoundError:
            return False
        return self._handle is None or os.fstat(self._handle).st_ino != facts.st_ino
