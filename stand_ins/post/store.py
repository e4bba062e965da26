"""What came, and how each way is to behave: one SQLite file that several processes open."""

import datetime
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from stand_ins.post.behaviour import Behaviour, Mode

WAYS = ("sms", "webhook", "mail")
_SCHEMA = """
CREATE TABLE IF NOT EXISTS received (
    place INTEGER PRIMARY KEY, way TEXT NOT NULL, id TEXT NOT NULL, at TEXT NOT NULL, recipient TEXT NOT NULL,
    text TEXT NOT NULL, raw TEXT NOT NULL, tls TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS behaviour (
    way TEXT PRIMARY KEY, mode TEXT NOT NULL, times_left INTEGER, until TEXT, delay REAL NOT NULL
);
"""


def now() -> datetime.datetime:
    """The present moment."""
    return datetime.datetime.now(tz=datetime.UTC)


@dataclass(frozen=True)
class Received:
    """One letter as it was handed over to a person."""

    way: str
    id: str
    """By which the sender says that it is the same letter."""
    recipient: str
    text: str
    raw: str
    tls: str
    at: str = ""


class Store:
    """The file."""

    def __init__(self, home: Path) -> None:
        self._path = home / "post.sqlite3"
        with self._open() as database:
            database.executescript(_SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self._path, timeout=10)
        try:
            with database:
                database.execute("PRAGMA synchronous = FULL")
                yield database
        finally:
            database.close()

    def keep(self, letter: Received) -> None:
        """Write down what was handed over; on disk when this returns."""
        row = (letter.way, letter.id, now().isoformat(), letter.recipient, letter.text, letter.raw, letter.tls)
        with self._open() as database:
            database.execute(
                "INSERT INTO received (way, id, at, recipient, text, raw, tls) VALUES (?, ?, ?, ?, ?, ?, ?)", row
            )

    def knows(self, way: str, letter: str) -> bool:
        """Whether a letter of this identifier came by this way before: a person is not rung twice for it."""
        with self._open() as database:
            found = database.execute("SELECT 1 FROM received WHERE way = ? AND id = ?", [way, letter]).fetchone()
        return found is not None

    def received(self) -> list[Received]:
        """Everything that came, in the order in which it did."""
        with self._open() as database:
            rows = database.execute("SELECT way, id, recipient, text, raw, tls, at FROM received ORDER BY place")
            return [Received(*row) for row in rows]

    def behave(self, way: str, wanted: Behaviour) -> None:
        """Let `way` behave so from now on."""
        until = wanted.until.isoformat() if wanted.until else None
        row = (way, wanted.mode.value, wanted.times_left, until, wanted.delay)
        with self._open() as database:
            database.execute("INSERT OR REPLACE INTO behaviour VALUES (?, ?, ?, ?, ?)", row)

    def behaviour(self, way: str) -> Behaviour:
        """How `way` behaves now."""
        with self._open() as database:
            row = database.execute(
                "SELECT mode, times_left, until, delay FROM behaviour WHERE way = ?", [way]
            ).fetchone()
        if row is None:
            return Behaviour()
        until = datetime.datetime.fromisoformat(row[2]) if row[2] else None
        return Behaviour(Mode(row[0]), row[1], until, row[3]).at(now())

    def spend(self, way: str) -> Behaviour:
        """How `way` behaves to the letter that comes now: one of its `times_left` is gone then."""
        found = self.behaviour(way)
        with self._open() as database:
            database.execute("UPDATE behaviour SET times_left = times_left - 1 WHERE way = ? AND times_left > 0", [way])
        return found
