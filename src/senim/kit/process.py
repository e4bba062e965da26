"""What a process of the house is given when it starts, and how it is told to stop."""

import ctypes
import os
import signal
import sys
import threading
from dataclasses import dataclass, field
from types import FrameType

from senim.kit.instance import Instance
from senim.kit.secrets import Secrets

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
READY_DESCRIPTOR = "SENIM_READY_FD"


@dataclass(frozen=True)
class Process:
    """One running process: who it is, what it knows, when it must stop."""

    name: str
    instance: Instance
    secrets: Secrets
    stopping: threading.Event = field(default_factory=threading.Event)

    def stop_on_signals(self) -> None:
        """Let SIGTERM and SIGINT set `stopping`; loops look at it and finish what they hold."""

        def stop(_number: int, _frame: FrameType | None) -> None:
            self.stopping.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)

    def wait(self, seconds: float) -> bool:
        """Sleep for `seconds` or until asked to stop. True when asked to stop."""
        return self.stopping.wait(seconds)


def announce_ready() -> None:
    """Tell the supervisor that this process serves; silent when nobody waits for it."""
    descriptor = os.environ.pop(READY_DESCRIPTOR, "")
    if descriptor:
        os.write(int(descriptor), b"ready\n")
        os.close(int(descriptor))


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Ask the kernel to send `number` to this process when its parent ends, however it ends (prctl(2))."""
    _prctl(_PR_SET_PDEATHSIG, number)


def keep_memory_private() -> None:
    """Forbid other processes of the same OS user to trace this one or read its memory (prctl(2), PR_SET_DUMPABLE)."""
    _prctl(_PR_SET_DUMPABLE, 0)


def _prctl(option: int, value: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        number = ctypes.get_errno()
        sys.exit(f"prctl({option}) failed: {os.strerror(number)}")
