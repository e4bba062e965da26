"""What the collector asks of a source, whatever it reads."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from senim.telemetry.internal.logfile import RawLine
from senim.telemetry.notices import NoticeKind

Remark = tuple[NoticeKind, dict[str, object]]
"""Something to be said of a source, with facts by name."""


class UnknownPlace(ValueError):
    """A place that this source cannot read: written by another kind of source."""


@dataclass
class Reading:
    """What one look at a source gave: at most a frame's worth."""

    lines: list[RawLine] = field(default_factory=list)
    losses: list[Remark] = field(default_factory=list)
    hindrance: Remark | None = None
    is_full: bool = False
    """Whether more may be waiting."""
    broken: Remark | None = None
    """Set where the place means nothing any more: a new epoch must begin."""

    @property
    def is_all(self) -> bool:
        """Whether nothing that the source has is waiting behind it."""
        return self.hindrance is None and not self.is_full


class Source(Protocol):
    """Something that gives lines in an order of its own and can go on from a place."""

    name: str
    kind: str
    host: str
    zone: str

    @property
    def place(self) -> object:
        """Where to go on after everything read so far, as JSON can say it."""
        ...

    def begin(self, seen: datetime | None, *, first: bool) -> None:
        """Start where no place is known, for the `first` time or again.

        The newest line ever accepted of this source was read at `seen`.
        """
        ...

    def resume(self, place: object) -> None:
        """Go on from `place`. Raises `UnknownPlace`."""
        ...

    async def read(self) -> Reading:
        """What has come since the last reading."""
        ...

    async def wait(self) -> None:
        """Return when it is worth looking again."""
        ...
