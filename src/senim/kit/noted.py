"""A process as a pid file means it: its number alone may belong to another one by now."""

from pathlib import Path

import msgspec

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_STARTTIME = 19
"""The 22nd word of /proc/PID/stat, counted from the one behind the program's name."""


class Noted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which process a pid file means, whatever happens to the clock: its number, and when it began since which boot."""

    pid: int
    began: int
    """In the kernel's ticks since the boot (proc_pid_stat(5), `starttime`)."""
    boot: str

    @classmethod
    def of(cls, pid: int) -> "Noted":
        """The process that has the number `pid` now. Raises `FileNotFoundError`, `ProcessLookupError` if none has."""
        # The second word is the program's name in brackets, and may hold spaces and brackets itself.
        words = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return cls(pid, int(words[_STARTTIME]), _BOOT.read_text().strip())

    @property
    def runs(self) -> bool:
        """Whether it still runs; another that was given its number since is not it."""
        try:
            return Noted.of(self.pid) == self
        except (FileNotFoundError, ProcessLookupError):
            return False
