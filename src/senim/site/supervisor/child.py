"""One child of the supervisor: a program with its own environment, log and pid file."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import msgspec
import psutil
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from senim.kit.files import write_durably
from senim.kit.instance import Instance
from senim.kit.noted import Noted
from senim.kit.problems import Problem
from senim.kit.process import READY_DESCRIPTOR, die_with_parent
from senim.kit.unreadable import UNREADABLE
from senim.site.embedded.place import Runner
from senim.site.supervisor.listening import Listening
from senim.site.supervisor.log import LIMIT, keep_short

_FIRST_WAIT, _LONGEST_WAIT = 0.2, 10.0
_STEADY = 30.0
"""Seconds after which a child that died counts as having run well: the next wait is the shortest again."""


class WillNotStart(Problem):
    """A child ended or stayed silent before it was ready."""

    code = "site:will-not-start"
    status = 500
    title = gettext_lazy("The house does not start")


@dataclass
class Child:
    """A program kept running."""

    name: str
    instance: Instance
    command: Sequence[str]
    environment: Mapping[str, str]
    ready: Callable[[], bool] | None = None
    """Asks whether it serves."""
    listens: tuple[Listening, ...] = ()
    """Where it serves once all of them do. Without this and `ready` the child announces it by itself."""
    stop_signal: signal.Signals = signal.SIGTERM
    runner: Runner | None = None
    cwd: Path = Path("/")
    log_limit: int = LIMIT
    ailing: bytes = b""
    """What it says in its log when it cannot go on although it runs: only a new start helps."""

    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _pipe: IO[bytes] | None = field(default=None, init=False)
    _started: float = field(default=0.0, init=False)
    _wait: float = field(default=_FIRST_WAIT, init=False)
    _noted: bool = field(default=False, init=False)
    _heard: int = field(default=0, init=False)
    """Up to where its log was listened to."""
    restarts: int = field(default=0, init=False)

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return None if self._process is None or self._has_ended(self._process) else self._process.pid

    @staticmethod
    def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
        """Whether it has ended. It is not reaped here: until its family is gone its number must be nobody else's."""
        if process.returncode is not None:
            return True
        return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    @property
    def pid_file(self) -> Path:
        """Where its process id is written down for a next supervisor."""
        return self.instance.home / "run" / f"{self.name}.json"

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.instance.home / "logs" / f"{self.name}.log"

    def start(self) -> None:
        """Start it; `wait_ready` says when it serves. Raises `OSError` where the machine has no room for it."""
        self._bury()
        self._close_pipe()
        self._started = time.monotonic()
        environment = dict(self.environment)
        passed: tuple[int, ...] = ()
        if self.ready is None and not self.listens:
            read, write = os.pipe()
            os.set_blocking(read, False)
            self._pipe = os.fdopen(read, "rb", buffering=0)
            environment[READY_DESCRIPTOR] = str(write)
            passed = (write,)
        try:
            self._spawn(environment, passed)
        finally:
            for descriptor in passed:
                os.close(descriptor)
        self._note()

    def _spawn(self, environment: Mapping[str, str], passed: tuple[int, ...]) -> None:
        number = self.stop_signal
        keep_short(self.log, self.log_limit)
        with self.log.open("ab") as log:
            self._heard = log.tell()
            self._process = subprocess.Popen(
                list(self.command),
                env=environment,
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches the supervisor only, which stops the others in order
                pass_fds=passed,
                preexec_fn=lambda: die_with_parent(number),  # noqa: PLW1509 - the supervisor has one thread
                **(self.runner.as_popen() if self.runner else {}),
            )
        self._noted = False

    def _note(self) -> None:
        """Write down which process it is, for a next supervisor."""
        if self._process is None or self._noted:
            return
        write_durably(self.pid_file, msgspec.json.encode(Noted.of(self._process.pid)))
        self._noted = True

    def wait_ready(self, seconds: float) -> None:
        """Return when it serves. Raises `WillNotStart` with the end of its log where it does not within `seconds`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.pid is None:
                raise self._will_not_start(_("{name} ended before it served"))
            if self._is_ready():
                self._close_pipe()
                return
            time.sleep(0.05)
        raise self._will_not_start(_("{name} does not serve after {seconds:.0f} s"), seconds=seconds)

    def _will_not_start(self, what: str, **more: float) -> WillNotStart:
        said = next((line for line in reversed(self._lines()) if line.strip()), "—")
        last = _("the last it said: {said}; all of it: {log}").format(said=said.strip(), log=self.log)
        return WillNotStart(f"{what.format(name=self.name, **more)}; {last}")

    def _lines(self) -> list[str]:
        return self.log.read_text(errors="replace").splitlines()

    def _is_ready(self) -> bool:
        if self.ready is not None:
            return self.ready()
        if self.listens:
            return all(one.is_served() for one in self.listens)
        return self._pipe is not None and bool(self._pipe.read(6))

    def _close_pipe(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None

    def keep_running(self) -> bool:
        """Start it again if it has ended, or ails, and its wait is over, and keep its log short. True where it was.

        Raises `OSError` where the machine has no room; asked again later it goes on where it was.
        """
        lived = time.monotonic() - self._started
        if self.pid is not None:
            self._note()
            ails = self.ailing and lived > _LONGEST_WAIT and self._says(self.ailing)
            keep_short(self.log, self.log_limit)
            if not ails:
                return False
            self.stop()
        if lived < self._wait:
            return False
        self._wait = _FIRST_WAIT if lived > _STEADY else min(self._wait * 2, _LONGEST_WAIT)
        self.restarts += 1
        self.start()
        return True

    def _says(self, words: bytes) -> bool:
        """Whether `words` stand in what it wrote to its log since this was asked last."""
        with self.log.open("rb") as log:
            end = log.seek(0, os.SEEK_END)
            log.seek(self._heard if self._heard <= end else 0)  # it begins anew once it is long
            said = log.read()
            self._heard = log.tell()
        return words in said

    def ask_to_end(self) -> None:
        """Ask it to end, and do not wait for it."""
        if (pid := self.pid) is not None:
            os.kill(pid, self.stop_signal)

    def stop(self) -> None:
        """Ask it to end, then insist."""
        self.ask_to_end()
        self.see_end()

    def see_end(self, seconds: float = 10.0) -> None:
        """Wait until it has ended as it was asked to, at most `seconds`, then insist."""
        deadline = time.monotonic() + seconds
        while self.pid is not None and time.monotonic() < deadline:
            time.sleep(0.02)
        self._bury()
        self._close_pipe()
        self.pid_file.unlink(missing_ok=True)

    def _bury(self) -> None:
        """End whatever is left of it and of what it had started itself, then reap it: in this order.

        While it is unreaped, the number of its process group can belong to nobody else.
        """
        if self._process is None or self._process.returncode is not None:
            return
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def sweep(instance: Instance) -> Iterator[str]:
    """End children that a killed supervisor left behind, by the pids it wrote down. What there is to say of it."""
    for path in sorted((instance.home / "run").glob("*.json")):
        try:
            noted = msgspec.json.decode(path.read_bytes(), type=Noted)
        except UNREADABLE:
            yield _("{path} names no process and is removed: see that none is left behind").format(path=path)
        else:
            if noted.runs:
                end_politely(noted.pid)
                yield _("ended {name}, left behind by a supervisor that was killed").format(name=path.stem)
        path.unlink()


def end_politely(pid: int, seconds: float = 10.0) -> None:
    """SIGINT (PostgreSQL's fast shutdown; the others stop as well), then SIGKILL for it and all below it.

    psutil remembers when each of them began, and so never hits another that was given its number since.
    """
    try:
        leader = psutil.Process(pid)
        family = [leader, *leader.children(recursive=True)]
        leader.send_signal(signal.SIGINT)
    except psutil.NoSuchProcess:
        return
    psutil.wait_procs([leader], timeout=seconds)
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(family, timeout=seconds)  # what they held is free only then
