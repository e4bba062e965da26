"""From a line in a log to the regulator's receipt, at a steady 1,000 events a second.

Aims: event to incident p99 1 s, incident to receipt p99 5 s, nothing lost, nothing doubled.

The workload: for `seconds` seconds a writer appends 1,000 lines a second to the file that the source `sshd` follows, in
ten bursts a second. Once a second one of the bursts carries an attack on a machine of its own: five refused passwords,
then an accepted one. All other lines are harmless: keys accepted, connections closed, mistyped passwords.
"""

import datetime
import json
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from senim.exercises.bench.house import House, running
from senim.exercises.errors import NotMeasured

RATE = 1000
_BURSTS = 10
_SETTLE = 120.0
_MACHINE = "bench-{:04d}"
AIMS = {"event_to_incident_ms": {"p99": 1000.0}, "incident_to_receipt_ms": {"p99": 5000.0}}
Say = Callable[[str], None]


class Spread(msgspec.Struct, frozen=True):
    """A distribution, in milliseconds."""

    p50: float
    p95: float
    p99: float

    @classmethod
    def of(cls, seconds: list[float]) -> "Spread":
        """The spread of these lengths of time. Raises `NotMeasured` for fewer than two."""
        if len(seconds) < 2:  # noqa: PLR2004 - one value has no spread
            raise NotMeasured("fewer than two incidents arrived: there is nothing to measure")
        cuts = statistics.quantiles(seconds, n=100, method="inclusive")
        return cls(*(round(cuts[percent - 1] * 1000, 1) for percent in (50, 95, 99)))


class Pipeline(msgspec.Struct, frozen=True):
    """What was measured."""

    events_per_second: float
    """Lines written a second, as it came out; the collector kept up if nothing is lost."""
    event_to_incident_ms: Spread
    """From the moment the deciding line was written until its incident was opened."""
    incident_to_receipt_ms: Spread
    lost: int
    """Attacks that the regulator was not told of within two minutes."""
    doubled: int
    """Messages beyond the first about one incident, and incidents beyond the first on one machine."""


def measure(checkout: Path, *, seconds: int, say: Say) -> Pipeline:
    """Run the workload against a house of its own and measure. Raises `NotMeasured` where the house does not run."""
    with running(checkout) as house:
        say(f"writing {RATE} lines a second for {seconds} s")
        rate = _write(house.log_of("sshd"), seconds)
        say("waiting for the last receipts")
        delivered = _delivered(house, seconds)
        return _report(house, delivered, attacks=seconds, rate=rate)


def _write(log: Path, seconds: int) -> float:
    """Write the workload; lines a second as it came out."""
    began = time.monotonic()
    written = 0
    with log.open("a", encoding="utf-8", buffering=1024 * 1024) as file:
        for burst in range(seconds * _BURSTS):
            for line in _burst(burst):
                file.write(line)
                written += 1
            file.flush()
            time.sleep(max(0.0, began + (burst + 1) / _BURSTS - time.monotonic()))
    return round(written / (time.monotonic() - began), 1)


def _burst(burst: int) -> Iterator[str]:
    """The lines of one burst, stamped with the moment in which they are written."""
    second, part = divmod(burst, _BURSTS)
    size = RATE // _BURSTS
    attack = list(_attack(second)) if part == _BURSTS // 2 else []
    for number in range(size - len(attack)):
        yield _line("office-1", _harmless(burst * size + number))
    for text in attack:
        yield _line(_MACHINE.format(second), text)


def _harmless(number: int) -> str:
    address, port = f"192.0.2.{number % 250 + 1}", 20000 + number % 40000
    match number % 4:
        case 0:
            return f"Accepted publickey for deploy from {address} port {port} ssh2: ED25519 SHA256:{number:043d}"
        case 1:
            return f"Connection closed by {address} port {port} [preauth]"
        case 2:
            return f"Failed password for person-{number} from {address} port {port} ssh2"
        case _:
            return f"Received disconnect from {address} port {port}:11: disconnected by user"


def _attack(second: int) -> Iterator[str]:
    address = f"198.51.100.{second % 250 + 1}"
    for attempt in range(5):
        yield f"Failed password for target-{second} from {address} port {30000 + attempt} ssh2"
    yield f"Accepted password for target-{second} from {address} port 30005 ssh2"


def _line(host: str, text: str) -> str:
    at = datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="microseconds")
    return f"{at} {host} sshd[4242]: {text}\n"


def _delivered(house: House, attacks: int) -> list[dict[str, Any]]:
    """The messages with a receipt that are no exercise, once there are as many as attacks or patience is over."""
    deadline = time.monotonic() + _SETTLE
    while True:
        messages = json.loads(house.senim("asoi", "messages", "--json"))
        real = [one for one in messages if one["delivered_at"] and _is_notice(one)]
        if len(real) >= attacks or time.monotonic() > deadline:
            return real
        time.sleep(1.0)


def _is_notice(message: dict[str, Any]) -> bool:
    """Whether `message` tells of an incident and is no exercise; batches of events come at any time."""
    return message["kind"] != "EventBatch" and not message["exercise"]


def _report(house: House, delivered: list[dict[str, Any]], *, attacks: int, rate: float) -> Pipeline:
    arrived = [one for one in house.regulator("list", "--full") if _is_notice(one)]
    bodies = {one["id"]: one["content"]["body"] for one in arrived}
    machines = Counter(body["target"] for body in bodies.values())
    received = Counter(one["about"] for one in arrived)
    wanted = {_MACHINE.format(second) for second in range(attacks)}
    opened = {pk: _moment(body["opened_at"]) for pk, body in bodies.items()}
    return Pipeline(
        events_per_second=rate,
        event_to_incident_ms=Spread.of([opened[pk] - _moment(body["last_event_at"]) for pk, body in bodies.items()]),
        incident_to_receipt_ms=Spread.of([_moment(one["delivered_at"]) - opened[one["id"]] for one in delivered]),
        lost=len(wanted - set(machines)),
        doubled=sum(n - 1 for n in machines.values()) + sum(n - 1 for n in received.values()),
    )


def _moment(text: str) -> float:
    return datetime.datetime.fromisoformat(text).timestamp()
