"""Whether this machine's clock can be believed: every moment in incidents, messages and the audit log is read from it.

Two things are asked that no program of ours can influence: whether somebody has lately told the kernel that its clock
is right (adjtimex(2), which NTP daemons and hypervisors feed), and whether the clock was set while the house runs.
A third, whether the regulator's receipts agree with it, is the regulator channel's to ask (`asoi.channel_checks`).
"""

import ctypes
import json
from collections.abc import Iterator
from pathlib import Path

import psutil
from django.utils.translation import gettext as _

from senim.kit.checks import Fault

STEP_SECONDS = 3.0
"""Our choice: the kernel tells when a process began to the second, so that less says nothing."""
_SIZE, _STATUS = 208, slice(40, 44)
"""`struct timex` of 64-bit Linux: its size, and where `status` stands in it."""
_UNSYNCHRONISED = 0x0040


def faults(noted: Path, *, must_be_synchronised: bool) -> Iterator[Fault]:
    """What speaks against believing the clock. A demonstration tells nobody outside what time it was."""
    if must_be_synchronised and not is_synchronised():
        what = _("Nobody has told this machine's kernel lately that its clock is right")
        yield Fault(what, _("Let an NTP daemon (chrony, systemd-timesyncd) keep the clock"))
    step = stepped(noted)
    if abs(step) > STEP_SECONDS:
        what = _("The clock was set by %(seconds)d s while the house runs")
        remedy = _("Find out who set it; moments from before and after do not follow each other")
        yield Fault(what % {"seconds": step}, remedy)


def is_synchronised() -> bool:
    """What the kernel says. Raises `OSError` where it does not say."""
    libc = ctypes.CDLL(None, use_errno=True)
    told = ctypes.create_string_buffer(_SIZE)
    if libc.adjtimex(told) < 0:
        raise OSError(ctypes.get_errno(), "adjtimex")
    return not int.from_bytes(told.raw[_STATUS], "little") & _UNSYNCHRONISED


def stepped(noted: Path) -> float:
    """By how many seconds the clock was set since the longest-running process of the house began; zero without one.

    The supervisor noted when each began, by the clock of then. Asked now, the kernel says when that was by the clock of
    now: it counts from a beginning that nobody can set.
    """
    steps = [0.0]
    for path in noted.glob("*.json"):
        born = json.loads(path.read_bytes())
        try:
            steps.append(psutil.Process(int(born["pid"])).create_time() - float(born["born"]))
        except psutil.NoSuchProcess:
            continue
    return max(steps, key=abs)
