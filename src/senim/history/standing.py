"""How far the history is, in its writer's own words: a small file beside the table, for readers of the table."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from senim.kit.unreadable import UNREADABLE

PATIENCE = timedelta(seconds=60)
"""Our choice: the history commits every two seconds; what it has not caught up with in a minute it may never see."""
_FILE = "standing.json"


class Standing(msgspec.Struct, frozen=True):
    """What the writer says of itself."""

    caught_up_at: datetime | None = None
    """Everything that waited in the stream at this moment is held; None where that never was so."""
    has_room: bool = True
    """False: the disk is nearly full, and the history leaves what is free to others."""
    sure_up_to: dict[str, dict[str, int]] | None = None
    """Source → epoch → number: frames with lines above it were taken and not acknowledged, by an earlier life or before
    a commit that failed, and come again though newer lines are held already. None where there are no such frames."""

    def sure_of(self, source: str, epoch: str, highest: int) -> int:
        """Of lines up to `highest`, which is held, up to which number none comes any more."""
        return highest if self.sure_up_to is None else min(highest, self.sure_up_to.get(source, {}).get(epoch, 0))

    def behind(self, at: datetime) -> "Behind":
        """How far the history is behind the stream at the moment `at`."""
        return Behind(None if self.caught_up_at is None else max(at - self.caught_up_at, timedelta()), self.has_room)


@dataclass(frozen=True)
class Behind:
    """How far the history is behind the stream."""

    by: timedelta | None
    """None: nobody knows, it has never caught up."""
    has_room: bool

    @property
    def is_late(self) -> bool:
        """Whether that is out of order."""
        return self.by is None or self.by > PATIENCE or not self.has_room


def write(folder: Path, standing: Standing) -> None:
    """Say it. A power cut may take it back: then it is older than it need be."""
    draft = folder / f".{_FILE}"
    draft.write_bytes(msgspec.json.encode(standing))
    draft.replace(folder / _FILE)


def read(folder: Path) -> Standing:
    """What was said last; nothing is known where nothing was, or nobody can read it."""
    return told(folder) or Standing()


def told(folder: Path) -> Standing | None:
    """What was said last; None where nothing was, or nobody can read it."""
    try:
        return msgspec.json.decode((folder / _FILE).read_bytes(), type=Standing)
    except (OSError, *UNREADABLE):
        return None
