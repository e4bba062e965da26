"""The books, in one SQLite file: what was asked for, approved and executed, who has how much, and the journal's lines.

One transaction changes the books and adds the line that tells of it; it is in the journal before an answer leaves.
"""

import datetime
import hmac
import json
import secrets
import sqlite3
import string
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from stand_ins.payments.journal import Journal, raise_if_foreign
from stand_ins.payments.refusal import NotReady, Refused

FILE = "books.db"
SYSTEM = "stand-in-payments"
ZONE = datetime.timezone(datetime.timedelta(hours=5))
"""Of Kazakhstan since 1 March 2024: by it the day is told, and the day's limit counted."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS secret (only INTEGER PRIMARY KEY CHECK (only = 1), key BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS ledger (name TEXT PRIMARY KEY, opened_by TEXT NOT NULL, paid INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS account (number TEXT PRIMARY KEY, balance INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS refund (
    id TEXT PRIMARY KEY,
    ledger TEXT NOT NULL REFERENCES ledger (name),
    amount INTEGER NOT NULL CHECK (amount > 0),
    recipient TEXT NOT NULL,
    account TEXT NOT NULL,
    maker TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS approval (
    id TEXT PRIMARY KEY,
    refund TEXT NOT NULL REFERENCES refund (id),
    amount INTEGER NOT NULL,
    account TEXT NOT NULL,
    checker TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS execution (
    id TEXT PRIMARY KEY,
    refund TEXT NOT NULL REFERENCES refund (id),
    ledger TEXT NOT NULL,
    amount INTEGER NOT NULL,
    day TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS entry (number INTEGER PRIMARY KEY, line BLOB NOT NULL, ends INTEGER NOT NULL) STRICT;
"""


class CannotKeep(Exception):
    """The books or the journal could not be written to disk: nothing is acknowledged."""


@dataclass(frozen=True)
class Refund:
    """A refund as it was asked for."""

    id: str
    ledger: str
    amount: int
    """Whole tiyn."""
    recipient: str
    """`client` or `lender`."""
    account: str
    maker: str


@dataclass(frozen=True)
class Approval:
    """A second person's word: this refund, this amount, this account."""

    id: str
    refund: str
    amount: int
    account: str
    checker: str


