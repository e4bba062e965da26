"""A house of its own for a benchmark: founded, started and stopped by its own commands."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import psutil

from senim.exercises.errors import NotMeasured
from senim.kit.noted import Noted
from senim.kit.process import die_with_parent

_UP = b"Senim is up"
_LONGEST = 600.0
_STOPS_WITHIN = 120.0


class House:
    """A demonstration in a temporary folder."""

    def __init__(self, home: Path, checkout: Path) -> None:
        self.home = home
        self.checkout = checkout
        self.output = home.parent / "up.log"
        self._supervisor: subprocess.Popen[bytes] | None = None

    @property
    def supervisor(self) -> psutil.Process:
        """The process that keeps the others running. Raises `NotMeasured` where there is none."""
        if self._supervisor is None:
            raise NotMeasured("the house does not run")
        return psutil.Process(self._supervisor.pid)

    def start(self) -> None:
        """Start it and wait until it says that it is up. Raises `NotMeasured` with its output where it does not."""
        before = self.output.stat().st_size if self.output.exists() else 0
        with self.output.open("ab") as log:
            self._supervisor = subprocess.Popen(
                [sys.executable, "-m", "senim.site.cli", "up"],
                env=self.environment,
                stdout=log,
                stderr=log,
                # However the benchmark ends, its house does not go on without it.
                preexec_fn=lambda: die_with_parent(signal.SIGINT),  # noqa: PLW1509 - a benchmark has one thread
            )
        deadline = time.monotonic() + _LONGEST
        while _UP not in (said := self.output.read_bytes()[before:]):
            if self._supervisor.poll() is not None or time.monotonic() > deadline:
                raise NotMeasured(f"the house did not start:\n{said.decode(errors='replace')[-3000:]}")
            time.sleep(0.1)

    def kill(self) -> None:
        """End the supervisor as a power cut would; its children end with it."""
        supervisor, self._supervisor = self._supervisor, None
        if supervisor is not None:
            supervisor.kill()
            supervisor.wait(_STOPS_WITHIN)

    def stop(self) -> None:
        """Ctrl-C, where it runs; if that does not help, the end."""
        if self._supervisor is None:
            return
        self._supervisor.send_signal(signal.SIGINT)
        try:
            self._supervisor.wait(_STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            self.kill()
        self._supervisor = None

    def processes(self) -> dict[str, psutil.Process]:
        """What the supervisor keeps running, as it noted it; what has ended or is another process by now is left out.

        psutil remembers when each was born and never signals another that was given its number since.
        """
        found = {}
        for path in sorted((self.home / "run").glob("*.json")):
            with suppress(FileNotFoundError, psutil.NoSuchProcess):
                noted = msgspec.json.decode(path.read_bytes(), type=Noted)
                process = psutil.Process(noted.pid)
                if noted.runs and process.status() != psutil.STATUS_ZOMBIE:
                    found[path.stem] = process
        return found

    def log_of(self, source: str) -> Path:
        """The file that the source `source` follows."""
        sources = tomllib.loads((self.home / "senim.toml").read_text())["telemetry"]["sources"]
        return Path(next(each["path"] for each in sources if each["name"] == source))

    def senim(self, *arguments: str) -> str:
        """What `senim ARGUMENTS` prints. Raises `NotMeasured` with its complaint where it fails."""
        return _printed(self.ask(*arguments))

    def ask(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """`senim ARGUMENTS`, however it ends."""
        return self._run([sys.executable, "-m", "senim.site.cli", *arguments])

    def regulator(self, *arguments: str) -> Any:
        """What the stand-in regulator's command answers, as JSON. Raises `NotMeasured`."""
        home = str(self.home / "stand_ins" / "asoi")
        command = [sys.executable, "-m", "stand_ins.asoi", *arguments, "--home", home, "--json"]
        return json.loads(_printed(self._run(command)))

    def _run(self, command: list[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command, env=self.environment, cwd=self.checkout, capture_output=True, text=True, check=False
        )

    @property
    def environment(self) -> dict[str, str]:
        """The environment of somebody at this machine."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SENIM_", "DJANGO_", "L"))}
        return {**kept, "LANG": "C.UTF-8", "SENIM_HOME": str(self.home)}


def _printed(done: "subprocess.CompletedProcess[str]") -> str:
    if done.returncode:
        raise NotMeasured(f"{' '.join(done.args[2:4])} failed: {done.stderr.strip()}")
    return done.stdout


def _set(path: Path, table: str, line: str) -> None:
    said = path.read_text(encoding="utf-8")
    path.write_text(said.replace(f"[{table}]\n", f"[{table}]\n{line}\n", 1), encoding="utf-8")


@contextmanager
def running(checkout: Path, *, settings: Mapping[str, str] | None = None) -> Iterator[House]:
    """A house that is up; stopped and forgotten afterwards. Raises `NotMeasured` with its output if it stays down.

    `settings` are lines for tables of senim.toml that are there already: `{"asoi": "lanes = 1"}`.
    """
    with tempfile.TemporaryDirectory(prefix="senim-bench-") as folder:
        house = House(Path(folder) / "var", checkout)
        house.senim("init", "--any-ports", "--profile", "demonstration", "--home", str(house.home))
        for table, line in (settings or {}).items():
            _set(house.home / "senim.toml", table, line)
        try:
            house.start()
            yield house
        finally:
            house.stop()
            house.senim("forget", "--home", str(house.home))
