"""A whole house, started by its own command, for tests that go through doors and real processes."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from senim.kit.instance import Instance
from senim.site.layout import CHECKOUT
from senim.telemetry.settings import TelemetrySettings
from tests.founded import founded, give_database

START_SECONDS = 120.0
STOP_SECONDS = 60.0


@dataclass
class House:
    """One instance and, while it runs, its supervisor."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)
    python: str = sys.executable
    user: dict[str, Any] = field(default_factory=dict)
    """How `subprocess` starts programs as another user; whoever runs the tests where nothing is said."""
    lines: list[str] = field(default_factory=list)
    process: "subprocess.Popen[str] | None" = None
    listener: threading.Thread | None = None

    @classmethod
    def founded(cls, folder: Path) -> "House":
        """A demonstration instance that does not run yet."""
        give_database(founded(folder / "var"))
        return cls(folder / "var")

    @property
    def instance(self) -> Instance:
        """The instance as its settings say."""
        return Instance.load(self.home)

    def command(self, *arguments: str, typed: str = "", **more: str) -> "subprocess.CompletedProcess[str]":
        """Run `senim ARGUMENTS` beside the house, where somebody types what is `typed`, and wait for it."""
        return subprocess.run(
            [self.python, "-m", "senim.site.cli", *arguments],
            env=self._environment(**more),
            cwd=self.home.parent,
            input=typed,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            **self.user,
        )

    def senim(self, *arguments: str) -> Any:
        """What `senim ARGUMENTS --json` answers; it must succeed."""
        done = self.command(*arguments, "--json")
        assert done.returncode == 0, done.stderr or done.stdout
        return json.loads(done.stdout)

    def regulator(self, *arguments: str) -> Any:
        """What the stand-in regulator's own command answers."""
        home = str(self.home / "stand_ins" / "asoi")
        command = [sys.executable, "-m", "stand_ins.asoi", *arguments, "--home", home, "--json"]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def incidents_told(self, *arguments: str) -> list[dict[str, Any]]:
        """What the stand-in regulator lists of messages about incidents; batches of events come at any time."""
        return [one for one in self.regulator("list", *arguments) if one["kind"].startswith("Incident")]

    def incidents_waiting(self) -> list[dict[str, Any]]:
        """Messages about incidents that have no receipt."""
        return [one for one in self.senim("asoi", "messages", "--waiting") if one["kind"].startswith("Incident")]

    @property
    def log(self) -> Path:
        """The file that the source `sshd` follows."""
        return Path(self.instance.section("telemetry", TelemetrySettings).sources[0].path)

    def _environment(self, **more: str) -> dict[str, str]:
        kept = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("SENIM_", "LANG", "LC_")) and k != "DJANGO_SETTINGS_MODULE"
        }
        return {**kept, "SENIM_HOME": str(self.home), "PYTHONWARNINGS": "default", **self.environment, **more}

    def start(self) -> "House":
        """Start the supervisor and wait until it says that the house is up."""
        self.lines.clear()
        self.process = subprocess.Popen(
            [self.python, "-m", "senim.site.cli", "up"],
            env=self._environment(),
            cwd=self.home.parent,
            **self.user,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.listener = threading.Thread(target=self._listen, args=(self.process,), daemon=True)
        self.listener.start()
        deadline = time.monotonic() + START_SECONDS
        while not any(line.startswith("Senim is up") for line in list(self.lines)):
            if self.process.poll() is not None or time.monotonic() > deadline:
                said = "".join(self.lines)
                self.stop()
                raise AssertionError(f"the house did not start:\n{said}")
            time.sleep(0.05)
        return self

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout as output:
            self.lines.extend(iter(output.readline, ""))

    def stop(self) -> int:
        """Ctrl-C. The supervisor's exit code."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        code = self.process.wait(STOP_SECONDS)
        self._forget()
        return code

    def kill(self) -> None:
        """SIGKILL to the supervisor: it cannot clean up."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(STOP_SECONDS)
        self._forget()

    def _forget(self) -> None:
        assert self.listener is not None
        self.listener.join(STOP_SECONDS)
        self.process = None

    def pids(self) -> dict[str, int]:
        """The children's process ids, as the supervisor wrote them down."""
        return {path.stem: json.loads(path.read_text())["pid"] for path in (self.home / "run").glob("*.json")}

    def pid_of(self, name: str) -> int:
        """The process id of one child."""
        return self.pids()[name]


def wait_until(true: Callable[[], bool], *, seconds: float = 60.0, what: str = "it") -> None:
    """Wait until `true()` holds; a patient bound, not a measure of speed."""
    deadline = time.monotonic() + seconds
    asked = time.monotonic()
    while not true():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true in {seconds:.0f} s")
        # Whoever asks by a command, which is a second's work for a core, leaves the most to what is waited for.
        time.sleep(max(0.05, min(2 * (time.monotonic() - asked), 3.0)))
        asked = time.monotonic()


def is_running(pid: int) -> bool:
    """Whether a process with this id runs (a zombie does not)."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def new_folder() -> Path:
    """A short temporary folder of ours."""
    return Path(tempfile.mkdtemp(prefix="senim-house-"))
