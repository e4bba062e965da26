"""What lies in the proof bundle of a message, and reading one. Knows no database."""

from django.utils.translation import gettext as _

from senim.asoi.errors import ProofRefused
from senim.kit import archive
from senim.kit.archive import SUMS, BadArchive, is_zip, pack, sums
from senim.kit.problems import Text

__all__ = ["SUMS", "is_bundle", "pack", "sums", "unpack"]

MESSAGE, MESSAGE_SIGNED, MESSAGE_SEALED = "message.json", "message.p7s", "message.p7m"
RECEIPT, RECEIPT_SIGNED, RECEIPT_SEALED = "receipt.json", "receipt.p7s", "receipt.p7m"
BUREAU, REGULATOR = "certificates/bureau.crt", "certificates/regulator.crt"
STAMP, AUTHORITY = "message.tsr", "certificates/tsa.crt"
CHECKPOINT = "checkpoint.txt"
READMES = ("README.kk.txt", "README.ru.txt", "README.en.txt")
_LARGEST = 16 * 1024 * 1024
_KNOWN = {
    *(MESSAGE, MESSAGE_SIGNED, MESSAGE_SEALED, RECEIPT, RECEIPT_SIGNED, RECEIPT_SEALED),
    *(BUREAU, REGULATOR, SUMS, *READMES),
}
_STAMPED = {STAMP, AUTHORITY}
"""Both are there, or neither: what was signed may have no time-stamp."""


def unpack(data: bytes) -> dict[str, bytes]:
    """The files of a proof bundle: all that belong there and no others, each with its sum right.

    Raises `ProofRefused`.
    """
    try:
        files = archive.unpack(data, largest=_LARGEST)
    except BadArchive as flaw:
        raise ProofRefused(reason_of(flaw)) from flaw
    if files.keys() - {CHECKPOINT} not in (_KNOWN, _KNOWN | _STAMPED):
        raise ProofRefused(_("the bundle lacks files, or holds others"))
    return files


def reason_of(flaw: BadArchive) -> Text:
    """Why a proof is not even read, for a person."""
    return {
        "not-a-zip": _("this is not a proof bundle: %s"),
        "names-twice": _("the bundle lacks files, or holds others"),
        "packed-otherwise": _("packed in another way than a proof bundle"),
        "too-large": _("too large for a proof bundle"),
        "sums": _("%s does not agree with the files"),
    }[flaw.flaw].replace("%s", str(flaw))


def is_bundle(data: bytes) -> bool:
    """Whether `data` looks like a bundle."""
    return is_zip(data)
