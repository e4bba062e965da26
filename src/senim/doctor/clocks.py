"""Whether this machine's clock can be believed: every moment in incidents, messages and the audit log is read from it.

Two things are asked that no program of ours can influence: whether somebody has lately told the kernel that its clock
is right (adjtimex(2), which NTP daemons and hypervisors feed), and whether the clock was set while the house runs.
A third, whether the regulator's receipts agree with it, is the regulator channel's to ask (`asoi.channel_checks`).
"""

import ctypes
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec
import psutil
from django.utils.translation import gettext as _

from senim.kit.checks import Fault
from senim.kit.noted import Noted

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

    The supervisor notes each in the moment in which it begins: the note is as old by the clock of then. Asked now, the
    kernel says when that was by the clock of now: it counts from a beginning that nobody can set.
    """
    steps = [0.0]
    for path in noted.glob("*.json"):
        with suppress(FileNotFoundError, psutil.NoSuchProcess):
            known = msgspec.json.decode(path.read_bytes(), type=Noted)
            if known.runs:
                steps.append(psutil.Process(known.pid).create_time() - path.stat().st_mtime)
    return max(steps, key=abs)
