"""What the stand-in has received, in one SQLite file: a row is on disk before a receipt leaves."""

import datetime
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

from stand_ins.asoi.behaviour import Behaviour, Mode
from stand_ins.asoi.clock import iso
from stand_ins.asoi.message import Message, read
from stand_ins.asoi.refusal import Refused

FILE = "received.db"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL,
    received_at TEXT NOT NULL,
    sealed BLOB NOT NULL,
    signed BLOB NOT NULL,
    content BLOB NOT NULL,
    receipt_content BLOB NOT NULL,
    receipt BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS delivery (
    message TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS delivery_message ON delivery (message);
CREATE TABLE IF NOT EXISTS behaviour (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    mode TEXT NOT NULL,
    times_left INTEGER,
    until TEXT,
    delay REAL NOT NULL
) STRICT;
"""
_READ = """
SELECT m.*,
    (SELECT count(*) FROM delivery d WHERE d.message = m.id AND d.sha256 = m.sha256) - 1 AS delivered_again,
    (SELECT count(*) FROM delivery d WHERE d.message = m.id AND d.sha256 <> m.sha256) AS conflicts
FROM message m
"""


class CannotKeep(Exception):
    """The message could not be written to disk: nothing is acknowledged."""


@dataclass(frozen=True)
class Arrival:
    """A message on its way in, in all its layers, with the receipt it is to get."""

    message: Message
    sealed: bytes
    signed: bytes
    content: bytes
    received_at: datetime.datetime
    receipt_content: bytes
    receipt: bytes


@dataclass(frozen=True)
class Received(Arrival):
    """An arrival that is kept."""

    number: int
    """From 1."""
    delivered_again: int
    """How often the same content came once more."""
    conflicts: int
    """How often other content came under its id and was refused."""


class Store:
    """One connection, shared by the server's threads; other processes open their own."""

    def __init__(self, home: Path) -> None:
        """Open the file in `home`; it is made where there is none, readable by its owner only."""
        path = home / FILE
        path.touch(mode=0o600)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        # FULL: a commit is on disk, not merely handed to the system, before the receipt leaves.
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._connection.close()

    def keep(self, arrival: Arrival) -> bytes:
        """Keep `arrival` and return its receipt; the receipt of the first time where it was here before.

        Raises `Refused` (409) for an id known with other content, `CannotKeep` where the disk does not take it.
        """
        identifier, sha256 = str(arrival.message.id), arrival.message.sha256
        with self._writing() as write:
            known = write.execute("SELECT sha256, receipt FROM message WHERE id = ?", [identifier]).fetchone()
            delivery = (identifier, sha256, iso(arrival.received_at))
            write.execute("INSERT INTO delivery VALUES (?, ?, ?)", delivery)
            if known is None:
                write.execute(
                    "INSERT INTO message VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)",
                    [
                        *delivery,
                        arrival.sealed,
                        arrival.signed,
                        arrival.content,
                        arrival.receipt_content,
                        arrival.receipt,
                    ],
                )
                return arrival.receipt
        if known["sha256"] != sha256:
            raise Refused(HTTPStatus.CONFLICT, "this id was received before with other content")
        return bytes(known["receipt"])

    @contextmanager
    def without_room(self) -> Iterator[None]:
        """Until the end of the block the database may not grow by a page: SQLite itself reports a full disk."""
        with self._lock:
            pages = self._connection.execute("PRAGMA page_count").fetchone()[0]
            before = self._connection.execute("PRAGMA max_page_count").fetchone()[0]
            self._connection.execute(f"PRAGMA max_page_count = {pages}")
            try:
                yield
            finally:
                self._connection.execute(f"PRAGMA max_page_count = {before}")

    def all(self) -> Iterator[Received]:
        """Every message, in the order of arrival."""
        after = 0
        while page := self._numbered(f"{_READ} WHERE number > ? ORDER BY number LIMIT 100", after):
            yield from page
            after = page[-1].number

    def latest(self, count: int, before: int) -> list[Received]:
        """At most `count` messages with numbers under `before`, the newest first."""
        return self._numbered(f"{_READ} WHERE number < ? ORDER BY number DESC LIMIT {count:d}", before)

    def count(self) -> int:
        """How many messages there are."""
        with self._lock:
            return int(self._connection.execute("SELECT count(*) FROM message").fetchone()[0])

    def _numbered(self, question: str, number: int) -> list[Received]:
        with self._lock:
            return [_received(row) for row in self._connection.execute(question, [number])]

    def one(self, identifier: UUID) -> Received | None:
        """The message with this id."""
        with self._lock:
            row = self._connection.execute(f"{_READ} WHERE id = ?", [str(identifier)]).fetchone()
        return None if row is None else _received(row)

    def another(self, than: UUID) -> Received | None:
        """The latest message with another id."""
        with self._lock:
            row = self._connection.execute(
                f"{_READ} WHERE id <> ? ORDER BY number DESC LIMIT 1", [str(than)]
            ).fetchone()
        return None if row is None else _received(row)

    def behaviour(self, now: datetime.datetime) -> Behaviour:
        """How to behave at `now`."""
        with self._lock:
            row = self._connection.execute("SELECT * FROM behaviour").fetchone()
        return Behaviour() if row is None else _behaviour(row).at(now)

    def behave(self, behaviour: Behaviour) -> None:
        """Behave so from now on. Raises `CannotKeep`."""
        until = behaviour.until and behaviour.until.isoformat()
        with self._writing() as write:
            row = (behaviour.mode, behaviour.times_left, until, behaviour.delay)
            write.execute("INSERT OR REPLACE INTO behaviour VALUES (1, ?, ?, ?, ?)", row)

    def behaviour_for_one(self, now: datetime.datetime) -> Behaviour:
        """How to behave towards one delivery, counted off. Raises `CannotKeep`."""
        behaviour = self.behaviour(now)
        if behaviour.times_left is None:
            return behaviour
        with self._writing() as write:
            counted = write.execute("UPDATE behaviour SET times_left = times_left - 1 WHERE times_left > 0").rowcount
        return behaviour if counted else Behaviour()

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                raise CannotKeep(str(error)) from error
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")


def _received(row: sqlite3.Row) -> Received:
    return Received(
        number=row["number"],
        message=read(row["content"]),
        sealed=row["sealed"],
        signed=row["signed"],
        content=row["content"],
        received_at=datetime.datetime.fromisoformat(row["received_at"]),
        receipt_content=row["receipt_content"],
        receipt=row["receipt"],
        delivered_again=row["delivered_again"],
        conflicts=row["conflicts"],
    )


def _behaviour(row: sqlite3.Row) -> Behaviour:
    until = row["until"] and datetime.datetime.fromisoformat(row["until"])
    return Behaviour(Mode(row["mode"]), row["times_left"], until, row["delay"])
