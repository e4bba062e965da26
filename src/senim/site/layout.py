"""Where the code of this installation stands: what a confined process still has to read."""

import sys
import sysconfig
from pathlib import Path

import senim

PACKAGE = Path(senim.__file__).resolve().parent
CHECKOUT = PACKAGE.parents[1]
"""The source tree of a checkout (an installed wheel has no rules and no stand-ins beside it)."""


_PARTS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32", "libexec", "share")
"""What programs are made of. Not the whole of `/usr` or of Python's prefix: people keep their own things there too."""


DEVICES = tuple(Path("/dev", name) for name in ("null", "zero", "full", "random", "urandom", "tty"))
"""What a process reads and writes that is no file. Not `/dev` as a whole: disks are there, and the memory that others
share (`/dev/shm`)."""


def code_folders() -> list[Path]:
    """Folders that every process may read: the system's libraries, Python, the installed packages, our code.

    `/etc` as a whole: the C library reads a dozen files there and reads them anew when they are replaced, which a rule
    about a single file would not outlive. `open_folder_above` keeps instances out of all of these.
    """
    roots = [Path(root) for root in ("/", "/usr", "/usr/local", sys.base_prefix)]
    programs = [root / part for root in roots for part in _PARTS]
    environment = [Path(sys.prefix)] if sys.prefix != sys.base_prefix else []
    python = [Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    system = [Path(p) for p in ("/etc", "/proc", "/sys")]
    ours = [PACKAGE, CHECKOUT / "rules", CHECKOUT / "stand_ins"]
    return [*programs, *environment, *python, *system, *ours]


def open_folder_above(home: Path) -> Path | None:
    """The folder that every process may read and that holds `home`; None where there is none, as it must be.

    An instance there would have its secrets open to each of its processes.
    """
    place = home.resolve()
    return next((folder for folder in code_folders() if place.is_relative_to(folder.resolve())), None)
