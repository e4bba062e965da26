"""How much an interface of this machine carries in a second, and whether that is too much for the network behind it.

What fills a line leaves no trace in any log: requests never arrive. The kernel counts what comes and goes. It does not
say from whom, nor for which exercise: exercises come over loopback, which is no network and cannot be named.

Source: the kernel's Documentation/networking/statistics.rst and net/core/net-procfs.c (`/proc/net/dev`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from senim.telemetry.settings import Network

_HEARTBEAT = 60.0
_BITS, _MEGA = 8, 1_000_000
_NAMES = 2
"""Lines above the interfaces."""
_RECEIVED, _PACKETS, _DROPPED, _SENT = 0, 1, 3, 8
"""Columns behind the name."""


@dataclass(frozen=True)
class Counted:
    """What an interface has carried since it is there: bytes received and sent, packets received, those dropped."""

    received: int = 0
    sent: int = 0
    packets: int = 0
    dropped: int = 0

    def since(self, before: "Counted") -> "Counted":
        """What came after `before`. An interface that was made anew counts from nothing: all of it came after."""
        if self.received < before.received or self.sent < before.sent or self.packets < before.packets:
            return self
        return Counted(
            self.received - before.received,
            self.sent - before.sent,
            self.packets - before.packets,
            max(0, self.dropped - before.dropped),
        )


def counters(folder: Path = Path("/proc/net")) -> dict[str, Counted]:
    """Each interface of this network namespace. Raises `OSError`, `ValueError` where the kernel tells otherwise."""
    found: dict[str, Counted] = {}
    for line in (folder / "dev").read_text(encoding="ascii").splitlines()[_NAMES:]:
        name, _, rest = line.rpartition(":")
        columns = [int(each) for each in rest.split()]
        if len(columns) <= _SENT:
            raise ValueError(f"{folder / 'dev'}: {line!r} tells less than is known of an interface")
        found[name.strip()] = Counted(columns[_RECEIVED], columns[_SENT], columns[_PACKETS], columns[_DROPPED])
    return found


@dataclass
class Measured:
    """One network and what is known of it."""

    network: Network
    before: Counted | None = None
    told_at: float = float("-inf")

    def load(self, now: Counted | None, seconds: float) -> dict[str, Any]:
        """What it carried in the last `seconds`, as the names and values of a sample."""
        came = now.since(self.before) if now is not None and self.before is not None else Counted()
        is_blind, self.before = now is None, now
        received, sent = (int(each * _BITS / _MEGA / seconds) for each in (came.received, came.sent))
        packets = int(came.packets / seconds)
        return {
            "network": self.network.interface,
            "received_megabits": received,
            "sent_megabits": sent,
            "megabits_limit": self.network.megabits,
            "packets": packets,
            "packets_limit": self.network.packets,
            "dropped": int(came.dropped / seconds),
            "filled": max(received, sent) >= self.network.megabits,
            "flooded": packets >= self.network.packets,
            "blind": is_blind,
        }

    def is_worth_telling(self, load: dict[str, Any], at: float) -> bool:
        """Whether it bears half of a limit or more; a quiet one is told of once a minute, and so is one not seen."""
        top = max(load["received_megabits"], load["sent_megabits"])
        is_loud = 2 * top >= self.network.megabits or 2 * load["packets"] >= self.network.packets
        if not is_loud and at - self.told_at < _HEARTBEAT:
            return False
        self.told_at = at
        return True


@dataclass
class Networks:
    """All networks of the house."""

    named: Sequence[Network]
    folder: Path = Path("/proc/net")
    measured: list[Measured] = field(init=False)

    def __post_init__(self) -> None:
        self.measured = [Measured(network) for network in self.named]

    def look(self, at: float, seconds: float) -> Iterator[dict[str, Any]]:
        """A sample of each network that is worth one, `seconds` after the last look; `at` is of a steady clock.

        Never raises: where the kernel does not tell, each sample says so.
        """
        if not self.measured:
            return
        try:
            now, trouble = counters(self.folder), ""
        except (OSError, ValueError) as error:
            now, trouble = {}, str(error)
        for one in self.measured:
            load = one.load(now.get(one.network.interface), seconds)
            if one.is_worth_telling(load, at):
                missing = f"no interface is called {one.network.interface}" if load["blind"] else ""
                yield load | {"trouble": trouble or missing}
