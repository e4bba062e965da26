"""Connections to one address that are kept between tries, and one exchange over one of them.

A try has one limit for the whole of it. It goes with each wait for the other side (`Deadline`), so that a peer which
falls silent half-way, or gives a byte at a time, costs that long and no longer.

A kept connection saves the handshake while much is sent. It is used again only where the last exchange on it ended as
agreed and nothing lies unread in it, and only for a short while: addresses, certificates and what stands between two
machines change. Where it turns out to have ended before a byte of an answer came, the same request goes over a new
one: a repeated identifier is known to the recipient, and a peer that closes what is idle does nothing wrong.
"""

import select
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import h11
import httpx

from senim.asoi.internal.receipts import LARGEST

IDLE_FOR = 4.0
"""Seconds for which a connection is kept without use: shorter than servers and what stands before them wait."""
KEPT_FOR = 60.0
"""Seconds after its handshake in which a connection is used again: who is there is asked anew each minute."""
_READ_AT_ONCE = 64 * 1024
_PORTS = {"https": 443, "http": 80}


class Deadline:
    """The moment at which a try is over."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self, share: float = 1.0) -> float:
        """A share of the seconds that are left. Raises `TimeoutError` where none are."""
        seconds = self._at - time.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds * share


class Ended(Exception):
    """A kept connection had ended before a byte of the answer came."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    content: bytes
    """Of a long one a little more than `LARGEST` bytes."""


def request(url: httpx.URL, content: bytes, headers: Mapping[str, str]) -> h11.Request:
    """The head of a request that posts `content` to `url`."""
    usual = {"Host": url.netloc.decode("ascii"), "Content-Length": str(len(content)), "Accept-Encoding": "identity"}
    return h11.Request(method="POST", target=url.raw_path, headers=[*usual.items(), *headers.items()])


