"""What was passed on: as much as a carrier can see of a sealed message, a line for each, oldest first."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from stand_ins.asoi.clock import iso, now
from stand_ins.national_bank.onward import Answered


def note(home: Path, named: str, sealed: bytes, answered: Answered) -> None:
    """Write down that `sealed` went on as the message that its carrier `named`, and what came back."""
    seen = {
        "at": iso(now()),
        "named": named,
        "bytes": len(sealed),
        "sha256": sha256(sealed).hexdigest(),
        "status": answered.status,
        "answer_sha256": sha256(answered.body).hexdigest(),
    }
    with _file(home).open("a", encoding="ascii") as file:
        file.write(json.dumps(seen) + "\n")


def passed(home: Path) -> list[dict[str, Any]]:
    """Everything that was passed on."""
    try:
        lines = _file(home).read_text(encoding="ascii").splitlines()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines]


def _file(home: Path) -> Path:
    return home / "passed.jsonl"
