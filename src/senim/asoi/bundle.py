"""What lies in a proof bundle, and reading one. Knows no database."""

import io
import struct
import zipfile
import zlib

from django.utils.translation import gettext as _

from senim.asoi.errors import ProofRefused
from senim.kit import canonical

MESSAGE, MESSAGE_SIGNED, MESSAGE_SEALED = "message.json", "message.p7s", "message.p7m"
RECEIPT, RECEIPT_SIGNED, RECEIPT_SEALED = "receipt.json", "receipt.p7s", "receipt.p7m"
BUREAU, REGULATOR = "certificates/bureau.crt", "certificates/regulator.crt"
STAMP, AUTHORITY = "message.tsr", "certificates/tsa.crt"
CHECKPOINT, SUMS = "checkpoint.txt", "SHA256SUMS"
READMES = ("README.kk.txt", "README.ru.txt", "README.en.txt")
_LARGEST = 16 * 1024 * 1024
_KNOWN = {
    *(MESSAGE, MESSAGE_SIGNED, MESSAGE_SEALED, RECEIPT, RECEIPT_SIGNED, RECEIPT_SEALED),
    *(BUREAU, REGULATOR, SUMS, *READMES),
}
_STAMPED = {STAMP, AUTHORITY}
"""Both are there, or neither: what was signed may have no time-stamp."""

_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, struct.error),
    *(NotImplementedError, RuntimeError, ValueError, OSError, EOFError),
)
"""What `zipfile` raises for bytes that are no whole zip; unlisted ways of packing are refused before they are tried."""

_PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}

Moment = tuple[int, int, int, int, int, int]


def sums(files: dict[str, bytes]) -> bytes:
    """The sums of all `files` but the list of sums itself, as `sha256sum -c` reads them."""
    listed = sorted((name, data) for name, data in files.items() if name != SUMS)
    return "".join(f"{canonical.sha256(data)}  {name}\n" for name, data in listed).encode()


def pack(files: dict[str, bytes], moment: Moment) -> bytes:
    """A zip of `files` and their sums: the same bytes for the same files and moment (UTC)."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in sorted({**files, SUMS: sums(files)}.items()):
            archive.writestr(zipfile.ZipInfo(name, moment), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """The files of a proof bundle: all that belong there and no others, each with its sum right.

    Raises `ProofRefused`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            listed = archive.infolist()
            names = {entry.filename for entry in listed}
            if len(names) != len(listed) or names - {CHECKPOINT} not in (_KNOWN, _KNOWN | _STAMPED):
                raise ProofRefused(_("the bundle lacks files, or holds others"))
            if any(entry.compress_type not in _PACKED for entry in listed):
                raise ProofRefused(_("packed in another way than a proof bundle"))
            if sum(entry.file_size for entry in listed) > _LARGEST:
                raise ProofRefused(_("too large for a proof bundle"))
            files = {entry.filename: archive.read(entry) for entry in listed}
    except _DAMAGED as error:
        raise ProofRefused(_("this is not a proof bundle: %s") % error) from error
    if files[SUMS] != sums(files):
        raise ProofRefused(_("%s does not agree with the files") % SUMS)
    return files


def is_bundle(data: bytes) -> bool:
    """Whether `data` looks like a zip."""
    return data.startswith(b"PK")
