"""What the collector knows of its place in a source, and its second copy on disk.

The first copy is the stream itself: every frame carries the place behind it, and the newest frame of a source stays
(`room`). The second serves when the stream was lost, or before anything was sent; it is written at most once a second,
so it may lie behind. Reading again from an older place gives the same lines the same numbers, and the ledger accepts
none of them twice.
"""

import logging
import time
from pathlib import Path
from typing import Any

import msgspec

from senim.kit.files import write_private
from senim.kit.unreadable import UNREADABLE
from senim.telemetry.notices import NoticeKind

_EVERY = 1.0

log = logging.getLogger(__name__)


class Memory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The place in one source."""

    epoch: str
    """UUIDv7 in hexadecimal digits: of two epochs the later one is the greater."""
    next: int
    """The number of the next line."""
    place: Any
    """Where that line begins; only the source can read it."""
    began: str = NoticeKind.FIRST_START.value
    """Why the epoch was begun: said until its first line is sent."""


def newer(one: Memory | None, other: Memory | None) -> Memory | None:
    """The one that knows more; `one` and `other` may be missing. Where both know as much, `other`."""
    if one is None or other is None:
        return one or other
    return one if (one.epoch, one.next) > (other.epoch, other.next) else other


class Notebook:
    """The copies on disk: one file for each source."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written: dict[str, tuple[float, Memory]] = {}

    def _path(self, source: str) -> Path:
        return self.folder / f"{source}.json"

    def read(self, source: str) -> Memory | None:
        """What was written of `source`; None where nothing was, or nobody can read it (that is logged)."""
        path = self._path(source)
        try:
            return msgspec.json.decode(path.read_bytes(), type=Memory)
        except FileNotFoundError:
            return None
        except (OSError, *UNREADABLE) as error:
            log.warning("the place in source %s cannot be read from %s: %s", source, path, error)
            return None

    def is_due(self, source: str, memory: Memory) -> bool:
        """Whether `memory` is news and the last writing is long enough ago."""
        at, written = self._written.get(source, (0.0, None))
        return memory != written and time.monotonic() - at >= _EVERY

    def write(self, source: str, memory: Memory) -> None:
        """Write `memory` durably. Raises `OSError`: the disk is full, or closed to us."""
        write_private(self._path(source), msgspec.json.encode(memory))
        self._written[source] = time.monotonic(), memory
