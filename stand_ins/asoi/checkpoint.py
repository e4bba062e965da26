"""The bureau's audit checkpoint as a message carries it: a signed note (C2SP signed-note, tlog-checkpoint).

The stand-in keeps and shows it, as a witness does who cannot yet judge: it holds no checkpoint key of the bureau. What
it kept is what a later rewriting of the log cannot agree with.
"""

import base64
import binascii
import re
from dataclasses import dataclass

_ROOT_BYTES = 32
_SIGNATURE = re.compile(r"— \S+ [A-Za-z0-9+/]+={0,2}")


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint says of the log it closes."""

    origin: str
    size: int
    root: str
    """Base64, as in the note."""


def parse(note: str) -> Checkpoint | None:
    """What `note` says, or None where it does not have a checkpoint's form."""
    text, blank, signatures = note.partition("\n\n")
    lines = text.split("\n")
    if not blank or not signatures.endswith("\n") or len(lines) < 3:  # noqa: PLR2004 - origin, size, root
        return None
    if not all(_SIGNATURE.fullmatch(line) for line in signatures[:-1].split("\n")):
        return None
    origin, size, root = lines[:3]
    if not origin or not re.fullmatch(r"0|[1-9][0-9]{0,18}", size):
        return None
    try:
        if len(base64.b64decode(root, validate=True)) != _ROOT_BYTES:
            return None
    except binascii.Error:
        return None
    return Checkpoint(origin, int(size), root)
