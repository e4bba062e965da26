"""TCP connections of a door as the kernel has them, whether a request came over them or not.

Source: the kernel's Documentation/networking/proc_net_tcp.rst and include/net/tcp_states.h. Seen are the connections of
this network namespace.
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from struct import pack

ESTABLISHED, HALF_OPEN = "01", "03"
_TABLES = ("tcp", "tcp6")
HELD_SECONDS = 3.0
"""A connection as old as that is *held*: it gives the door nothing to answer and takes a place. Browsers hold a few."""


@dataclass(frozen=True)
class Connection:
    """One connection to a local port."""

    address: str
    """Of the other side."""
    port: int
    """Of the other side."""
    is_half_open: bool = False
    """The other side has not confirmed it yet (SYN_RECV)."""


def connections(ports: frozenset[int], folder: Path = Path("/proc/net")) -> dict[int, set[Connection]]:
    """The connections to each of `ports`. Raises `OSError` where the kernel does not tell."""
    found: dict[int, set[Connection]] = {port: set() for port in ports}
    wanted = {f"{port:04X}": port for port in ports}
    for name in _TABLES:
        table = folder / name
        if name == "tcp6" and not table.exists():  # a kernel without IPv6
            continue
        for port, connection in _read(table, wanted):
            found[port].add(connection)
    return found


def _read(table: Path, wanted: dict[str, int]) -> Iterator[tuple[int, Connection]]:
    with table.open(encoding="ascii") as lines:
        next(lines)
        for line in lines:
            _, local, remote, state, *_ = line.split(maxsplit=4)
            port = wanted.get(local[-4:])
            if port is not None and state in (ESTABLISHED, HALF_OPEN):
                yield port, Connection(_address(remote[:-5]), int(remote[-4:], 16), state == HALF_OPEN)


def _address(words: str) -> str:
    """`0100007F` as `127.0.0.1`: words of 32 bits, each in this machine's order of bytes."""
    data = b"".join(pack("=I", int(words[start : start + 8], 16)) for start in range(0, len(words), 8))
    address = ipaddress.ip_address(data)
    return str(getattr(address, "ipv4_mapped", None) or address)


@dataclass
class Held:
    """Since when each connection of a door is seen."""

    _since: dict[Connection, float] = field(default_factory=dict)

    def of(self, now: set[Connection], at: float) -> list[Connection]:
        """Those of `now` that are held at the moment `at`: half open, or seen `HELD_SECONDS` ago already."""
        self._since = {one: self._since.get(one, at) for one in now}
        return [one for one, since in self._since.items() if one.is_half_open or at - since >= HELD_SECONDS]
