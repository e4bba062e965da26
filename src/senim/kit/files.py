"""Files that must be whole, durable and closed to others."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Problem

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700
_OTHERS = 0o077


class ExposedFile(Problem):
    """A secret that somebody besides its owner may read."""

    code = "files:exposed"
    status = 500
    title = _("A secret lies open to others")
    remedy = _("Close it (chmod 600) and ask yourself who has read it")


class StrangeFolder(ExposedFile):
    """A folder that should be ours and is somebody else's, or a link: what we put there would be theirs."""

    code = "files:strange-folder"
    title = _("A folder is not our own")
    remedy = _("See whose it is and where it leads before you move it away; nothing was put there")


class FileThere(Problem):
    """A file would be overwritten."""

    code = "files:there-already"
    status = 409
    title = _("There is a file of that name already")
    remedy = _("Choose another name, or move that file away first")


class Unnamed(Problem):
    """A file is whole, and could not be given its name."""

    code = "files:unnamed"
    status = 500
    title = _("The file is written and recorded, but could not be given its name")
    remedy = _("Rename the first of these to the second")


def private_folder(path: Path) -> Path:
    """`path` as a folder with mode 0700, made where missing. Raises `StrangeFolder` if it is another's or a link."""
    path.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    facts = path.lstat()
    if path.is_symlink() or facts.st_uid != os.geteuid():
        raise StrangeFolder(str(path))
    path.chmod(PRIVATE_FOLDER)
    return path


def write_private(path: Path, data: bytes) -> None:
    """Replace `path` by `data`, mode 0600, whole or not at all, on disk when this returns."""
    write_durably(path, data, mode=PRIVATE_FILE)


def write_durably(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Replace `path` by `data` whole or not at all; file and folder entry are on disk when this returns."""
    draft = _draft_of(path)
    try:
        _write_synced(draft, data, mode)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(path)


@contextmanager
def new_file(path: Path, *, mode: int = 0o644) -> Iterator[Callable[[bytes], None]]:
    """Write a file that gets its name when the block has ended well, and is not there at all when it has not.

        with new_file(out) as write, transaction.atomic():
            write(what_is_handed_out)  # with the record of it

    So the record commits only once the bytes are on disk, and what bears the name has its record. Killed in between
    it leaves a record and a whole draft beside `path`, `.NAME.xxxxxxxx`: the record says more than the name, never
    less. (Where the connection breaks over the commit nobody knows whether it happened; the draft is removed then,
    and handing out once more leaves a second record.)
    Raises `FileThere` where `path` exists: nothing is overwritten; `Unnamed` where the draft cannot get its name.
    """
    if path.exists() or path.is_symlink():
        raise FileThere(str(path))
    draft = _draft_of(path)
    try:
        yield lambda data: _write_synced(draft, data, mode)
    except BaseException:  # whatever it was, Ctrl-C too: what failed must not look like a file handed out
        draft.unlink(missing_ok=True)
        raise
    _give_name(draft, path, mode)


def _give_name(draft: Path, path: Path, mode: int) -> None:
    try:
        # Taken first, so that nobody's file is replaced; a hard link would do it in one, and USB sticks know none.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
        draft.replace(path)
    except OSError as error:
        raise Unnamed(f"{draft}, {path}: {error.strerror}") from error
    _sync_folder(path)


def _draft_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}")


def _write_synced(path: Path, data: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    """Let the entry of `path` in its folder be on disk."""
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
            raise ExposedFile(f"{path} (mode {mode & 0o777:04o})")
        return file.read()
