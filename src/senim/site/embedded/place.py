"""Where embedded engines keep their files, and as whom they run.

PostgreSQL refuses root. Started by an ordinary user, the engines run as that user and live in the instance's `state`.
Started by root, they run as `nobody`, who cannot enter root's folders: their binaries and data then live in
`/var/lib/senim/ID`, ID being the instance's own. Nothing else on the machine is changed.

Socket paths are limited to about 100 bytes, so the socket folder lies in `/tmp`, mode 0700, owned by whoever runs us.
"""

import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from senim.kit.files import PRIVATE_FOLDER, ExposedFile
from senim.kit.instance import Instance

_ROOTS_PLACE = Path("/var/lib/senim")
_UNPRIVILEGED = "nobody"


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

    def take(self, path: Path) -> None:
        """Give `path` to this user."""
        if self.is_somebody_else:
            os.chown(path, self.uid, self.gid)


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


def folder_of(owner: Runner, path: Path) -> Path:
    """`path` as a folder of `owner` with mode 0700, made where missing.

    Raises `ExposedFile` where somebody else made it first, or put a link there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir(mode=PRIVATE_FOLDER)
        owner.take(path)
    except FileExistsError:
        facts = path.lstat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != owner.uid:
            raise ExposedFile(f"{path} was made by somebody else: remove it and start again") from None
    path.chmod(PRIVATE_FOLDER)
    return path


def forget(instance: Instance) -> None:
    """Remove the engines' data and sockets, wherever they lie. Nobody may run the instance."""
    for folder in (engine_home(instance), socket_folder(instance)):
        shutil.rmtree(folder, ignore_errors=True)
