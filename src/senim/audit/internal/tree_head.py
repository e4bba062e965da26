"""The state of the log that a checkpoint states: origin, size, root (C2SP tlog-checkpoint)."""

import base64
import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from senim.audit.internal.merkle import HASH_BYTES
from senim.audit.internal.note import BadNote, Signer, Verifier

_LINES = 3
_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")


@dataclass(frozen=True)
class TreeHead:
    """What a log was at one size."""

    origin: str
    """Which log: names the bureau by its BIN."""
    size: int
    root: bytes

    def sign(self, signer: Signer) -> str:
        """This head as the text of a signed checkpoint."""
        return signer.sign(f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n")


def parse(text: str) -> TreeHead:
    """The head that the text of a checkpoint states; lines below the third are others' and passed over.

    Raises `BadNote` where it is none.
    """
    lines = text.split("\n")
    if len(lines) <= _LINES:
        raise BadNote(_("a checkpoint has three lines: origin, size, root"))
    origin, size, root = lines[:_LINES]
    if not _SIZE.fullmatch(size):
        raise BadNote(_("not a number of rows: %(text)s") % {"text": repr(size[:40])})
    try:
        decoded = base64.b64decode(root, validate=True)
    except ValueError:
        raise BadNote(_("the root is not base64 of 32 bytes")) from None
    if len(decoded) != HASH_BYTES:
        raise BadNote(_("the root is not base64 of 32 bytes"))
    return TreeHead(origin, int(size), decoded)


def read(checkpoint: str, verifier: Verifier) -> TreeHead:
    """The head that `checkpoint` states, signed by `verifier`'s key and of the log that bears its name.

    Raises `BadNote` where form, signature or origin are wrong.
    """
    head = parse(verifier.open(checkpoint))
    if head.origin != verifier.name:
        raise BadNote(
            _("a checkpoint of %(found)s, not of %(log)s") % {"found": head.origin[:80], "log": verifier.name}
        )
    return head
