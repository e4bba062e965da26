"""The journal file: lines are only ever added to it, and each is on disk before what it tells of is acknowledged.

The books hold every line as well (`store`), committed together with what it tells of. Whatever the file lacks of them
when the program starts, half a line included, is added then: killed anywhere, no line is lost and none stands twice.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from stand_ins.payments.refusal import NotReady


class Journal:
    """The file at a path that the program was told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._handle = os.open(path, flags, 0o600)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)

    @property
    def size(self) -> int:
        """How many bytes it holds."""
        return os.fstat(self._handle).st_size

    def add(self, entries: Iterable[tuple[bytes, int]]) -> None:
        """Add what is missing of `entries`: lines, each with the place where it ends; return when it is on disk.

        Raises `OSError` where the disk does not take it.
        """
        for line, ends in entries:
            rest = line[self.size - (ends - len(line)) :]
            while rest:
                rest = rest[os.write(self._handle, rest) :]
        os.fsync(self._handle)

    def close(self) -> None:
        """Let go of it."""
        os.close(self._handle)


def raise_if_foreign(journal: Journal, ends: int) -> None:
    """Raise `NotReady` where the file holds more than this program wrote, which was up to `ends`."""
    if journal.size > ends:
        raise NotReady(f"{journal.path} holds what this program did not write")
