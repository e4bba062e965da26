"""Detection without a database: an engine whose memory is a dictionary, fed with lines."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from senim.detection import operations
from senim.detection.internal import unsaid
from senim.detection.internal.building import SECOND, Correlation
from senim.detection.internal.correlate import Group
from senim.detection.internal.engine import Engine, Telling
from senim.telemetry import parsers
from senim.telemetry.frames import Frame, Line

READ_AT = 1795356000.0
"""2026-11-22T14:00:00Z: later than every moment in the examples."""


class Kept:
    """Groups in a dictionary."""

    def __init__(self, rules: Mapping[str, Correlation]) -> None:
        self.rules = rules
        self.groups: dict[tuple[str, str], Group] = {}

    def prefetch(self, rule: Correlation, keys: Collection[str]) -> None:
        """There already."""

    def group(self, rule: Correlation, key: str) -> Group:
        return self.groups.setdefault((rule.about.id, key), Group())

    def due(self, until: int) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for (rule, _), group in self.groups.items():
            due = unsaid.due(self.rules[rule], group)
            if due is not None and due < until:
                found.setdefault(rule, []).append(group.key)
        return found


def frame_of(
    lines: Sequence[str | bytes], *, kind: str = "sshd", host: str = "bureau-1", first: int = 1, **named: object
) -> Frame:
    """`lines` as a frame; `read_at`, `source` and `epoch` can be named."""
    read_at = float(named.get("read_at", READ_AT))  # type: ignore[arg-type]
    data = [line.encode() if isinstance(line, str) else line for line in lines]
    return Frame(
        source=str(named.get("source", kind)),
        kind=kind,
        host=host,
        epoch=str(named.get("epoch", "e1")),
        lines=tuple(Line(first + n, read_at, d) for n, d in enumerate(data)),
    )


class Watch:
    """An engine and its memory."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.memory = Kept(engine.rules.correlations)
        self.unfinished: dict[str, bytes] = {}
        """What the lines of a source have said of the next ones."""

    def see(self, frame: Frame) -> list[Telling]:
        """What the lines of `frame` raise."""
        hits = []
        state = self.unfinished.get(frame.source, b"")
        understood, self.unfinished[frame.source] = parsers.parse_joined(frame, frame.lines, state)
        for line, seen in understood:
            hits += self.engine.hits(frame, line, seen)
        return self.engine.take(hits, self.memory)

    def judge(self, taken_until: float) -> list[Telling]:
        """What is raised once everything that was read before `taken_until` has been seen."""
        return self.engine.judge(int(taken_until * SECOND), self.memory)


def tidy(engine: Engine, **how: Any) -> int:
    """Let every rule have its turn; how many groups went because there were too many."""
    return sum(operations.tidy(rule, **how) for rule in engine.rules.correlations.values())
