"""Bodies of requests are waited for by few: whoever sends one byte a minute does not keep everybody else outside.

The server reads a body in the thread that answers, for as long as the sender likes; as many slow senders as threads
would close the door. Here at most `at_once` requests wait for their bodies; one more is told 503 at once. While an
attack of this kind lasts people can look at every page, and may be unable to send a form. A proxy that takes bodies in
before it passes them on (nginx does unless told otherwise) keeps the attack from the door altogether.
"""

import threading
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

Environment = dict[str, Any]
Answer = Iterable[bytes]
Start = Callable[..., Any]
Application = Callable[[Environment, Start], Answer]

LARGEST = 1024 * 1024
"""Bytes. The largest form of the console has a few thousand."""
_EMPTY = [("Content-Length", "0"), ("Cache-Control", "no-store")]
"""Headers of an answer without words: which language to speak is not known before the request is."""


class Bodies:
    """A WSGI application that gets each body whole, or not at all."""

    def __init__(self, application: Application, *, at_once: int) -> None:
        self._application = application
        self._places = threading.BoundedSemaphore(at_once)

    def __call__(self, environ: Environment, start_response: Start) -> Answer:
        """Pass the request on with its body, or refuse it: 413 too large, 503 too many wait."""
        if not _has_body(environ):
            return self._application(environ, start_response)
        if not self._places.acquire(blocking=False):
            start_response("503 Service Unavailable", [*_EMPTY, ("Retry-After", "10")])
            return []
        try:
            body = environ["wsgi.input"].read(LARGEST + 1)
        finally:
            self._places.release()
        if len(body) > LARGEST:
            start_response("413 Content Too Large", _EMPTY)
            return []
        environ |= {"wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        return self._application(environ, start_response)


def _has_body(environ: Environment) -> bool:
    return environ.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in environ
