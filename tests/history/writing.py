"""Frames and tables for tests of the history."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from senim.history.events import Event
from senim.history.filters import Filter
from senim.history.internal import columns
from senim.history.internal.table import Table
from senim.history.spans import Spans
from senim.telemetry.frames import Frame, Line

MORNING = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ALL = Filter(MORNING - timedelta(days=900), MORNING + timedelta(days=900))


def frame(
    first: int,
    texts: Iterable[str | bytes],
    *,
    source: str = "sshd",
    epoch: str = "e1",
    at: datetime = MORNING,
    kind: str = "sshd",
) -> Frame:
    """A frame of lines that were read one second apart from `at` on, by their numbers."""
    lines = tuple(
        Line(seq, (at + timedelta(seconds=seq)).timestamp(), text.encode() if isinstance(text, str) else text)
        for seq, text in enumerate(texts, start=first)
    )
    return Frame(source, kind, "gate-1", epoch, lines)


def rows(*frames: Frame) -> list[Event]:
    """Their lines as rows."""
    return [row for one in frames for row in columns.rows(one, Spans())]


def written(folder: Path, *frames: Frame) -> Table:
    """A table in `folder` that holds `frames`, each in a commit of its own."""
    table = Table(folder)
    for one in frames:
        table.append(rows(one))
    return table
