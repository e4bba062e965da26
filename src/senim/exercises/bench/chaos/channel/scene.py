"""Both ends of the channel: our outbox and processes, the stand-in, and the settings of the sender."""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from django.utils.translation import gettext as _

from senim.exercises.bench.chaos.channel.outbox import Outbox, Told
from senim.exercises.bench.chaos.stage import Stage
from senim.exercises.bench.house import House
from senim.exercises.errors import NotMeasured

SENDER, REGULATOR = "asoi", "stand-in-asoi"
_NOTED = re.compile(r"^retry_first = .*\n.*\n.*\n.*after = .*$", re.MULTILINE)


@dataclass(frozen=True)
class Tuning:
    """Of table `[asoi]`: pauses so short that a scenario takes seconds, answers awaited so long that none is late."""

    after: float = 3600.0
    """Seconds of silence after which messages are written as files."""
    answer_within: float = 60.0

    @property
    def lines(self) -> str:
        """As they stand in senim.toml."""
        times = f"retry_first = 0.2\nretry_longest = 1.0\nanswer_within = {self.answer_within}"
        return f"{times}\nelectronic_format = {{ after = {self.after} }}"


@dataclass(frozen=True)
class Scene:
    """A running house whose channel is broken."""

    stage: Stage
    outbox: Outbox

    @property
    def house(self) -> House:
        """Where it happens."""
        return self.stage.house

    def process(self, name: str) -> psutil.Process:
        """The running process `name`; one that is just being started again is waited for. Raises `NotMeasured`."""
        found: list[psutil.Process] = []
        self.stage.wait_until(lambda: self._seen(name, found), _("{name} runs").format(name=name))
        return found[-1]

    def _seen(self, name: str, found: list[psutil.Process]) -> bool:
        found.extend(one for each, one in self.house.processes().items() if each == name)
        return bool(found)

    def tune(self, tuning: Tuning) -> None:
        """Let the sender work with other settings from now on: written down, and it is started again."""
        path = self.house.home / "senim.toml"
        path.write_text(_NOTED.sub(tuning.lines, path.read_text(encoding="utf-8"), count=1), encoding="utf-8")
        former = self.stage.restart(SENDER)
        self.stage.wait_until(
            lambda: self.house.processes().get(SENDER) not in {None, former}, _("{name} runs").format(name=SENDER)
        )

    def misbehave(self, *words: str) -> str:
        """Tell the stand-in how to behave, or ask it: what it says. Raises `NotMeasured`."""
        return self._stand_in("misbehave", *words)

    def receive(self, file: Path, receipt: Path) -> None:
        """Somebody at the regulator takes `file` in and gives its receipt as one. Raises `NotMeasured`."""
        self._stand_in("receive", str(file), "--out", str(receipt))

    def _stand_in(self, command: str, *words: str) -> str:
        home = str(self.house.home / "stand_ins" / "asoi")
        called = [sys.executable, "-m", "stand_ins.asoi", command, "--home", home, *words]
        done = subprocess.run(
            called, env=self.house.environment, cwd=self.house.checkout, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise NotMeasured(_("{command} failed: {said}").format(command=command, said=done.stderr.strip()))
        return done.stdout

    def received(self) -> list[dict[str, Any]]:
        """What the regulator has, in the order of arrival. Raises `NotMeasured`."""
        return list(self.house.regulator("list"))

    def has(self, message: str) -> bool:
        """Whether the regulator has `message`."""
        return any(one["id"] == message for one in self.received())

    def outgoing(self, message: str) -> Path:
        """Where the file of `message` lies while it is to be carried."""
        return self.house.home / "state" / "asoi" / "outgoing" / f"{message}.p7m"

    def incoming(self, message: str) -> Path:
        """Where a receipt is put that came as a file."""
        return self.house.home / "state" / "asoi" / "incoming" / f"{message}.p7m"

    def deliver(self, told: list[Told]) -> bool:
        """Let the regulator behave well: whether all of `told` is delivered before patience is over."""
        self.misbehave("well")
        return self.stage.comes_true(lambda: self.outbox.states(told) == {"delivered"})

    @contextmanager
    def unattended(self) -> Iterator[None]:
        """The supervisor stands still: whoever is killed stays ended until the block is over."""
        supervisor = self.house.supervisor
        supervisor.suspend()
        try:
            yield
        finally:
            supervisor.resume()

    @contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """The process `name` stands still: it answers nobody, and what is sent to it lies in the kernel."""
        process = self.process(name)
        process.suspend()
        try:
            yield
        finally:
            process.resume()
