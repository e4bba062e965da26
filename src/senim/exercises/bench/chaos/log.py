"""The file that the source `sshd` follows, written as a daemon writes it, rotated and cut as careless hands do."""

import datetime
from collections import Counter
from datetime import UTC, timedelta
from pathlib import Path

HOUR = len("2026-11-22T10")
"""How many characters of a line name the hour, by its own clock."""


class Log:
    """One log over time, and what was written to it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = timedelta(0)
        """By how much the daemon's clock is wrong."""
        self.hours: Counter[str] = Counter()
        """Lines that were written whole, by the hour that each names."""
        self._rotations = 0

    def write(self, machine: str, text: str) -> None:
        """Append a line."""
        self._append(self._line(machine, text))

    def rotate_within(self, machine: str, text: str) -> None:
        """The file is rotated while a line is written: its rest goes to the old file, what follows to a new one."""
        line = self._line(machine, text)
        self._rotations += 1
        with self.path.open("a", encoding="utf-8") as old:
            half = len(line) // 2
            old.write(line[:half])
            old.flush()
            self.path.rename(self.path.with_name(f"{self.path.name}.{self._rotations}"))
            self.path.touch()
            old.write(line[half:])

    def cut_within(self, machine: str, text: str) -> None:
        """The file is emptied while a line is written: that line is lost, as nobody can help; no other is."""
        line = self._line(machine, text)
        self.hours[line[:HOUR]] -= 1
        half = len(line) // 2
        self._append(line[:half])
        with self.path.open("r+b") as file:
            file.truncate(0)
        self._append(line[half:])

    def _line(self, machine: str, text: str) -> str:
        at = (datetime.datetime.now(tz=UTC) + self.clock).isoformat(timespec="microseconds")
        self.hours[at[:HOUR]] += 1
        return f"{at} {machine} sshd[4242]: {text}\n"

    def _append(self, text: str) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(text)
