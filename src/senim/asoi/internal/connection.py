"""Connections to one address that are kept between tries, each try with one limit for the whole of it.

HTTP and the keeping are `httpcore`'s; ours is the limit. Its time-outs hold for one wait each, so that a peer which
gives a byte at a time would cost as long as it likes; here each wait has what is left of the try.

A connection is used again only for a short while: addresses, certificates and what stands between two machines change.
Where a kept one turns out to have ended before a byte of an answer came, the same request goes over a new one (RFC 9112
§9.3.1): a repeated identifier is known to the recipient, and a peer that closes what is idle does nothing wrong.
"""

import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpcore
import httpx

from senim.asoi.internal.receipts import LARGEST

IDLE_FOR = 4.0
"""Seconds for which a connection is kept without use: shorter than servers and what stands before them wait."""
KEPT_FOR = 60.0
"""Seconds in which a connection is used again: who is there is asked anew each minute."""
NO_ANSWER = (OSError, httpcore.NetworkError, httpcore.ProtocolError)
"""What a try that brought no answer may end with; `TimeoutError`, where its time was over, is an `OSError`."""

_WRITTEN_AT_ONCE = 16 * 1024
"""Bytes, one record of TLS: a peer that takes a byte at a time has a new limit for each such piece, and no more."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    content: bytes
    """Of a long one a little more than `LARGEST` bytes."""


class Connections:
    """Connections to one address: made where none is kept, and kept after use as long as nobody has closed this."""

    def __init__(self, url: httpx.URL, tls: ssl.SSLContext) -> None:
        """`tls` is how an address with `https` is spoken to."""
        self._url, self._tls = url, tls
        self._kept: list[_Line] = []
        self._lock = threading.Lock()
        self._closed = False

    def post(self, content: bytes, headers: Mapping[str, str], *, within: float) -> Answer:
        """The answer to one request that posts `content`, within as many seconds.

        Raises `NO_ANSWER`, among it `TimeoutError` and, where the other side is not who it should be,
        `ssl.SSLCertVerificationError`.
        """
        if not self._url.host:
            raise ConnectionError("the settings name no address")
        until, kept = _Deadline(within), self._take()
        if kept is not None:
            with suppress(_Ended):
                return self._over(kept, content, headers, until)
        return self._over(_Line(self._url, self._tls), content, headers, until)

    def close(self) -> None:
        """Keep nothing any more; what is in use is closed when its exchange is over."""
        with self._lock:
            self._closed = True
            kept, self._kept = self._kept, []
        for line in kept:
            line.close()

    def _over(self, line: "_Line", content: bytes, headers: Mapping[str, str], until: "_Deadline") -> Answer:
        kept = False
        try:
            answer = line.post(content, headers, until)
            kept = line.is_read_up(answer) and self._keep(line)
        finally:
            if not kept:
                line.close()
        return answer

    def _keep(self, line: "_Line") -> bool:
        with self._lock:
            if not self._closed:
                self._kept.append(line)
            return not self._closed

    def _take(self) -> "_Line | None":
        while True:
            with self._lock:
                if not self._kept:
                    return None
                line = self._kept.pop()
            if time.monotonic() - line.opened <= KEPT_FOR:
                return line
            line.close()


class _Ended(Exception):
    """A kept connection had ended before a byte of the answer came."""


class _Deadline:
    """The moment at which a try is over."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self, share: float = 1.0) -> float:
        """A share of the seconds that are left. Raises `TimeoutError` where none are."""
        seconds = self._at - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds * share


class _Line(httpcore.NetworkBackend):
    """One connection at a time, used for one exchange at a time: `httpcore`'s pool of one, over our own waits."""

    def __init__(self, url: httpx.URL, tls: ssl.SSLContext) -> None:
        self.opened = time.monotonic()
        self.until = _Deadline(0)
        """When the running exchange is over."""
        self.is_new = False
        """Whether it connected for this exchange."""
        self.came = bytearray()
        """What the other side has said in this exchange."""
        self._url = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        self._pool = httpcore.ConnectionPool(tls, max_connections=1, keepalive_expiry=IDLE_FOR, network_backend=self)
        self._reach = httpcore.SyncBackend()

    def post(self, content: bytes, headers: Mapping[str, str], until: _Deadline) -> Answer:
        """Send a request and read its answer. Raises `NO_ANSWER`, `_Ended`."""
        self.until, self.is_new, self.came = until, False, bytearray()
        try:
            return self._exchange(content, [("Accept-Encoding", "identity"), *headers.items()])
        except httpcore.TimeoutException:
            raise TimeoutError from None
        except TimeoutError:
            raise
        except NO_ANSWER as error:
            if self.is_new or self.came:
                raise
            raise _Ended from error

    def _exchange(self, content: bytes, headers: Sequence[tuple[str, str]]) -> Answer:
        answer = bytearray()
        with self._pool.stream("POST", self._url, headers=headers, content=content) as response:
            for piece in response.iter_stream():
                answer += piece
                if len(answer) > LARGEST:
                    break
        return Answer(response.status, bytes(answer))

    def is_read_up(self, answer: Answer) -> bool:
        """Whether nothing came behind `answer`: it would be taken for the answer to the next request.

        What came in the same record stays with the parser, where `httpcore` does not look for it. An answer in pieces
        (`chunked`) is longer than its content and counts as not read up.
        """
        _head, _blank, body = self.came.partition(b"\r\n\r\n")
        return len(body) == len(answer.content)

    def close(self) -> None:
        """Let go of it."""
        self._pool.close()

    def connect_tcp(self, host: str, port: int, *_time_out: Any, **_options: Any) -> httpcore.NetworkStream:
        """A connection to the first address of `host` that answers; a silent one leaves half of the time to others.

        Raises `OSError`, `httpcore.ConnectError`, `httpcore.ConnectTimeout`.
        """
        self.is_new, self.opened = True, time.monotonic()
        addresses = [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        for address in addresses[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return _Stream(self, self._reach.connect_tcp(address, port, self.until.left(0.5)))
        return _Stream(self, self._reach.connect_tcp(addresses[-1], port, self.until.left()))


class _Stream(httpcore.NetworkStream):
    """`httpcore`'s own stream, with what is left of the try as the limit of each wait."""

    def __init__(self, line: _Line, stream: httpcore.NetworkStream) -> None:
        self._line, self._stream = line, stream

    def read(self, max_bytes: int, *_time_out: Any, **_named: Any) -> bytes:
        came = self._stream.read(max_bytes, self._line.until.left())
        self._line.came += came
        return came

    def write(self, buffer: bytes, *_time_out: Any, **_named: Any) -> None:
        for begin in range(0, len(buffer), _WRITTEN_AT_ONCE):
            self._stream.write(buffer[begin : begin + _WRITTEN_AT_ONCE], self._line.until.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, *_time_out: Any, **_named: Any
    ) -> httpcore.NetworkStream:
        try:
            return _Stream(self._line, self._stream.start_tls(ssl_context, server_hostname, self._line.until.left()))
        except httpcore.ConnectError as error:
            if isinstance(error.__cause__, ssl.SSLCertVerificationError):
                raise error.__cause__ from None
            raise

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
