"""A house of its own for a benchmark: founded, started and stopped by its own commands."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from senim.exercises.errors import NotMeasured

_UP = "Senim is up"
_LONGEST = 180.0


class House:
    """A running demonstration in a temporary folder."""

    def __init__(self, home: Path, checkout: Path) -> None:
        self.home = home
        self.checkout = checkout
        self.output = home.parent / "up.log"

    def senim(self, *arguments: str) -> str:
        """What `senim ARGUMENTS` prints. Raises `NotMeasured` with its complaint where it fails."""
        return self._run([sys.executable, "-m", "senim.site.cli", *arguments])

    def regulator(self, *arguments: str) -> Any:
        """What the stand-in regulator's command answers, as JSON."""
        home = str(self.home / "stand_ins" / "asoi")
        return json.loads(self._run([sys.executable, "-m", "stand_ins.asoi", *arguments, "--home", home, "--json"]))

    def _run(self, command: list[str]) -> str:
        done = subprocess.run(
            command, env=self.environment, cwd=self.checkout, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise NotMeasured(f"{' '.join(command[2:4])} failed: {done.stderr.strip()}")
        return done.stdout

    @property
    def environment(self) -> dict[str, str]:
        """The environment of somebody at this machine."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SENIM_", "DJANGO_", "L"))}
        return {**kept, "LANG": "C.UTF-8", "SENIM_HOME": str(self.home)}


@contextmanager
def running(checkout: Path) -> Iterator[House]:
    """A house that is up; stopped and forgotten afterwards. Raises `NotMeasured` with its output if it stays down."""
    with tempfile.TemporaryDirectory(prefix="senim-bench-") as folder:
        house = House(Path(folder) / "var", checkout)
        house.senim("init", "--any-ports", "--profile", "demonstration", "--home", str(house.home))
        with house.output.open("wb") as log:
            supervisor = subprocess.Popen(
                [sys.executable, "-m", "senim.site.cli", "up"], env=house.environment, stdout=log, stderr=log
            )
        try:
            _wait(house, supervisor)
            yield house
        finally:
            supervisor.send_signal(signal.SIGINT)
            supervisor.wait(60)
            house.senim("forget", "--home", str(house.home))


def _wait(house: House, supervisor: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _LONGEST
    while _UP not in (said := house.output.read_text(errors="replace")):
        if supervisor.poll() is not None or time.monotonic() > deadline:
            raise NotMeasured(f"the house did not start:\n{said[-3000:]}")
        time.sleep(0.1)
