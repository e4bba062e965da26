"""Floods and crowds: many requests from one address or a thousand, and connections that ask and never finish asking.

Bounded by a rate and a time; loopback has sixteen million addresses to come from, and nothing leaves this machine.
"""

import http.client
import itertools
import secrets
import socket
import ssl
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from senim.exercises.errors import NotPlayed

HOST = "127.0.0.1"
LONGEST = 90.0
"""Seconds after which a flood that is none is given up."""
_WORKERS = 16
_TIMEOUT = 10.0
_LOOK = 0.25
_STRONG, _WITHIN = 13, 15
"""Seconds of so many in a row: a little more than the rule asks for (`rules/meter/`), whose seconds are not ours."""


@dataclass(frozen=True)
class Target:
    """A door to flood."""

    port: int
    path: str
    trust: Path | None = None
    """By whom its certificate is signed; None: it speaks without TLS."""

    def connection(self, source: str) -> http.client.HTTPConnection:
        """A connection to it from the loopback address `source`."""
        if self.trust is None:
            return http.client.HTTPConnection(HOST, self.port, timeout=_TIMEOUT, source_address=(source, 0))
        context = ssl.create_default_context(cafile=str(self.trust))
        return http.client.HTTPSConnection(
            HOST, self.port, timeout=_TIMEOUT, source_address=(source, 0), context=context
        )


def own_addresses(number: int) -> list[str]:
    """Addresses of loopback that no other exercise comes from: so many different ones, side by side."""
    first = secrets.randbelow(2**23) + 256
    return [socket.inet_ntoa((0x7F000000 + first + each).to_bytes(4, "big")) for each in range(number)]


def flood(
    target: Target, sources: Sequence[str], *, rate: int, seconds: float, enough: int = 0, longest: float = LONGEST
) -> None:
    """Ask `rate` times a second, from `sources` in turn, for `seconds`.

    On a busy machine it goes on until `enough` a second were answered for long enough, at most for `longest` seconds.

    Raises `NotPlayed` where the door answers nothing at all, or never `enough` for long enough: no flood came.
    """
    numbers = itertools.count()
    began = time.monotonic()
    answered: deque[float] = deque()
    over = threading.Event()

    def work() -> None:
        kept: dict[str, http.client.HTTPConnection] = {}
        while not over.wait(max(0.0, began + (number := next(numbers)) / rate - time.monotonic())):
            source = sources[number % len(sources)]
            with suppress(OSError, http.client.HTTPException):
                _ask(target, source, kept if len(sources) == 1 else None)
                answered.append(time.monotonic() - began)
        for connection in kept.values():
            connection.close()

    with _together(work, over):
        while (passed := time.monotonic() - began) < seconds or (
            passed < longest and not has_borne(list(answered), enough)
        ):
            time.sleep(_LOOK)
    if not answered:
        raise NotPlayed(_("nobody answers at {address}").format(address=f"{HOST}:{target.port}"))
    if not has_borne(list(answered), enough):
        weak = _("no flood came: {address} never answered {number} requests a second for {seconds:.0f} seconds")
        raise NotPlayed(weak.format(address=f"{HOST}:{target.port}", number=enough, seconds=_STRONG))


def has_borne(answered: Sequence[float], enough: int) -> bool:
    """Whether of `_WITHIN` whole seconds in a row `_STRONG` had `enough` of the moments `answered` (in seconds)."""
    strong = sorted(second for second, number in Counter(map(int, answered)).items() if number >= enough)
    return any(last - first < _WITHIN for first, last in zip(strong, strong[_STRONG - 1 :], strict=False)) or not enough


def _ask(target: Target, source: str, kept: dict[str, http.client.HTTPConnection] | None) -> None:
    """One request, over a connection of its own where none is `kept`."""
    connection = kept.get(source) if kept is not None else None
    connection = connection or target.connection(source)
    if kept is not None:
        kept[source] = connection
    try:
        connection.request("GET", target.path, headers={"User-Agent": "Mozilla/5.0"})
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        connection.close()
        raise
    if kept is None:
        connection.close()


@contextmanager
def _together(work: Callable[[], None], over: threading.Event) -> Iterator[None]:
    """`work` in many threads until the block ends, which says that it is `over`."""
    threads = [threading.Thread(target=work, daemon=True) for _ in range(_WORKERS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def crowd(target: Target, source: str, *, connections: int, seconds: float) -> None:
    """Hold `connections` open from `source`: each begins a request and never ends it; one that is ended comes again.

    Raises `NotPlayed` where the door answers nothing.
    """
    try:
        _ask(target, source, None)  # so that this address wears the marker, which stands in the path
    except (OSError, http.client.HTTPException) as error:
        raise NotPlayed(_("nobody answers at {address}").format(address=f"{HOST}:{target.port}")) from error
    held: list[socket.socket] = []
    began = time.monotonic()
    each = connections / 10  # a second: they begin one after another, or all would be ended together
    opened = 0
    while (passed := time.monotonic() - began) < seconds:
        held = [one for one in held if not _is_ended(one)]
        if len(held) < connections and opened < each * passed:
            with suppress(OSError):
                held.append(_half_asked(target, source))
            opened += 1
        else:
            time.sleep(0.02)
    for one in held:
        one.close()


def _half_asked(target: Target, source: str) -> socket.socket:
    one = socket.create_connection((HOST, target.port), timeout=_TIMEOUT, source_address=(source, 0))
    if target.trust is not None:
        one = ssl.create_default_context(cafile=str(target.trust)).wrap_socket(one, server_hostname=HOST)
    one.sendall(f"GET {target.path} HTTP/1.1\r\nHost: {HOST}\r\nX-Slow: ".encode())
    one.setblocking(False)
    return one


def _is_ended(one: socket.socket) -> bool:
    try:
        ended = not one.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        ended = True
    if ended:
        one.close()
    return ended
