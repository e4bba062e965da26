"""Where it happens: a house, the log that it follows, and what is done to its processes."""

import json
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import psutil
from django.utils.translation import gettext as _

from senim.exercises.bench.chaos.attacks import Attack, interleaved
from senim.exercises.bench.chaos.log import Log
from senim.exercises.bench.house import House
from senim.exercises.errors import NotMeasured

_PATIENCE = 180.0


@dataclass
class Stage:
    """A running house and its log."""

    house: House
    log: Log
    chance: random.Random
    killed: Counter[str] = field(default_factory=Counter)

    def write(self, attacks: list[Attack], seconds: float) -> Iterable[int]:
        """Write the lines of `attacks`, interleaved, in about so many seconds; gives the number of each behind it."""
        lines = list(interleaved(attacks, self.chance))
        for number, (machine, text) in enumerate(lines):
            self.log.write(machine, text)
            yield number
            time.sleep(seconds / len(lines))

    def kill(self, name: str) -> None:
        """`kill -9`; one that is just being started again is waited for."""
        self._signal(name, signal.SIGKILL)
        self.killed[name] += 1

    def restart(self, name: str) -> psutil.Process:
        """Ask it to end; the supervisor starts it again. The process that ended."""
        return self._signal(name, signal.SIGINT)  # PostgreSQL would wait for its sessions at SIGTERM

    def _signal(self, name: str, number: signal.Signals) -> psutil.Process:
        while True:
            self.wait_until(lambda: name in self.house.processes(), f"{name} running")
            process = self.house.processes().get(name)
            try:
                if process is not None:
                    process.send_signal(number)
                    return process
            except psutil.NoSuchProcess:  # it has ended by itself meanwhile
                continue

    def source(self) -> dict[str, Any]:
        """What the house says of the source `sshd`; empty while it cannot say."""
        told = self.house.ask("sources", "--json").stdout
        try:
            return next((dict(each) for each in json.loads(told) if each["source"] == "sshd"), {})
        except (ValueError, TypeError, KeyError):  # a failure in place of an answer
            return {}

    def wait_until(self, true: Callable[[], bool], what: str) -> None:
        """Wait until `true()` holds. Raises `NotMeasured` where patience is over."""
        if not self.comes_true(true):
            raise NotMeasured(_("{what}: did not come true in {seconds:.0f} s").format(what=what, seconds=_PATIENCE))

    def comes_true(self, true: Callable[[], bool]) -> bool:
        """Whether `true()` holds before patience is over."""
        deadline = time.monotonic() + _PATIENCE
        while not true():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True
