"""How the authority behaves: well, or badly on request, so that whoever asks it can be seen to cope."""

import datetime
import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Mode(StrEnum):
    """Ways to behave."""

    WELL = "well"
    CLOCK_OFF = "clock-off"
    DOWN = "down"
    GARBAGE = "garbage"
    LATE = "late"
    REFUSE = "refuse"
    WRONG_IMPRINT = "wrong-imprint"
    WRONG_NONCE = "wrong-nonce"
    WRONG_SIGNATURE = "wrong-signature"


MEANINGS = {
    Mode.WELL: "stamps what it is asked to stamp",
    Mode.CLOCK_OFF: "its clock is ahead by --delay seconds",
    Mode.DOWN: "nobody listens: connections are refused",
    Mode.GARBAGE: "answers with random bytes",
    Mode.LATE: "stamps rightly, and answers --delay seconds late",
    Mode.REFUSE: "answers that it gives no stamp",
    Mode.WRONG_IMPRINT: "stamps, truly signed, other bytes than those asked for",
    Mode.WRONG_NONCE: "stamps, truly signed, under another number than the request's",
    Mode.WRONG_SIGNATURE: "signs with a fresh key under its own name",
}


@dataclass(frozen=True)
class Behaviour:
    """How it behaves now, and until when."""

    mode: Mode = Mode.WELL
    until: datetime.datetime | None = None
    """None: until told otherwise."""
    delay: float = 0.0
    """Seconds: of lateness, or of the clock."""


def now() -> datetime.datetime:
    """The present moment."""
    return datetime.datetime.now(tz=datetime.UTC)


def behave(home: Path, wanted: Behaviour) -> None:
    """Let the authority in `home` behave so from now on."""
    said = {"mode": wanted.mode, "until": wanted.until and wanted.until.isoformat(), "delay": wanted.delay}
    draft = _file(home).with_suffix(".new")
    draft.write_text(json.dumps(said), encoding="ascii")
    draft.replace(_file(home))


def behaviour(home: Path) -> Behaviour:
    """How the authority in `home` behaves now."""
    try:
        said = json.loads(_file(home).read_text(encoding="ascii"))
    except FileNotFoundError:
        return Behaviour()
    until = datetime.datetime.fromisoformat(said["until"]) if said["until"] else None
    is_over = until is not None and until <= now()
    return Behaviour() if is_over else Behaviour(Mode(said["mode"]), until, said["delay"])


def _file(home: Path) -> Path:
    return home / "behaviour.json"
