"""A zip of files with the sums of all of them: the same bytes for the same files, read back whole or not at all."""

import io
import struct
import zipfile
import zlib
from typing import Literal

from senim.kit import canonical

SUMS = "SHA256SUMS"
Moment = tuple[int, int, int, int, int, int]
Flaw = Literal["not-a-zip", "names-twice", "packed-otherwise", "too-large", "sums"]

_DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, struct.error),
    *(NotImplementedError, RuntimeError, ValueError, OSError, EOFError),
)
"""What `zipfile` raises for bytes that are no whole zip; unlisted ways of packing are refused before they are tried."""
_PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


class BadArchive(Exception):
    """Not such a zip: `flaw` says why, the text what was met."""

    def __init__(self, flaw: Flaw, met: str = "") -> None:
        super().__init__(met)
        self.flaw = flaw


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


def unpack(data: bytes, *, largest: int) -> dict[str, bytes]:
    """The files in such a zip, at most `largest` bytes together, each with its sum right. Raises `BadArchive`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            listed = archive.infolist()
            if len({entry.filename for entry in listed}) != len(listed):
                raise BadArchive("names-twice")
            if any(entry.compress_type not in _PACKED for entry in listed):
                raise BadArchive("packed-otherwise")
            if sum(entry.file_size for entry in listed) > largest:
                raise BadArchive("too-large")
            files = {entry.filename: archive.read(entry) for entry in listed}
    except _DAMAGED as error:
        raise BadArchive("not-a-zip", str(error)) from error
    if files.get(SUMS) != sums(files):
        raise BadArchive("sums", SUMS)
    return files


def is_zip(data: bytes) -> bool:
    """Whether `data` looks like a zip."""
    return data.startswith(b"PK")
