"""How long a newcomer waits: a fresh clone, `make run`, the first page; then a second start, idle memory, disk.

Aims: first page 90 s, second start 15 s, idle 1500 MB, install 400 MB.
"""

import os
import re
import shutil
import signal
import ssl
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psutil

from senim.exercises.errors import NotMeasured

AIMS = {"first_page_s": 90.0, "second_start_s": 15.0, "idle_mb": 1500.0, "install_mb": 400.0}
_ADDRESS = re.compile(r"https://localhost:\d+/")
_UP = "Senim is up"
_SETTLE_SECONDS = 20.0
_LONGEST = 900.0


class Start(msgspec.Struct, frozen=True):
    """What was measured."""

    first_page_s: float
    second_start_s: float
    idle_mb: float
    """Resident memory of every process of the house, added up; pages shared by several count several times."""
    install_mb: float


def measure(checkout: Path) -> Start:
    """Clone `checkout`, run it, and measure. Raises `NotMeasured` with the output where it does not come up."""
    with tempfile.TemporaryDirectory(prefix="senim-bench-") as folder:
        clone = Path(folder) / "senim"
        _clone(checkout, clone)
        began = time.monotonic()
        with _running(clone) as run:
            first_page = run.wait_page(began)
            run.wait_up()
            time.sleep(_SETTLE_SECONDS)
            idle = _resident(run.process.pid)
        began = time.monotonic()
        with _running(clone) as run:
            run.wait_up()
            second = time.monotonic() - began
        return Start(round(first_page, 1), round(second, 1), round(idle, 1), round(_size(clone / ".venv"), 1))


def _clone(checkout: Path, clone: Path) -> None:
    done = subprocess.run(
        ["git", "clone", "--quiet", str(checkout), str(clone)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NotMeasured(f"git clone failed: {done.stderr.strip()}")


class _Run:
    """`make run` in a clone, its output in a file."""

    def __init__(self, clone: Path) -> None:
        self.output = clone / "make-run.log"
        with self.output.open("wb") as log:
            self.process = subprocess.Popen(
                ["make", "run"], cwd=clone, env=_plain(), stdout=log, stderr=log, start_new_session=True
            )
        self._certificate = clone / "var" / "trust" / "ca.crt"

    def wait_page(self, began: float) -> float:
        """Seconds from `began` until the console answers its first page."""
        while True:
            self._raise_if_over(began)
            found = _ADDRESS.search(self.said())
            if found and _answers(found[0], self._certificate):
                return time.monotonic() - began
            time.sleep(0.1)

    def wait_up(self) -> None:
        """Return when the house says that it is up."""
        began = time.monotonic()
        while _UP not in self.said():
            self._raise_if_over(began)
            time.sleep(0.1)

    def said(self) -> str:
        """Its output so far."""
        return self.output.read_text(errors="replace")

    def _raise_if_over(self, began: float) -> None:
        if self.process.poll() is not None or time.monotonic() - began > _LONGEST:
            raise NotMeasured(f"`make run` did not come up:\n{self.said()[-3000:]}")


@contextmanager
def _running(clone: Path) -> Iterator[_Run]:
    run = _Run(clone)
    try:
        yield run
    finally:
        if run.process.poll() is None:
            os.killpg(run.process.pid, signal.SIGINT)
            run.process.wait(60)


def _plain() -> dict[str, str]:
    """The environment of somebody who has just logged in: nothing of this process's own instance."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SENIM_", "DJANGO_", "VIRTUAL_ENV", "L"))}
    return {**kept, "LANG": "C.UTF-8"}  # its words are looked for below


def _answers(address: str, certificate: Path) -> bool:
    if not certificate.exists():
        return False
    context = ssl.create_default_context(cafile=str(certificate))
    try:
        with urllib.request.urlopen(address, context=context, timeout=5) as page:  # noqa: S310 - our own https address
            return bool(page.status == 200)  # noqa: PLR2004 - HTTP's number for yes
    except (urllib.error.URLError, OSError):
        return False


def _resident(leader: int) -> float:
    """Megabytes that the process `leader` and all below it keep in memory."""
    everybody = [psutil.Process(leader), *psutil.Process(leader).children(recursive=True)]
    return sum(process.memory_info().rss for process in everybody) / 1e6


def _size(folder: Path) -> float:
    """Megabytes on disk."""
    program = shutil.which("du") or "du"
    said = subprocess.run([program, "-sm", str(folder)], capture_output=True, text=True, check=True).stdout
    return float(said.split()[0])
