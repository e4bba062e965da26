"""Ports for instances of this test process, from a range of its own.

Workers run beside each other, and an instance's ports are free between its founding and its start: another worker's
instance, or an outgoing connection (ip(7), ip_local_port_range: from 32768 on), could take one meanwhile.
"""

import os
import socket
from collections.abc import Iterator
from itertools import count

_FIRST, _EACH = 20000, 3000
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_next = count()


def free_ports(*wanted: int, usual: bool = True) -> list[int]:
    """What `senim.site.founding.free_ports` answers, in our range."""
    return [port if usual and port and _is_free(port) else free_port() for port in wanted]


def free_port() -> int:
    """The next free one of our range."""
    return next(port for port in _ours() if _is_free(port))


def _ours() -> Iterator[int]:
    while True:
        yield _FIRST + _worker % 4 * _EACH + next(_next) % _EACH


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
