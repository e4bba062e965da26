"""Whether the processes that the supervisor keeps running are there, as the machine sees it."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
from django.utils.translation import gettext as _

from senim.kit.checks import Fault
from senim.kit.noted import Noted


def faults(noted: Path) -> Iterator[Fault]:
    """Every process that the supervisor noted and that is gone; where it noted none, the house does not run."""
    found = {path.stem: msgspec.json.decode(path.read_bytes(), type=Noted) for path in sorted(noted.glob("*.json"))}
    if not found:
        yield Fault(_("The house does not run"), _("Start it: senim up"))
    for name, process in found.items():
        if not _is_alive(process):
            what = _("%(name)s has ended") % {"name": name}
            remedy = _("The supervisor starts it again; where it does not, look at its log: logs/%(name)s.log")
            yield Fault(what, remedy % {"name": name})


def _is_alive(process: Noted) -> bool:
    try:
        return process.runs and psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
