"""Signed notes (C2SP signed-note): a text and, below it, Ed25519 signatures that name their keys.

Any tool that reads the checkpoints of transparency logs reads these.
"""

import base64
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils.translation import gettext as _

_ED25519 = b"\x01"
_KEY_ID_BYTES = 4
_SIGNATURE = "— "


class BadNote(ValueError):
    """A text that is no signed note, or that the expected key has not signed."""


@dataclass(frozen=True)
class Verifier:
    """A key by its name, able to check."""

    name: str
    key: Ed25519PublicKey

    def __post_init__(self) -> None:
        if not self.name or "+" in self.name or any(c.isspace() for c in self.name):
            raise ValueError(f"{self.name!r} cannot name a key: no spaces, no plus sign, not empty")

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell apart keys of one name."""
        public = self.key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return sha256(self.name.encode() + b"\n" + _ED25519 + public).digest()[:_KEY_ID_BYTES]

    def open(self, note: str) -> str:
        """The text of `note`, signed by this key. Signatures of others are passed over, as the format demands.

        Raises `BadNote` where the form is broken, this key has not signed, or its signature is wrong.
        """
        text, signatures = split(note)
        ours = [s for name, s in signatures if name == self.name and s[:_KEY_ID_BYTES] == self.key_id]
        if not ours:
            raise BadNote(_("the key %(name)s has not signed this") % {"name": self.name})
        for signature in ours:
            try:
                self.key.verify(signature[_KEY_ID_BYTES:], text.encode())
            except InvalidSignature:
                raise BadNote(_("the signature of %(name)s is wrong") % {"name": self.name}) from None
        return text


@dataclass(frozen=True)
class Signer:
    """A key by its name, able to sign."""

    name: str
    key: Ed25519PrivateKey

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, self.key.public_key())

    def sign(self, text: str) -> str:
        """`text`, which ends in a newline, as a note with one signature."""
        if not text.endswith("\n"):
            raise ValueError("the text of a note ends in a newline")
        signature = self.verifier.key_id + self.key.sign(text.encode())
        return f"{text}\n{_SIGNATURE}{self.name} {base64.b64encode(signature).decode()}\n"


def split(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text of a note and its signatures as (key name, bytes), unchecked. Raises `BadNote` for a broken form."""
    if any((ord(c) < ord(" ") and c != "\n") or _is_surrogate(c) for c in note):
        raise BadNote(_("control characters in a signed note"))
    text, blank, below = note.rpartition("\n\n")
    if not blank or not below.endswith("\n"):
        raise BadNote(_("not a signed note: a text, an empty line, signature lines"))
    return text + "\n", [_signature(line) for line in below.removesuffix("\n").split("\n")]


def _signature(line: str) -> tuple[str, bytes]:
    name, _space, encoded = line.removeprefix(_SIGNATURE).partition(" ")
    try:
        signature = base64.b64decode(encoded, validate=True)
    except ValueError:
        signature = b""
    if not line.startswith(_SIGNATURE) or not name or len(signature) <= _KEY_ID_BYTES:
        raise BadNote(_("not a signature line: %(line)s") % {"line": repr(line[:80])})
    return name, signature


def _is_surrogate(character: str) -> bool:
    """Whether `character` is half of one: JSON can carry such halves, UTF-8 cannot."""
    return "\ud800" <= character <= "\udfff"
