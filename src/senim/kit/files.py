"""Files that must be whole, durable and closed to others."""

import os
import secrets
from pathlib import Path

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
_OTHERS = 0o077


class ExposedFile(PermissionError):
    """A secret that somebody besides its owner may read."""


def private_folder(path: Path) -> Path:
    """`path` as a folder with mode 0700, made where missing. Raises `ExposedFile` if it is another's or a link."""
    path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    facts = path.lstat()
    if path.is_symlink() or facts.st_uid != os.geteuid():
        raise ExposedFile(f"{path} is not a folder of our own: remove it and start again")
    path.chmod(PRIVATE_FOLDER)
    return path


def write_private(path: Path, data: bytes) -> None:
    """Replace `path` by `data`, mode 0600, whole or not at all, on disk when this returns."""
    write_durably(path, data, mode=PRIVATE_FILE)


def write_durably(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Replace `path` by `data` whole or not at all; file and folder entry are on disk when this returns."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_private(path: Path) -> bytes:
    """The bytes of a secret. Raises `ExposedFile` when group or others may read it, `FileNotFoundError` if absent."""
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        if mode & _OTHERS:
            raise ExposedFile(f"{path} is open to others (mode {mode & 0o777:04o}): chmod 600 it")
        return file.read()
