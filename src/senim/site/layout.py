"""Where the code of this installation stands: what a confined process still has to read."""

import sys
import sysconfig
from pathlib import Path

import senim

PACKAGE = Path(senim.__file__).resolve().parent
CHECKOUT = PACKAGE.parents[1]
"""The source tree of a checkout (an installed wheel has no rules and no stand-ins beside it)."""


def code_folders() -> list[Path]:
    """Folders that every process may read: the system's libraries, Python, the installed packages, our code."""
    python = [Path(sys.prefix), Path(sys.base_prefix), Path(sysconfig.get_path("stdlib"))]
    system = [Path(p) for p in ("/usr", "/lib", "/lib64", "/bin", "/etc", "/proc", "/sys", "/dev")]
    ours = [PACKAGE, CHECKOUT / "rules", CHECKOUT / "stand_ins"]
    return [*system, *python, *ours]
