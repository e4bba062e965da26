"""What one door bears in one second, and whether that is too much: figures without input or output.

Requests that wear the marker of an exercise, and connections of addresses that lately did, are measured apart: an
exercise never adds to what is real, nor hides it.
"""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from senim.telemetry.meter.connections import Connection

MANY = "many addresses"
"""Who attacks where no address dominates."""
_REMEMBERED = 10
"""Seconds over which the dominating address is looked for: who it is must not change from second to second."""
_WORN_FOR = 300
"""Seconds for which an address goes on wearing a marker it has shown."""
_MOST_WEARERS = 10_000
_SERVER_FAILED = 500


@dataclass(frozen=True)
class Seen:
    """One request, as far as it counts here."""

    address: str
    marker: str
    status: int
    times: int = 1
    """How many requests it stands for."""


@dataclass(frozen=True)
class Limits:
    """What is too much for a door."""

    requests: int
    held: int


@dataclass(frozen=True)
class Load:
    """What a door bore, of one marker (empty: of everybody else)."""

    marker: str
    requests: int
    """In a second."""
    addresses: int
    errors: int
    """Answers 5xx, in a second."""
    flooder: str
    held: int
    holder: str
    limits: Limits

    @property
    def is_flooded(self) -> bool:
        """Whether there are as many requests as the door's limit, or more."""
        return self.requests >= self.limits.requests

    @property
    def is_held(self) -> bool:
        """Whether as many connections are held as the door's limit, or more."""
        return self.held >= self.limits.held

    @property
    def is_loud(self) -> bool:
        """Whether it is half of a limit or more: worth a sample of its own."""
        return 2 * self.requests >= self.limits.requests or 2 * self.held >= self.limits.held


@dataclass
class Scales:
    """One door's measure from second to second."""

    limits: Limits
    _wearers: dict[str, tuple[str, float]] = field(default_factory=dict)
    """Address → the marker that it wore last, and when."""
    _lately: deque[dict[str, Counter[str]]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    _seconds: float = 0.0

    def weigh(self, seen: Iterable[Seen], held: Iterable[Connection], *, seconds: float = 1.0) -> list[Load]:
        """What came in the last `seconds`, for everybody and for each marker that is worn."""
        self._seconds += seconds
        came = list(seen)
        self._remember(came)
        requests = _by_marker((one.marker, one.address, one.times) for one in came)
        errors = Counter[str]()
        for one in came:
            errors[one.marker] += one.times * (one.status >= _SERVER_FAILED)
        holders = _by_marker((self._marker_of(one.address), one.address, 1) for one in held)
        self._lately.append(requests)
        return [
            Load(
                marker=marker,
                requests=int(requests.get(marker, Counter()).total() / seconds),
                addresses=len(requests.get(marker, ())),
                errors=int(errors[marker] / seconds),
                flooder=_dominating(self._addresses_lately(marker)),
                held=holders.get(marker, Counter()).total(),
                holder=_dominating(holders.get(marker, Counter())),
                limits=self.limits,
            )
            for marker in sorted({"", *requests, *holders})
        ]

    def _remember(self, came: Iterable[Seen]) -> None:
        for one in came:
            if one.marker:
                self._wearers.pop(one.address, None)
                self._wearers[one.address] = (one.marker, self._seconds)
        while len(self._wearers) > _MOST_WEARERS:
            del self._wearers[next(iter(self._wearers))]

    def _marker_of(self, address: str) -> str:
        marker, since = self._wearers.get(address, ("", 0.0))
        return marker if self._seconds - since <= _WORN_FOR else ""

    def _addresses_lately(self, marker: str) -> Counter[str]:
        found: Counter[str] = Counter()
        for second in self._lately:
            found += second.get(marker, Counter())
        return found


def _by_marker(found: Iterable[tuple[str, str, int]]) -> dict[str, Counter[str]]:
    counted: dict[str, Counter[str]] = {}
    for marker, address, times in found:
        counted.setdefault(marker, Counter())[address] += times
    return counted


def _dominating(addresses: Mapping[str, int]) -> str:
    """The address from which half or more comes; a word for many where none is; empty where nothing comes."""
    if not addresses:
        return ""
    top = max(addresses, key=lambda address: addresses[address])
    return top if 2 * addresses[top] >= sum(addresses.values()) else MANY


def told(load: Load) -> Iterator[tuple[str, str | int | bool]]:
    """`load` as the names and values of a sample."""
    yield "marker", load.marker
    yield "requests", load.requests
    yield "requests_limit", load.limits.requests
    yield "addresses", load.addresses
    yield "errors", load.errors
    yield "flooder", load.flooder
    yield "held", load.held
    yield "held_limit", load.limits.held
    yield "holder", load.holder
    yield "flooded", load.is_flooded
    yield "crowded", load.is_held
