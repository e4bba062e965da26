"""A real OpenSSH server on loopback, with one account of its own that exists in no file of this machine.

The account lives in copies of `passwd` and `shadow` that are mounted over the originals in a mount namespace of the
server's own: the machine's accounts are neither read by the attacker nor changed by us.
"""

import ctypes
import ctypes.util
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from senim.kit.files import write_durably, write_private

_UID = 65533
_START_SECONDS = _END_SECONDS = 10.0
_CONFIGURATION = """
Port {port}
ListenAddress 127.0.0.1
HostKey {home}/host_key
PidFile none
PermitRootLogin no
PasswordAuthentication yes
KbdInteractiveAuthentication no
PubkeyAuthentication no
UsePAM no
AllowUsers {account}
ForceCommand /bin/true
AllowTcpForwarding no
X11Forwarding no
MaxStartups 50
LogLevel INFO
"""
# Mounted in the server's own namespace only; gone when the server ends.
_ENTER = """
set -e
mkdir -p /run/sshd
mount --bind "$1/passwd" /etc/passwd
mount --bind "$1/shadow" /etc/shadow
exec "$2" -D -f "$1/sshd_config" -E "$3"
"""


class CannotServe(RuntimeError):
    """A real server cannot be had here; says why."""


@dataclass(frozen=True)
class Server:
    """A running server."""

    port: int
    account: str
    password: str


def why_not() -> str:
    """Why a real server cannot be had on this machine; empty when it can."""
    if os.geteuid() != 0:
        return "a real sshd checks passwords as root only"
    for program in ("sshd", "ssh", "ssh-keygen", "unshare", "mount"):
        if _found(program) is None:
            return _("{program} is not installed").format(program=program)
    probe = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    return "" if probe.returncode == 0 else _("this machine gives no mount namespaces")


@contextmanager
def serving(log: Path, account: str) -> Iterator[Server]:
    """A real sshd that knows `account` and writes to `log`; ended by its own pid.

    Raises `CannotServe` where `why_not()` has a reason or the server does not start.
    """
    if reason := why_not():
        raise CannotServe(reason)
    password = secrets.token_hex(8)
    with tempfile.TemporaryDirectory(prefix="senim-sshd-") as folder:
        home = Path(folder)
        port = _free_port()
        _furnish(home, port, account, password)
        command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", _ENTER, "sh", str(home)]
        process = subprocess.Popen([*command, str(_found("sshd")), str(log)], stderr=subprocess.PIPE)
        try:
            _wait(process, port)
            yield Server(port, account, password)
        finally:
            _end(process)
            if process.stderr:
                process.stderr.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _found(program: str) -> str | None:
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin")


def _furnish(home: Path, port: int, account: str, password: str) -> None:
    (home / "sshd_config").write_text(_CONFIGURATION.format(port=port, home=home, account=account))
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(home / "host_key")]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        raise CannotServe(_("{program} failed: {why}").format(program="ssh-keygen", why=made.stderr.strip()))
    passwd = Path("/etc/passwd").read_text() + f"{account}:x:{_UID}:{_UID}::/nonexistent:/usr/sbin/nologin\n"
    # Mounted over the machine's own with the mode they have here, whatever the umask.
    write_durably(home / "passwd", passwd.encode())
    (home / "passwd").chmod(0o644)
    shadow = f"root:*:19000:0:99999:7:::\nsshd:*:19000::::::\n{account}:{_hashed(password)}:19000:0:99999:7:::\n"
    write_private(home / "shadow", shadow.encode())


def _hashed(password: str) -> str:
    """`password` as crypt(3) stores it (SHA-512), by the C library that sshd itself asks."""
    try:
        library = ctypes.CDLL(ctypes.util.find_library("crypt") or "libcrypt.so.1")
    except OSError as error:
        raise CannotServe(_("{program} is not installed").format(program="crypt(3)")) from error
    library.crypt.restype = ctypes.c_char_p
    salt = f"$6${secrets.token_hex(8)}$"
    hashed: bytes = library.crypt(password.encode(), salt.encode())
    return hashed.decode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    said = process.stderr.read().decode(errors="replace") if process.poll() is not None and process.stderr else ""
    raise CannotServe(_("{program} failed: {why}").format(program="sshd", why=said.strip()))
