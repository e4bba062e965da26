"""What the decoy keeps, and what of it must never leave: canaries, new at each start."""

import posixpath
import secrets
import sqlite3
import threading
from dataclasses import dataclass, field

_MOST_BYTES, _MOST_STEPS = 1_000_000, 3_000_000
_READING = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_SCHEMA = """
CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT, note TEXT, hidden INTEGER);
INSERT INTO accounts VALUES (1, 'Асқар', 'made up', 0), (2, 'Динара', 'made up', 0);
"""


def _canary() -> str:
    return f"canary-{secrets.token_hex(8)}"


@dataclass
class Kept:
    """Accounts, documents and words of templates, each with a canary among them."""

    canaries: list[str] = field(default_factory=lambda: [_canary() for _ in range(3)])

    def __post_init__(self) -> None:
        row, line, word = self.canaries
        self._lock = threading.Lock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        self._database.executescript(_SCHEMA)
        self._database.execute("INSERT INTO accounts VALUES (900, ?, 'nobody', 1)", (row,))
        self._database.commit()
        self._bound()
        self._documents = {
            "/srv/documents/welcome.txt": "Welcome.\n",
            "/srv/documents/terms.txt": "Terms.\n",
            "/etc/passwd": f"root:x:0:0:made up:/root:/bin/false\n{line}:x:1000:1000::/:/bin/false\n",
        }
        self._words = {"name": "guest", "year": "2026", "bureau": "Decoy", "secret": word}

    def _bound(self) -> None:
        """Whatever is injected only reads, and neither grows nor lasts."""
        self._database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST_BYTES)
        self._database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        self._database.set_authorizer(
            lambda action, *_: sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY
        )

    def account(self, number: str) -> list[tuple[object, ...]]:
        """VULNERABLE to SQL injection: `number` becomes part of the statement. Raises `sqlite3.Error`."""
        statement = f"SELECT name, note FROM accounts WHERE hidden = 0 AND id = {number}"  # noqa: S608 - the fault itself
        with self._lock:
            self._database.set_progress_handler(lambda: 1, _MOST_STEPS)
            return self._database.execute(statement).fetchmany(50)

    def document(self, name: str) -> str | None:
        """VULNERABLE to path traversal: `name` may climb out of the folder."""
        return self._documents.get(posixpath.normpath(f"/srv/documents/{name}"))

    def greeting(self, text: str) -> str:
        """VULNERABLE to template injection: expressions in `text` are worked out."""
        for word, value in self._words.items():
            text = text.replace("{{" + word + "}}", value)
        return text

    def left_in(self, answer: bytes) -> bool:
        """Whether a canary stands in `answer`."""
        return any(canary.encode() in answer for canary in self.canaries)
