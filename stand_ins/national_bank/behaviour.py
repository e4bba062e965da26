"""How the bank's object behaves: well, or badly on request, so that a bureau can be seen to cope."""

import datetime
import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from stand_ins.asoi.clock import now


class Mode(StrEnum):
    """Ways to behave."""

    WELL = "well"
    CHANGED_MESSAGE = "changed-message"
    CHANGED_RECEIPT = "changed-receipt"
    CUT = "cut"
    DOWN = "down"
    OWN_SIGNATURE = "own-signature"
    SILENT = "silent"


MEANINGS = {
    Mode.WELL: "passes the message on and brings back ASOI's answer, both unchanged",
    Mode.CHANGED_MESSAGE: "changes one byte of the message before it passes it on",
    Mode.CHANGED_RECEIPT: "changes one byte of the receipt before it brings it back",
    Mode.CUT: "passes the message on, then closes the connection without an answer",
    Mode.DOWN: "nobody listens: connections are refused",
    Mode.OWN_SIGNATURE: "passes nothing on and answers with a receipt that it signed itself",
    Mode.SILENT: "passes nothing on and never answers, the connection stays open",
}


@dataclass(frozen=True)
class Behaviour:
    """How it behaves now, and until when."""

    mode: Mode = Mode.WELL
    until: datetime.datetime | None = None
    """None: until told otherwise."""


def behave(home: Path, wanted: Behaviour) -> None:
    """Let the bank's object in `home` behave so from now on."""
    said = {"mode": wanted.mode, "until": wanted.until and wanted.until.isoformat()}
    draft = _file(home).with_suffix(".new")
    draft.write_text(json.dumps(said), encoding="ascii")
    draft.replace(_file(home))


def mode(home: Path) -> Mode:
    """How the bank's object in `home` behaves now."""
    try:
        said = json.loads(_file(home).read_text(encoding="ascii"))
    except FileNotFoundError:
        return Mode.WELL
    until = datetime.datetime.fromisoformat(said["until"]) if said["until"] else None
    return Mode.WELL if until is not None and until <= now() else Mode(said["mode"])


def _file(home: Path) -> Path:
    return home / "behaviour.json"
