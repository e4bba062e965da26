"""A child of the supervisor: kept running, its log kept short, its number never taken for somebody else's."""

import errno
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import psutil
import pytest
from django.utils import translation

from senim.kit.instance import Instance
from senim.kit.noted import Noted
from senim.site.supervisor.child import Child, end_politely, sweep
from senim.site.supervisor.up import Supervisor

_FOREVER = "import time; time.sleep(600)"


@pytest.fixture
def home(tmp_path: Path) -> Instance:
    """A folder that a child can run in; nobody founded it."""
    for name in ("run", "logs"):
        (tmp_path / name).mkdir()
    (tmp_path / "senim.toml").touch()
    return Instance.load(tmp_path)


@pytest.fixture
def child(home: Instance) -> Iterator[Callable[[str], Child]]:
    """Makes children that run a Python text; ends them."""
    made: list[Child] = []

    def make(text: str) -> Child:
        made.append(Child("talker", home, [sys.executable, "-uc", text], dict(os.environ), ready=lambda: True))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def _wait(true: Callable[[], bool], meanwhile: Callable[[], None] = lambda: None) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        meanwhile()
        time.sleep(0.01)


@pytest.fixture
def full_disk() -> Iterator[Callable[[int], None]]:
    """Lets no file of this process grow beyond so many bytes, as a full disk would not; lifted afterwards."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit(size: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))

    yield limit
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


class TestFullDisk:
    """What cannot be written down now does not end the house; it is told once and tried again."""

    @pytest.fixture
    def said(self) -> list[str]:
        return []

    @pytest.fixture
    def supervisor(self, home: Instance, said: list[str]) -> Iterator[Supervisor]:
        with translation.override("en"):
            yield Supervisor(home, said.append)

    def test_the_others_are_kept_and_the_child_is_written_down_once_there_is_room(
        self,
        supervisor: Supervisor,
        said: list[str],
        child: Callable[[str], Child],
        full_disk: Callable[[int], None],
    ) -> None:
        one = child(_FOREVER)
        supervisor.children.append(one)
        one.start()
        first = one.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        _wait(lambda: one.pid is None)
        full_disk(1)
        _wait(lambda: one.pid not in {None, first}, supervisor.tend)
        for _ in range(5):
            supervisor.tend()
        assert [text for text in said if os.strerror(errno.EFBIG) in text] == said[:1]
        assert "talker" in said[0]
        assert json.loads(one.pid_file.read_bytes())["pid"] == first

        full_disk(resource.getrlimit(resource.RLIMIT_FSIZE)[1])
        supervisor.tend()
        assert json.loads(one.pid_file.read_bytes())["pid"] == one.pid
        assert "over" in said[-1]

    def test_a_log_that_cannot_be_opened_is_told_and_tried_again(
        self, supervisor: Supervisor, said: list[str], child: Callable[[str], Child]
    ) -> None:
        one = child("pass")
        supervisor.children.append(one)
        one.start()
        _wait(lambda: one.pid is None)
        one.log.unlink()
        one.log.mkdir()
        began = one.restarts
        _wait(lambda: one.restarts > began + 2, supervisor.tend)
        assert len(said) == 1
        assert "talker" in said[0]
        one.log.rmdir()
        _wait(lambda: any("started again" in text for text in said), supervisor.tend)

    def test_our_own_output_on_a_full_disk_ends_nothing(self, home: Instance, child: Callable[[str], Child]) -> None:
        def say(_text: str) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        supervisor = Supervisor(home, say)
        one = child("pass")
        supervisor.children.append(one)
        one.start()
        _wait(lambda: one.restarts > 0, supervisor.tend)
        assert one.pid_file.exists()


def test_the_log_of_a_running_child_stays_bounded(child: Callable[[str], Child]) -> None:
    one = child("n = 0\nwhile True:\n    n += 1\n    print(n, 'x' * 990)")
    one.log_limit = 100_000
    one.start()
    rotated = one.log.with_suffix(".log.1")
    seen: set[bytes] = set()
    deadline = time.monotonic() + 30
    while len(seen) < 5:
        one.keep_running()
        if rotated.exists():
            seen.add(rotated.read_bytes()[:20])
        assert time.monotonic() < deadline
    assert one.restarts == 0
    assert one.pid is not None
    one.stop()
    one.keep_running()
    assert one.log.stat().st_size < 20 * one.log_limit
    assert b"\0" not in one.log.read_bytes()  # the child goes on at the new beginning, it leaves no hole


def test_a_dead_child_keeps_its_number_until_its_family_is_gone(child: Callable[[str], Child], tmp_path: Path) -> None:
    note = tmp_path / "below"
    one = child(
        "import subprocess, sys, pathlib\n"
        f"below = subprocess.Popen([sys.executable, '-c', {_FOREVER!r}])\n"
        f"pathlib.Path({str(note)!r}).write_text(str(below.pid))\n"
    )
    one.start()
    leader = one.pid
    assert leader is not None
    _wait(lambda: one.pid is None)
    assert psutil.Process(leader).status() == psutil.STATUS_ZOMBIE  # not reaped: the number is nobody else's
    below = psutil.Process(int(note.read_text()))
    assert below.is_running()
    one.stop()
    assert not psutil.pid_exists(leader)
    _wait(lambda: not below.is_running() or below.status() == psutil.STATUS_ZOMBIE)


class TestLeftBehind:
    """A next supervisor ends what a killed one left, whatever the clock did since, and nothing else."""

    @pytest.fixture
    def note(self, home: Instance) -> Path:
        """Where the process was written down."""
        return home.home / "run" / "talker.json"

    @pytest.fixture
    def orphan(self, note: Path) -> Iterator["subprocess.Popen[bytes]"]:
        """A process that runs, written down by a supervisor that is no more."""
        with subprocess.Popen([sys.executable, "-c", _FOREVER]) as process:
            note.write_bytes(msgspec.json.encode(Noted.of(process.pid)))
            yield process
            process.kill()

    def test_it_is_ended_and_told_though_the_clock_was_set(
        self, home: Instance, note: Path, orphan: "subprocess.Popen[bytes]", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(psutil, "boot_time", lambda: 0.0)  # what a step of the clock does to it
        monkeypatch.setattr(psutil.Process, "create_time", lambda _process: 0.0)
        with translation.override("en"):
            assert [text for text in sweep(home) if "ended talker" in text]
        assert orphan.poll() is not None
        assert not note.exists()

    @pytest.mark.parametrize("other", [{"began": 1}, {"boot": "another"}])
    def test_whoever_was_given_its_number_since_is_left_alone(
        self, home: Instance, note: Path, orphan: "subprocess.Popen[bytes]", other: dict[str, object]
    ) -> None:
        noted = json.loads(note.read_bytes())
        note.write_text(json.dumps({**noted, **other}))
        assert list(sweep(home)) == []
        assert orphan.poll() is None
        assert not note.exists()

    @pytest.mark.parametrize("text", ["", "not json", "{}", '{"pid": "x"}', "[]", '{"pid": 1, "born": 2.0}', "\xff"])
    def test_a_file_that_names_no_process_is_told_and_stops_nothing(
        self, home: Instance, orphan: "subprocess.Popen[bytes]", text: str
    ) -> None:
        broken = home.home / "run" / "aa.json"
        broken.write_bytes(text.encode("latin-1"))
        with translation.override("en"):
            told = list(sweep(home))
        assert [str(broken) in told[0], "ended talker" in told[1]] == [True, True]
        assert not broken.exists()
        assert orphan.poll() is not None


def test_whoever_has_the_number_of_an_ended_process_is_left_alone(child: Callable[[str], Child]) -> None:
    one = child(_FOREVER)
    one.start()
    number = one.pid
    assert number is not None
    one.stop()
    assert not psutil.pid_exists(number)
    end_politely(number, seconds=1)
