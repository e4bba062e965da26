"""Where embedded engines keep their files, and as whom they run.

PostgreSQL refuses root. Started by an ordinary user, the engines run as that user and live in the instance's `state`.
Started by root, they run as `nobody`, who cannot enter root's folders: they then live in `/var/lib/senim/ID`, ID
being the instance's own. That folder, the programs and their settings in it belong to root, so that nothing root does
by name can be turned elsewhere; an engine owns its data folder alone. Nothing else on the machine is changed.

Socket paths are limited to about 100 bytes, so the socket folder lies in `/tmp`, mode 0700, owned by whoever runs us.
"""

import os
import pwd
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senim.kit.files import PRIVATE_FOLDER, StrangeFolder, write_private
from senim.kit.instance import Instance

_ROOTS_PLACE = Path("/var/lib/senim")
_UNPRIVILEGED = "nobody"
_OPEN_FOLDER = 0o755


@dataclass(frozen=True)
class Runner:
    """The OS user that engines run as."""

    uid: int
    gid: int

    @property
    def is_somebody_else(self) -> bool:
        """Whether files must be handed over to this user."""
        return self.uid != os.geteuid()

    def as_popen(self) -> dict[str, Any]:
        """Arguments for `subprocess` that start a child as this user."""
        if not self.is_somebody_else:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def runner() -> Runner:
    """As whom engines run: ourselves, or `nobody` where we are root."""
    if os.geteuid() != 0:
        return Runner(os.geteuid(), os.getegid())
    entry = pwd.getpwnam(_UNPRIVILEGED)
    return Runner(entry.pw_uid, entry.pw_gid)


def engine_home(instance: Instance) -> Path:
    """The folder of the embedded engines' data (and, for root, binaries)."""
    if runner().is_somebody_else:
        return _ROOTS_PLACE / instance.id
    return instance.state("engines")


def socket_folder(instance: Instance) -> Path:
    """Where PostgreSQL's socket lies."""
    return Path("/tmp") / f"senim-{os.geteuid()}-{instance.id}"  # noqa: S108 - made 0700 and checked below


def ensure_engine_home(instance: Instance) -> Path:
    """`engine_home`, made where missing.

    For root these are folders that only root can change, so that no name in them can come to mean another file; engines
    own only their data folders below. Raises `StrangeFolder` where somebody else made it first.
    """
    home = engine_home(instance)
    if not runner().is_somebody_else:
        return folder_of(runner(), home)
    for folder in (_ROOTS_PLACE, home):
        open_folder(folder)
    return home


def open_folder(path: Path) -> Path:
    """`path` as a folder of ours that others may read and only we may write, made where missing.

    Raises `StrangeFolder` where somebody else made it first, or put a link there.
    """
    return _folder(path, os.geteuid(), os.getegid(), _OPEN_FOLDER)


def folder_of(owner: Runner, path: Path) -> Path:
    """`path` as a folder of `owner` with mode 0700, made where missing.

    Raises `StrangeFolder` where somebody else made it first, or put a link there.
    """
    return _folder(path, owner.uid, owner.gid, PRIVATE_FOLDER)


def _folder(path: Path, uid: int, gid: int, mode: int) -> Path:
    made = False
    with suppress(FileExistsError):
        path.mkdir(mode=PRIVATE_FOLDER)
        made = True
    # By descriptor and not by name: whoever owns the folder can put a link in its place between two looks.
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except (NotADirectoryError, PermissionError):
        raise _of_somebody_else(path) from None
    try:
        if made:
            os.fchown(handle, uid, gid)
        elif os.fstat(handle).st_uid != uid:
            raise _of_somebody_else(path)
        os.fchmod(handle, mode)
    finally:
        os.close(handle)
    return path


def _of_somebody_else(path: Path) -> StrangeFolder:
    return StrangeFolder(format_lazy(_("{} was made by somebody else"), path))


def write_for(owner: Runner, path: Path, data: bytes) -> None:
    """Replace `path`, which lies in a folder of ours, by `data`: only `owner` may read it and only we write."""
    write_private(path, data)
    if owner.is_somebody_else:
        os.chown(path, -1, owner.gid, follow_symlinks=False)
        path.chmod(0o640)


def forget(instance: Instance) -> None:
    """Remove the engines' data and sockets, wherever they lie. Nobody may run the instance."""
    for folder in (engine_home(instance), socket_folder(instance)):
        shutil.rmtree(folder, ignore_errors=True)
