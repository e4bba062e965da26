"""A file of lines that grows to a limit and no further: what a process observes, for the collector to follow.

A full file is renamed (`NAME.1`, `NAME.2`, the oldest goes) and a new one begun, so that whoever follows it reads every
line once (`telemetry.internal.follower`) and no flood of lines fills the disk. One process writes, in any thread.
"""

import os
import threading
from pathlib import Path

MOST_BYTES = 16 * 1024 * 1024
KEPT = 2
"""Full files beside the one that is written."""


class Journal:
    """Appends lines to `path`, whose folder must exist."""

    def __init__(self, path: Path, *, most_bytes: int = MOST_BYTES, kept: int = KEPT) -> None:
        self.path = path
        self._most_bytes = most_bytes
        self._kept = kept
        self._handle: int | None = None
        self._lock = threading.Lock()

    def write(self, line: bytes) -> None:
        """Append `line`, which holds no newline, whole or not at all. Raises `OSError` where there is no room."""
        data = line + b"\n"
        with self._lock:
            handle = self._opened()
            size = os.fstat(handle).st_size
            if size and size + len(data) > self._most_bytes:
                self._turn()
                handle, size = self._opened(), 0
            if os.write(handle, data) < len(data):
                os.ftruncate(handle, size)  # a disk that is full took a part of it
                raise OSError(f"{self.path}: no room for a line")

    def close(self) -> None:
        """Let go of the file; the next line opens it again."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def _opened(self) -> int:
        if self._handle is None:
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
            self._handle = os.open(self.path, flags, 0o600)
        return self._handle

    def _turn(self) -> None:
        self.close()
        for number in range(self._kept, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number - 1}") if number > 1 else self.path
            if older.exists():
                older.replace(self.path.with_name(f"{self.path.name}.{number}"))
