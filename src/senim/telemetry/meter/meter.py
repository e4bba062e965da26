"""The meter: every second a look at each door and each network, and a sample where it is worth one.

A sample is worth writing where one bears half of a limit or more; a quiet one is told of once a minute, so that
silence means that nobody measures. A meter that comes late (a machine under attack is slow) says in `repeated` for how
many seconds a sample stands.
"""

import json
import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from senim.kit.clock import iso, now
from senim.kit.journal import Journal
from senim.telemetry import parsers
from senim.telemetry.frames import Line
from senim.telemetry.markers import InForce
from senim.telemetry.meter.connections import Connection, Held, connections
from senim.telemetry.meter.load import Limits, Load, Scales, Seen, told
from senim.telemetry.meter.networks import Networks
from senim.telemetry.meter.probe import NOT_PROBED, Answer, probe
from senim.telemetry.meter.tail import Tail
from senim.telemetry.settings import Door, FileSource

_SECOND = 1.0
_HEARTBEAT = 60.0

log = logging.getLogger(__name__)


@dataclass
class Measured:
    """One door and what is known of it."""

    door: Door
    source: FileSource
    tail: Tail = field(init=False)
    held: Held = field(default_factory=Held)
    scales: Scales = field(init=False)
    told_at: float = float("-inf")
    troubled: str = ""

    def __post_init__(self) -> None:
        self.tail = Tail(Path(self.source.path))
        self.scales = Scales(Limits(self.door.requests, self.door.held))

    def came(self) -> list[Seen]:
        """The requests since the last look."""
        try:
            lines, times = self.tail.look()
        except OSError as error:
            self.troubled = error.strerror or str(error)
            return []
        self.troubled = ""
        return [seen for data in lines if (seen := self._seen(data, times))]

    def _seen(self, data: bytes, times: int) -> Seen | None:
        fields = parsers.parse(self.source.reads, Line(0, time.time(), data), "").fields
        address = fields.get("src_ip")
        if not address:
            return None
        status = fields.get("sc-status", 0)
        return Seen(str(address), str(fields["marker"]), status if isinstance(status, int) else 0, times)


class Meter:
    """Measures `doors` and `networks`, and writes samples to `journal`."""

    def __init__(
        self,
        doors: Sequence[tuple[Door, FileSource]],
        journal: Journal,
        trust: Path,
        markers: InForce,
        networks: Networks | None = None,
    ) -> None:
        self._doors = [Measured(door, source) for door, source in doors]
        self._ports = frozenset(door.port for door, _ in doors)
        self._journal = journal
        self._trust = trust
        self._markers = markers
        self._networks = networks or Networks(())
        self._began = self._looked_at = time.monotonic()
        self._is_mute = False

    def run(self, stopping: threading.Event) -> None:
        """Measure until `stopping` is set."""
        while (self._doors or self._networks.named) and not stopping.wait(
            _SECOND - (time.monotonic() - self._looked_at) % _SECOND
        ):
            self.look()

    def look(self) -> None:
        """One look at every door and every network."""
        at = time.monotonic()
        passed, whole = at - self._looked_at, int(at - self._began) - int(self._looked_at - self._began)
        self._looked_at = at
        found, trouble = self._connections()
        for one in self._doors:
            held = one.held.of(found.get(one.door.port, set()), at)
            loads = one.scales.weigh(self._with_declared_markers(one.came()), held, seconds=passed)
            answer = probe(one.door.probe, self._trust) if any(load.is_loud for load in loads) else NOT_PROBED
            for load in loads:
                if load.is_loud or self._is_due(one, load, at):
                    self._write_door(one, load, answer, max(1, whole), trouble or one.troubled)
        for sample in self._networks.look(at, passed):
            self._write({"at": iso(now()), "marker": "", **sample, "repeated": max(1, whole)})

    def _with_declared_markers(self, came: Sequence[Seen]) -> list[Seen]:
        """`came`, where no marker counts that no exercise wears: else a flood of many markers were many small ones."""
        known = self._markers.among({one.marker for one in came if one.marker})
        return [one if one.marker in known else replace(one, marker="") for one in came]

    def _connections(self) -> tuple[dict[int, set[Connection]], str]:
        try:
            return connections(self._ports), ""
        except (OSError, ValueError) as error:
            return {}, str(error)

    def _is_due(self, one: Measured, load: Load, at: float) -> bool:
        """Whether a quiet door is to be told of again."""
        if load.marker or at - one.told_at < _HEARTBEAT:
            return False
        one.told_at = at
        return True

    def _write_door(self, one: Measured, load: Load, answer: Answer, seconds: int, trouble: str) -> None:
        self._write(
            {
                "at": iso(now()),
                "door": one.source.name,
                **dict(told(load)),
                "probe": answer.word,
                "probe_ms": answer.milliseconds,
                "repeated": seconds,
                "trouble": trouble,
            }
        )

    def _write(self, sample: Mapping[str, object]) -> None:
        try:
            self._journal.write(json.dumps(sample, separators=(",", ":")).encode())
            self._is_mute = False
        except OSError as error:
            if not self._is_mute:
                log.error("the load is measured and cannot be written: %s", error)  # noqa: TRY400
            self._is_mute = True
