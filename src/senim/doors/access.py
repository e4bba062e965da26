"""Each request that a door answers leaves one line, which the collector follows like any other server's log.

The form is `telemetry.parsers.door`. What it never holds: cookies, bodies, headers beside the user agent, and whatever
somebody typed into an address that may be a person's datum: words are told by shape (`doors.shape`).

Clauses: R228/81-2 (events of the information infrastructure).
Threats: a stranger writes into this log what he likes; it is bounded (`kit.journal`), each line is JSON whatever he
typed, and a line that cannot be written never keeps a person from the door: that is said once, in the process's output.
"""

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from senim.doors.shape import Shape
from senim.kit.clock import iso, now
from senim.kit.journal import Journal

Environment = dict[str, Any]
Answer = Iterable[bytes]
Start = Callable[..., Any]
Application = Callable[[Environment, Start], Answer]
VIOLATION = "senim.violation"
"""Under this name a request's environment says what the door found (`doors.violations`)."""
_LONGEST = 2048
_LONGEST_AGENT = 400
_FAILED = 500

_log = logging.getLogger("senim.doors")


class Noted:
    """A WSGI application, each answer of which is noted in `journal`."""

    def __init__(self, application: Application, journal: Journal, door: str, shape: Shape, named_in: str) -> None:
        """`named_in` is the header of the answer that holds the request's name."""
        self._application = application
        self._named_in = named_in
        self._journal = journal
        self._door = door
        self._shape = shape
        self._is_silent = False

    def __call__(self, environ: Environment, start_response: Start) -> Answer:
        """Answer, and note it once the answer has left."""
        told: dict[str, Any] = {"status": _FAILED, "id": ""}
        began = time.perf_counter()

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            told["status"] = int(status[:3])
            told["id"] = next((value for name, value in headers if name == self._named_in), "")
            return start_response(status, headers, *more)

        def done(sent: int) -> None:
            self._note(environ, {**told, "bytes": sent, "ms": round((time.perf_counter() - began) * 1000)})

        try:
            return _Counted(self._application(environ, start), done)
        except BaseException:
            done(0)
            raise

    def _note(self, environ: Environment, told: dict[str, Any]) -> None:
        line = {
            "at": iso(now()),
            "door": self._door,
            "src": environ.get("REMOTE_ADDR", ""),
            "method": str(environ.get("REQUEST_METHOD", ""))[:16],
            "path": self._shape.of(_as_sent(environ.get("PATH_INFO", "")))[:_LONGEST],
            "query": self._shape.of(environ.get("QUERY_STRING", ""))[:_LONGEST],
            **told,
            "agent": _as_sent(environ.get("HTTP_USER_AGENT", ""))[:_LONGEST_AGENT],
            "violation": environ.get(VIOLATION, ""),
        }
        try:
            self._journal.write(json.dumps(line, separators=(",", ":")).encode())
        except OSError as error:
            if not self._is_silent:
                _log.error("requests are answered and not noted: %s", error)
            self._is_silent = True
        else:
            self._is_silent = False


class _Counted:
    """An answer on its way out; `done` hears once how many bytes left."""

    def __init__(self, answer: Answer, done: Callable[[int], None]) -> None:
        self._answer = answer
        self._parts = iter(answer)
        self._done: Callable[[int], None] | None = done
        self._sent = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            part = next(self._parts)
        except StopIteration:
            self._tell()
            raise
        self._sent += len(part)
        return part

    def close(self) -> None:
        """The server is done with it, whether all of it left or not."""
        close = getattr(self._answer, "close", None)
        if close is not None:
            close()
        self._tell()

    def _tell(self) -> None:
        if self._done is not None:
            self._done(self._sent)
            self._done = None


def _as_sent(text: str) -> str:
    """WSGI's bytes in Latin-1's clothes (PEP 3333) as the UTF-8 that was sent."""
    return text.encode("latin-1", "replace").decode("utf-8", "replace")
