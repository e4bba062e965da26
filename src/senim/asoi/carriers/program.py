"""One run of the system's own `sftp` (OpenSSH): with the pinned host key, our key, and nothing else of this machine.

No settings of a user or of the machine are read, no other key is offered, nothing is forwarded, nobody is prompted, and
a host key is neither learned nor updated. The program works in a folder of its own, which is gone afterwards; what it
writes there is bounded, and so is its time.
"""

import os
import resource
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from senim.asoi.carriers import HostNotTrusted, NotCarried, OutOfReach, TookTooLong, TurnedAway
from senim.asoi.carriers.hosts import ALIAS
from senim.asoi.settings import SftpSettings

LARGEST = 1024 * 1024
"""Bytes of a file that the program may write here: a receipt has a few thousand."""
_PATH = "/usr/bin:/bin:/usr/local/bin"
_GLANCE = 0.1
_DETAIL = 100
_OPTIONS = {
    "BatchMode": "yes",
    "CheckHostIP": "no",
    "ClearAllForwardings": "yes",
    "ControlMaster": "no",
    "ControlPath": "none",
    "GlobalKnownHostsFile": "none",
    "HostKeyAlias": ALIAS,
    "IdentitiesOnly": "yes",
    "IdentityAgent": "none",
    "KbdInteractiveAuthentication": "no",
    "KnownHostsCommand": "none",
    "LogLevel": "INFO",
    "PasswordAuthentication": "no",
    "PreferredAuthentications": "publickey",
    "ServerAliveCountMax": "2",
    "ServerAliveInterval": "10",
    "StrictHostKeyChecking": "yes",
    "UpdateHostKeys": "no",
    # R228/81: confidentiality and non-modification. Whoever does not have the pinned key gets nothing.
    "UserKnownHostsFile": "known_hosts",
    "VerifyHostKeyDNS": "no",
}
_CHANGED = ("Host key verification failed", "no matching host key type found")


@dataclass(frozen=True)
class Ran:
    """How a run ended and what the program said."""

    said: str
    failure: NotCarried | None


def program() -> str | None:
    """Where `sftp` is; None where the machine has none."""
    return shutil.which("sftp", path=_PATH)


def run(
    batch: Iterable[str], folder: Path, *, signatures: str, settings: SftpSettings, stopping: threading.Event
) -> Ran:
    """Let the program carry out `batch` in `folder`, until it ends or its time is over.

    The folder holds `known_hosts` and `key`, by plain names: the program would widen signs in the name of a path.
    """
    where = program()
    if where is None:
        return Ran("", OutOfReach("sftp (OpenSSH) is not installed"))
    (folder / "batch").write_text("".join(f"{line}\n" for line in batch), encoding="ascii")
    command = [where, "-b", "batch", *_words(signatures, settings)]
    with (folder / "said").open("wb") as said, (folder / "wrong").open("wb") as wrong:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={"PATH": _PATH, "HOME": str(folder), "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=wrong,
            start_new_session=True,
            restore_signals=False,  # a file that grows too large is an error it can tell of, and no signal
        )
        with suppress(ProcessLookupError):
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (LARGEST, LARGEST))
        in_time = _wait(process, settings.answer_within, stopping)
    return _judged(folder, process.returncode, in_time=in_time)


def _words(signatures: str, settings: SftpSettings) -> list[str]:
    options = {**_OPTIONS, "HostKeyAlgorithms": signatures, "ConnectTimeout": str(max(1, int(settings.answer_within)))}
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    said = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    return ["-F", "none", "-i", "key", *said, "-P", str(settings.port), f"{settings.user}@{host}"]


def _wait(process: "subprocess.Popen[bytes]", seconds: float, stopping: threading.Event) -> bool:
    """Wait for its end; False where its time was over, or ours, and it was ended with what it had started."""
    deadline = time.monotonic() + seconds
    while process.poll() is None:
        if stopping.wait(_GLANCE) or time.monotonic() > deadline:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return False
    return True


def _judged(folder: Path, code: int, *, in_time: bool) -> Ran:
    said, wrong = ((folder / name).read_text(encoding="utf-8", errors="replace") for name in ("said", "wrong"))
    if code == 0:
        return Ran(said, None)
    if not in_time:
        return Ran(said, TookTooLong("no end in time"))
    if any(word in wrong for word in _CHANGED):
        return Ran(said, HostNotTrusted("it does not have the pinned host key"))
    detail = _last_line(wrong)
    is_let_in = bool(said) and "Connection closed" not in wrong
    if is_let_in or "Permission denied (" in wrong:
        return Ran(said, TurnedAway(detail))
    return Ran(said, OutOfReach(detail))


def _last_line(wrong: str) -> str:
    """The last line that says more than that it is over, as far as it can be printed."""
    lines = [line for line in wrong.splitlines() if line.strip() and not line.startswith("Connection closed")]
    text = lines[-1] if lines else "the connection ended"
    return "".join(letter if letter.isprintable() else " " for letter in text)[:_DETAIL].strip()
