"""The regulator's SFTP server: a real OpenSSH server on loopback that lets one key in, to two folders."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from senim.asoi.carriers.hosts import host_key_file
from senim.kit.instance import Instance
from tests.ports import free_port

_SSHD = shutil.which("sshd", path="/usr/sbin:/usr/bin:/sbin:/bin")
_CONFIGURATION = """
Port {port}
ListenAddress 127.0.0.1
HostKey {home}/{host}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AuthorizedKeysFile {home}/let-in
Subsystem sftp internal-sftp
ForceCommand internal-sftp -d {home}/served
"""


def why_not() -> str:
    """Why there is none; empty where there is."""
    return "" if _SSHD and shutil.which("ssh-keygen") else "NOT RUN: openssh-server is not installed"


def new_key(path: Path, *more: str) -> str:
    """A key pair at `path`; its public half as a line."""
    path.unlink(missing_ok=True)
    command = ["ssh-keygen", "-q", "-t", "ed25519", *more, "-N", "", "-C", "test", "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path.with_name(f"{path.name}.pub").read_text(encoding="ascii")


@dataclass
class Server:
    """One server in a folder, with a key that is its own."""

    home: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @classmethod
    def founded(cls, home: Path) -> "Server":
        """Not running yet; nobody is let in."""
        for name in ("messages", "receipts"):
            (home / "served" / name).mkdir(parents=True)
        new_key(home / "host")
        new_key(home / "stranger")
        (home / "let-in").touch()
        return cls(home, free_port())

    @property
    def messages(self) -> Path:
        return self.home / "served" / "messages"

    @property
    def receipts(self) -> Path:
        return self.home / "served" / "receipts"

    @property
    def user(self) -> str:
        return pwd.getpwuid(os.geteuid()).pw_name

    @property
    def table(self) -> str:
        """What a bureau's senim.toml says of it."""
        return (
            f'\n[asoi.electronic_format.sftp]\nhost = "127.0.0.1"\nport = {self.port}\nuser = "{self.user}"\n'
            'messages = "messages"\nreceipts = "receipts"\n'
        )

    def agree(self, instance: Instance) -> None:
        """Let the bureau in, and let it have our host key."""
        (self.home / "let-in").write_text(new_key(instance.key("asoi", "sftp")))
        shutil.copy(self.home / "host.pub", host_key_file(instance))

    def start(self, host: str = "host") -> None:
        """Serve, showing the key `host`."""
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        said = _CONFIGURATION.format(port=self.port, home=self.home, host=host)
        (self.home / "sshd_config").write_text(said)
        log = str(self.home / "sshd.log")
        self.process = subprocess.Popen([str(_SSHD), "-D", "-f", str(self.home / "sshd_config"), "-E", log])
        for _ in range(600):
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            assert self.process.poll() is None, Path(log).read_text()
            time.sleep(0.05)
        raise AssertionError("sshd does not listen")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None
