"""In a house in use the supervisor mends what breaks, names what it cannot mend, and lets no second one in."""

import errno
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.functional.house import House, is_running, wait_until
from tests.functional.test_supervisor import attack, told

pytestmark = pytest.mark.real


def test_a_killed_process_is_started_again(house: House) -> None:
    killed = house.pid_of("worker")
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: house.pid_of("worker") != killed, what="a new worker")
    assert is_running(house.pid_of("worker"))


@contextmanager
def _full_disk(house: House) -> Iterator[None]:
    """Nothing that the supervisor starts from now on can write a byte to a file, and neither can it itself."""
    assert house.process is not None
    resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        for pid in (house.process.pid, *house.pids().values()):
            with suppress(ProcessLookupError, PermissionError):  # an engine that cannot write is not running anyhow
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def test_a_database_without_room_is_named_and_nothing_is_lost(house: House) -> None:
    machine = f"full-disk-{os.getpid()}"
    said = house.home / "logs" / "detection.log"
    before = len(said.read_text())
    with _full_disk(house):
        os.kill(house.pid_of("postgres"), signal.SIGKILL)
        attack(house, machine)
        wait_until(
            lambda: any("postgres" in line and os.strerror(errno.EFBIG) in line for line in list(house.lines)),
            what="the supervisor's word on postgres",
        )
        wait_until(lambda: "the database is away" in said.read_text()[before:], what="detection's word")
        assert is_running(house.pid_of("detection"))
        assert is_running(house.pid_of("console"))

    wait_until(lambda: bool(told(house, machine)), seconds=120, what="the message about the attack")
    assert len(told(house, machine)) == 1
    wait_until(lambda: "postgres: the trouble is over" in "".join(house.lines), what="the end of the trouble")


def test_a_second_supervisor_is_refused_and_the_first_goes_on(house: House) -> None:
    refused = house.command("up")
    assert refused.returncode == 1
    assert "already" in refused.stderr
    assert is_running(house.pid_of("console"))
