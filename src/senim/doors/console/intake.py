"""How requests come in and answers go out, so that no stranger's slowness takes a thread.

Four threads make the pages, each with its own connection to the database. A thread is taken only for a request that is
here whole, and let go before anybody is waited for who reads the answer: whoever sends or reads a byte at a time holds
a connection, for a bounded time, and nobody else up. What is refused here is refused by a page like any other
(`errors.TooLarge`, `errors.TooSlow`): the request goes on without its body, and the gate answers it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from sys import stderr
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from senim.doors.console import errors
from senim.kit.problems import Problem

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Environment = dict[str, Any]
Application = Callable[[Environment, Callable[..., Any]], Iterable[bytes]]
REFUSAL = "senim.refusal"
"""Under this name the gate finds why a request came without its body."""
_log = logging.getLogger("senim.console")
_NAMED_ALIKE = {"HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE", "HTTP_TRANSFER_ENCODING"}


class Bounds(NamedTuple):
    """How much and how long. All of these are our choice."""

    largest: int = 1024 * 1024
    """Bytes of a body. The largest form of the console fills a few tens of thousands."""
    whole_within: float = 10.0
    """Seconds for a body to arrive. With the line's speed this also bounds how much memory strangers can fill."""
    at_once: int = 1024 * 1024
    """Bytes of an answer that are made before its reader is waited for: every page, but not every export."""
    taken_within: float = 30.0
    """Seconds in which a reader must take so much of a longer answer."""


OURS = Bounds()


class _NotTaken(Exception):
    """Who asked does not read the answer."""


class Intake:
    """An ASGI application that lets a WSGI one answer, in a fixed number of threads."""

    def __init__(self, application: Application, *, threads: int, bounds: Bounds = OURS) -> None:
        self._application = application
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="page")
        self._bounds = bounds

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request; one that was given up half-way is let go."""
        body, refusal = await self._take_in(receive)
        if body is None:
            return
        environment = _environment(scope, body) | ({REFUSAL: refusal} if refusal else {})
        loop = asyncio.get_running_loop()

        def hand_over(message: Message) -> None:
            taking = asyncio.wait_for(send(message), self._bounds.taken_within)
            try:
                asyncio.run_coroutine_threadsafe(taking, loop).result()
            except TimeoutError as late:
                raise _NotTaken from late

        try:
            rest = await loop.run_in_executor(self._pool, self._answer, environment, hand_over)
        except _NotTaken:
            # The server cuts an answer without an end: nobody takes a part of a list for the whole.
            _log.warning("an answer was not read in time and is cut off")
            return
        for message in rest:
            await send(message)

    async def _take_in(self, receive: Receive) -> tuple[bytes | None, type[Problem] | None]:
        """The body, or why there is none; neither where its sender went away.

        What is too large is read on and thrown away: a sender that is still talking would not hear our answer.
        """
        body, size = bytearray(), 0
        try:
            async with asyncio.timeout(self._bounds.whole_within):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None, None
                    size += len(message.get("body", b""))
                    if size <= self._bounds.largest:
                        body += message.get("body", b"")
                    if not message.get("more_body"):
                        break
        except TimeoutError:
            return b"", errors.TooLarge if size > self._bounds.largest else errors.TooSlow
        return (b"", errors.TooLarge) if size > self._bounds.largest else (bytes(body), None)

    def _answer(self, environment: Environment, hand_over: Callable[[Message], None]) -> list[Message]:
        """In a thread: make the answer. What is not handed over yet when it is whole is returned."""
        head: list[Message] = []
        made = self._application(
            environment, lambda status, headers, _failure=None: head.append(_head(status, headers))
        )
        ready = bytearray()
        try:
            for piece in made:
                ready += piece
                if len(ready) >= self._bounds.at_once:
                    for message in (*head, _part(ready, is_last=False)):
                        hand_over(message)
                    head.clear()
                    ready.clear()
        finally:
            getattr(made, "close", lambda: None)()
        return [*head, _part(ready, is_last=True)]


def _head(status: str, headers: Iterable[tuple[str, str]]) -> Message:
    told = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return {"type": "http.response.start", "status": int(status.split(" ", 1)[0]), "headers": told}


def _part(ready: bytearray, *, is_last: bool) -> Message:
    return {"type": "http.response.body", "body": bytes(ready), "more_body": not is_last}


def _environment(scope: Message, body: bytes) -> Environment:
    """The request as WSGI tells it (PEP 3333)."""
    server, client = scope["server"], scope["client"]
    return {
        **_headers(scope["headers"]),
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(body),
        "wsgi.errors": stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def _headers(sent: Iterable[tuple[bytes, bytes]]) -> Environment:
    found: Environment = {}
    for name, value in sent:
        if b"_" in name:
            continue  # WSGI writes `-` as `_`: whoever sends `_` would pass for what a header of ours is called
        word = f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}"
        text = value.decode("latin-1")
        found[word] = f"{found[word]}{'; ' if word == 'HTTP_COOKIE' else ','}{text}" if word in found else text
    kind = {"CONTENT_TYPE": found["HTTP_CONTENT_TYPE"]} if "HTTP_CONTENT_TYPE" in found else {}
    return {word: text for word, text in found.items() if word not in _NAMED_ALIKE} | kind
