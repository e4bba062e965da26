"""The event history by itself: how fast it is written and searched, beside a plain reading of the same lines.

The workload: `lines` lines of an OpenSSH server over one day, in commits of 20,000, as a busy writer makes them.
The reference in the same run: the same events as JSON lines in one file, read with msgspec and filtered in Python.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import psutil

from senim.history.events import Event
from senim.history.filters import Filter
from senim.history.history import PROCESS, History
from senim.history.internal.columns import rows
from senim.history.internal.table import Table
from senim.history.spans import Spans
from senim.kit.instance import Instance, Profile
from senim.telemetry.frames import Frame, Line

_COMMIT = 20_000
_BEGIN = datetime(2026, 11, 22, tzinfo=UTC)
_DAY = timedelta(days=1)
_RARE = "person-4242 "
AIMS = {"rows_per_second": 20_000, "hour_filter_s": 1.0, "full_text_s": 4.0}
Say = Callable[[str], None]


class Measured(msgspec.Struct, frozen=True):
    """What was measured."""

    lines: int
    rows_per_second: float
    """Parsed, written and synced to disk."""
    rows_per_cpu_second: float
    """The same by the processor's time: what a machine that others use as well does not blur."""
    megabytes: float
    """What the table takes on disk."""
    hour_filter_s: float
    """A page of one user's events in one hour of the day."""
    day_count_s: float
    """Counting the whole day's events in 24 bars."""
    full_text_s: float
    """Looking through the whole day for words that few lines hold."""
    plain_hour_s: float
    plain_text_s: float
    """The same two questions to a plain file of JSON lines."""
    hour_ratio: float
    text_ratio: float
    """How many times as fast as the plain file."""
    resident_mb: float
    """Of this process, when all was done."""


def measure(lines: int, say: Say) -> Measured:
    """Write and search `lines` lines in a folder of their own. Raises `OSError` where the disk does not take them."""
    with TemporaryDirectory(prefix="senim-bench-") as folder:
        instance = Instance(Path(folder), Profile.DEMONSTRATION, {})
        state, plain = instance.state(PROCESS), Path(folder) / "events.jsonl"
        state.mkdir(parents=True)
        say(f"writing {lines} lines")
        took, cpu = _write(state, plain, lines)
        say("searching")
        history, noon = History(instance), _BEGIN + _DAY / 2
        hour = Filter(noon, noon + timedelta(hours=1), user=f"person-{lines // 2 + 7}")
        words = Filter(_BEGIN, _BEGIN + _DAY, text=_RARE)
        hour_s = _timed(lambda: history.page(hour))
        text_s = _timed(lambda: history.page(words))
        plain_hour_s = _timed(lambda: _plain(plain, hour))
        plain_text_s = _timed(lambda: _plain(plain, words))
        return Measured(
            lines=lines,
            rows_per_second=round(lines / took, 1),
            rows_per_cpu_second=round(lines / cpu, 1),
            megabytes=round(sum(path.stat().st_size for path in state.rglob("*.parquet")) / 1e6, 1),
            hour_filter_s=round(hour_s, 3),
            day_count_s=round(_timed(lambda: history.histogram(words, _BEGIN, timedelta(hours=1), 24)), 3),
            full_text_s=round(text_s, 3),
            plain_hour_s=round(plain_hour_s, 3),
            plain_text_s=round(plain_text_s, 3),
            hour_ratio=round(plain_hour_s / hour_s, 1),
            text_ratio=round(plain_text_s / text_s, 1),
            resident_mb=round(psutil.Process().memory_info().rss / 1e6, 1),
        )


def _write(state: Path, plain: Path, lines: int) -> tuple[float, float]:
    """Write the table, and the plain file beside it. Seconds that the table took, by the clock and by the processor."""
    table, took, cpu = Table(state), 0.0, 0.0
    with plain.open("wb") as file:
        for first in range(1, lines + 1, _COMMIT):
            frame = _frame(first, min(first + _COMMIT, lines + 1), lines)
            began, cpu_began = time.monotonic(), time.process_time()
            made = list(rows(frame, Spans()))
            table.append(made)
            table.put_together()
            took, cpu = took + time.monotonic() - began, cpu + time.process_time() - cpu_began
            file.writelines(msgspec.json.encode(row) + b"\n" for row in made)
    return took, cpu


def _frame(first: int, end: int, lines: int) -> Frame:
    return Frame("sshd", "sshd", "gate-1", "bench", tuple(_line(number, lines) for number in range(first, end)))


def _line(number: int, lines: int) -> Line:
    at = _BEGIN + _DAY * (number / (lines + 1))
    address = f"192.0.2.{number % 250 + 1} port {20000 + number % 40000} ssh2"
    text = f"{at.isoformat()} office-{number % 20} sshd[4242]: Failed password for person-{number} from {address}"
    return Line(number, at.timestamp(), text.encode())


def _timed(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def _plain(path: Path, asked: Filter) -> list[Event]:
    """What a plain reading of the file finds."""
    words = asked.text.lower()
    return [
        event
        for event in _read(path)
        if asked.since <= event.at < asked.until
        and (not asked.user or event.user == asked.user)
        and words in event.text.lower()
    ]


def _read(path: Path) -> Iterator[Event]:
    decoder = msgspec.json.Decoder(Event)
    with path.open("rb") as file:
        for line in file:
            yield decoder.decode(line)
