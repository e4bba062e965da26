"""How far the history is, in its writer's own words: a small file beside the table, for readers of the table."""

from datetime import datetime
from pathlib import Path

import msgspec

_FILE = "standing.json"


class Standing(msgspec.Struct, frozen=True):
    """What the writer says of itself."""

    caught_up_at: datetime | None = None
    """Everything that waited in the stream at this moment is held; None where that never was so."""
    has_room: bool = True
    """False: the disk is nearly full, and the history leaves what is free to others."""


def write(folder: Path, standing: Standing) -> None:
    """Say it. A power cut may take it back: then it is older than it need be."""
    draft = folder / f".{_FILE}"
    draft.write_bytes(msgspec.json.encode(standing))
    draft.replace(folder / _FILE)


def read(folder: Path) -> Standing:
    """What was said last; nothing is known where nothing was, or nobody can read it."""
    try:
        return msgspec.json.decode((folder / _FILE).read_bytes(), type=Standing)
    except (OSError, msgspec.MsgspecError):
        return Standing()
