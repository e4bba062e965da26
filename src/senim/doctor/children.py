"""Whether the processes that the supervisor keeps running are there, as the machine sees it."""

import json
from collections.abc import Iterator
from pathlib import Path

import psutil
from django.utils.translation import gettext as _

from senim.kit.checks import Fault


def faults(noted: Path) -> Iterator[Fault]:
    """Every process that the supervisor noted and that is gone; where it noted none, the house does not run."""
    names = {path.stem: json.loads(path.read_bytes())["pid"] for path in sorted(noted.glob("*.json"))}
    if not names:
        yield Fault(_("The house does not run"), _("Start it: senim up"))
    for name, pid in names.items():
        if not _is_alive(int(pid)):
            what = _("%(name)s has ended") % {"name": name}
            remedy = _("The supervisor starts it again; where it does not, look at its log: logs/%(name)s.log")
            yield Fault(what, remedy % {"name": name})


def _is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