class Books:
    """The books within one transaction."""

    def __init__(self, connection: sqlite3.Connection, at: datetime.datetime, key: bytes) -> None:
        self._connection = connection
        self._at = at
        self._key = key

    def open_ledger(self, name: str, opened_by: str) -> None:
        """Open a ledger to pay from. Raises `Refused` (409) where it is open already."""
        try:
            self._connection.execute("INSERT INTO ledger VALUES (?, ?, 0)", [name, opened_by])
        except sqlite3.IntegrityError:
            raise Refused(HTTPStatus.CONFLICT, "ledger-is-open") from None

    def request(self, ledger: str, amount: int, recipient: str, account: str, maker: str) -> Refund:
        """Write down what is asked for. Raises `Refused` (404) for a ledger that nobody opened."""
        if not self._connection.execute("SELECT 1 FROM ledger WHERE name = ?", [ledger]).fetchone():
            raise Refused(HTTPStatus.NOT_FOUND, "no-such-ledger")
        refund = Refund(_new("rf"), ledger, amount, recipient, account, maker)
        self._connection.execute(
            "INSERT INTO refund VALUES (?, ?, ?, ?, ?, ?)", [refund.id, ledger, amount, recipient, account, maker]
        )
        self.note("refund-requested", refund, maker)
        return refund

    def refund(self, identifier: str) -> Refund:
        """The refund of this name. Raises `Refused` (404)."""
        row = self._connection.execute("SELECT * FROM refund WHERE id = ?", [identifier]).fetchone()
        if row is None:
            raise Refused(HTTPStatus.NOT_FOUND, "no-such-refund")
        return Refund(*row)

    def approve(self, refund: Refund, checker: str) -> Approval:
        """Write down an approval."""
        approval = Approval(_new("ap"), refund.id, refund.amount, refund.account, checker)
        row = [approval.id, approval.refund, approval.amount, approval.account, checker]
        self._connection.execute("INSERT INTO approval VALUES (?, ?, ?, ?, ?)", row)
        self.note("refund-approved", refund, checker, approval=approval.id, maker=refund.maker)
        return approval

    def approval_of(self, refund: Refund) -> Approval | None:
        """What a second person said of `refund`."""
        row = self._connection.execute("SELECT * FROM approval WHERE refund = ?", [refund.id]).fetchone()
        return None if row is None else Approval(*row)

    def is_executed(self, refund: Refund) -> bool:
        """Whether the money has gone."""
        found = self._connection.execute("SELECT 1 FROM execution WHERE refund = ?", [refund.id]).fetchone()
        return found is not None

    def paid_today(self, ledger: str) -> int:
        """What has been paid from `ledger` today."""
        asked = "SELECT coalesce(sum(amount), 0) FROM execution WHERE ledger = ? AND day = ?"
        return int(self._connection.execute(asked, [ledger, self._day]).fetchone()[0])

    def execute(self, refund: Refund, amount: int, account: str, approval: str, user: str) -> str:
        """Move the money, and say so; the execution's name."""
        name = _new("ex")
        self._connection.execute("UPDATE ledger SET paid = paid + ? WHERE name = ?", [amount, refund.ledger])
        arrived = "INSERT INTO account VALUES (?, ?) ON CONFLICT DO UPDATE SET balance = balance + excluded.balance"
        self._connection.execute(arrived, [account, amount])
        row = [name, refund.id, refund.ledger, amount, self._day]
        self._connection.execute("INSERT INTO execution VALUES (?, ?, ?, ?, ?)", row)
        moved = Refund(refund.id, refund.ledger, amount, refund.recipient, account, refund.maker)
        self.note("refund-executed", moved, user, approval=approval, execution=name)
        return name

    def balance(self, account: str) -> int:
        """What has arrived on `account`."""
        row = self._connection.execute("SELECT balance FROM account WHERE number = ?", [account]).fetchone()
        return 0 if row is None else int(row[0])

    def note(self, event: str, refund: Refund, user: str, **more: str) -> None:
        """Add a line to the journal: whom the money is for is told by a name that only this program can undo."""
        said = {
            "at": self._at.isoformat(timespec="microseconds"),
            "system": SYSTEM,
            "event": event,
            "ledger": refund.ledger,
            "refund": refund.id,
            "amount": refund.amount,
            "recipient": self._pseudonym(refund),
            "user": user,
            **more,
        }
        line = json.dumps(said, separators=(",", ":")).encode() + b"\n"
        before = _written(self._connection)
        self._connection.execute("INSERT INTO entry VALUES (NULL, ?, ?)", [line, before + len(line)])

    def _pseudonym(self, refund: Refund) -> str:
        digest = hmac.digest(self._key, refund.account.encode(), "sha256").hex()
        return f"{refund.recipient}-{digest[:32]}"

    @property
    def _day(self) -> str:
        return self._at.date().isoformat()


class Store:
    """The books of one folder; one connection, shared by the server's threads."""

    def __init__(self, home: Path, journal: Journal) -> None:
        """Open the books and add to the journal what it lacks of them.

        Raises `NotReady` where the journal holds what this program did not write.
        """
        path = home / FILE
        path.touch(mode=0o600)
        self._journal = journal
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
        # FULL: a commit is on disk, not merely handed to the system, before anything is acknowledged.
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_SCHEMA)
        self._connection.execute("INSERT OR IGNORE INTO secret VALUES (1, ?)", [secrets.token_bytes(32)])
        self._key = bytes(self._connection.execute("SELECT key FROM secret").fetchone()[0])
        raise_if_foreign(journal, _written(self._connection))
        self._tell()

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def writing(self) -> Iterator[Books]:
        """One change of the books; when the block ends it is on disk, and so are its lines in the journal.

        Raises `CannotKeep` where the disk does not take it, or where the journal holds what this program did not write:
        its own lines would be taken for written, and money would move that no line tells of.
        """
        with self._lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                raise_if_foreign(self._journal, _written(self._connection))
                yield Books(self._connection, datetime.datetime.now(tz=ZONE), self._key)
                self._connection.execute("COMMIT")
                self._tell()
            except (sqlite3.Error, OSError, NotReady) as error:
                raise CannotKeep(str(error)) from error
            finally:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")

    def _tell(self) -> None:
        """Add to the journal what the books hold and it does not."""
        asked = "SELECT line, ends FROM entry WHERE ends > ? ORDER BY number"
        self._journal.add(self._connection.execute(asked, [self._journal.size]).fetchall())


def _written(connection: sqlite3.Connection) -> int:
    """How many bytes of journal the books hold."""
    row = connection.execute("SELECT ends FROM entry ORDER BY number DESC LIMIT 1").fetchone()
    return 0 if row is None else int(row[0])


def _new(kind: str) -> str:
    """A name that nothing had before; of letters alone, so that it reads like nobody's number."""
    return f"{kind}-" + "".join(secrets.choice(string.ascii_lowercase) for _ in range(16))