class Connection:
    """One connection, with TLS or without, used for one exchange at a time."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._http = h11.Connection(h11.CLIENT)
        self._opened = self._used = time.monotonic()
        self._was_used = False
        self._heard = False

    def exchange(self, head: h11.Request, content: bytes, until: Deadline) -> Answer:
        """Send a request and read its answer.

        Raises `OSError` (`TimeoutError` where the time is over), `h11.ProtocolError`, and `Ended` where this connection
        had been used before and had ended meanwhile.
        """
        self._heard = False
        try:
            self._send(head, content, until)
            answer = self._receive(until)
        except TimeoutError:
            raise
        except (OSError, h11.RemoteProtocolError) as error:
            if self._was_used and not self._heard:
                raise Ended from error
            raise
        self._was_used, self._used = True, time.monotonic()
        return answer

    def begin_anew(self) -> bool:
        """Whether another exchange may follow: the last one ended as agreed, on both sides."""
        if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        if self._http.trailing_data[0]:
            return False
        self._http.start_next_cycle()
        return True

    @property
    def is_fresh(self) -> bool:
        """Whether it may still be used: young enough, and the other side has said nothing since, nor gone away."""
        moment = time.monotonic()
        if moment - self._used > IDLE_FOR or moment - self._opened > KEPT_FOR:
            return False
        if isinstance(self._line, ssl.SSLSocket) and self._line.pending():
            return False
        waiting = select.poll()
        waiting.register(self._line, select.POLLIN)
        return not waiting.poll(0)

    def close(self) -> None:
        """Let go of it."""
        self._line.close()

    def _send(self, head: h11.Request, content: bytes, until: Deadline) -> None:
        parts = (self._http.send(head), self._http.send(h11.Data(data=content)), self._http.send(h11.EndOfMessage()))
        left = memoryview(b"".join(part for part in parts if part))
        try:
            while left:
                self._line.settimeout(until.left())
                left = left[self._line.send(left) :]
        except TimeoutError:
            raise
        except OSError:
            # Whoever refuses what is too much for him may have answered before he closed.
            if self._was_used:
                raise

    def _receive(self, until: Deadline) -> Answer:
        status, content = 0, bytearray()
        while len(content) <= LARGEST:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._line.settimeout(until.left())
                came = self._line.recv(_READ_AT_ONCE)
                self._heard = self._heard or bool(came)
                self._http.receive_data(came)
            elif isinstance(event, h11.Response):
                status = event.status_code
            elif isinstance(event, h11.Data):
                content += event.data
            elif isinstance(event, h11.EndOfMessage):
                break
            elif isinstance(event, h11.ConnectionClosed):
                raise ConnectionError("closed without an answer")
        return Answer(status, bytes(content))


class Connections:
    """Connections to one address: made where none is kept, and kept after use as long as nobody has closed this."""

    def __init__(self, url: httpx.URL, tls: ssl.SSLContext) -> None:
        """`tls` is how an address with `https` is spoken to."""
        self._host, self._port = url.raw_host.decode("ascii"), url.port or _PORTS.get(url.scheme, 0)
        self._tls = tls if url.scheme == "https" else None
        if self._tls is not None:
            self._tls.set_alpn_protocols(["http/1.1"])
        self._kept: list[Connection] = []
        self._lock = threading.Lock()
        self._closed = False

    def post(self, head: h11.Request, content: bytes, *, within: float) -> Answer:
        """The answer to one request. Raises what `Connection.exchange` raises, except `Ended`."""
        until = Deadline(within)
        kept = self._take()
        if kept is not None:
            try:
                with self._in_use(kept):
                    return kept.exchange(head, content, until)
            except Ended:
                self._forget()  # others that were kept will have ended with it
        with self._in_use(self._connect(until, within)) as new:
            return new.exchange(head, content, until)

    def close(self) -> None:
        """Keep nothing any more; what is in use is closed when its exchange is over."""
        with self._lock:
            self._closed = True
        self._forget()

    @contextmanager
    def _in_use(self, connection: Connection) -> Iterator[Connection]:
        kept = False
        try:
            yield connection
            kept = connection.begin_anew() and self._keep(connection)
        finally:
            if not kept:
                connection.close()

    def _keep(self, connection: Connection) -> bool:
        with self._lock:
            if not self._closed:
                self._kept.append(connection)
            return not self._closed

    def _take(self) -> Connection | None:
        while True:
            with self._lock:
                if not self._kept:
                    return None
                connection = self._kept.pop()
            if connection.is_fresh:
                return connection
            connection.close()

    def _forget(self) -> None:
        with self._lock:
            kept, self._kept = self._kept, []
        for connection in kept:
            connection.close()

    def _connect(self, until: Deadline, within: float) -> Connection:
        """A new connection, handshake included, in half of the time or not at all."""
        if not self._host or not self._port:
            raise ConnectionError("the settings name no address")
        until = min(until, Deadline(within / 2), key=Deadline.left)
        plain = _reach(self._host, self._port, until)
        if self._tls is None:
            return Connection(plain)
        try:
            plain.settimeout(until.left())
            return Connection(self._tls.wrap_socket(plain, server_hostname=self._host))
        except BaseException:
            plain.close()
            raise


def _reach(host: str, port: int, until: Deadline) -> socket.socket:
    """A connection to the first address of `host` that answers; one that is silent leaves half of the time to others.

    Raises `OSError`.
    """
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for family, kind, protocol, _name, address in addresses[:-1]:
        try:
            return _reached(socket.socket(family, kind, protocol), address, until.left(0.5))
        except OSError:
            until.left()
    family, kind, protocol, _name, address = addresses[-1]
    return _reached(socket.socket(family, kind, protocol), address, until.left())


def _reached(plain: socket.socket, address: tuple[Any, ...], seconds: float) -> socket.socket:
    try:
        plain.settimeout(seconds)
        plain.connect(address)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        plain.close()
        raise
    return plain
