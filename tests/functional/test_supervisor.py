"""`senim up` starts everything, keeps it, stops it, and leaves nothing that blocks a next start."""

import os
import signal

import pytest

from tests.functional.house import House, is_running, wait_until

pytestmark = pytest.mark.real


def test_control_c_stops_everything(fresh_house: House) -> None:
    fresh_house.start()
    pids = fresh_house.pids()
    assert {"postgres", "nats", "worker", "console", "stand-in-asoi"} <= set(pids)
    assert fresh_house.stop() == 0
    assert not [name for name, pid in pids.items() if is_running(pid)]
    assert not fresh_house.pids()


def test_a_killed_supervisor_does_not_block_the_next_start(fresh_house: House) -> None:
    fresh_house.start()
    left = fresh_house.pids()
    fresh_house.kill()
    fresh_house.start()
    now = fresh_house.pids()
    assert set(now) == set(left)
    assert not set(now.values()) & set(left.values())
    assert not [name for name, pid in left.items() if is_running(pid)]


def test_a_killed_process_is_started_again(house: House) -> None:
    killed = house.pid_of("worker")
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: house.pid_of("worker") != killed, what="a new worker")
    assert is_running(house.pid_of("worker"))


def test_a_second_supervisor_is_refused_and_the_first_goes_on(house: House) -> None:
    refused = house.command("up")
    assert refused.returncode != 0
    assert "already" in refused.stderr
    assert is_running(house.pid_of("console"))


def test_a_demonstration_folder_does_not_start_as_production(fresh_house: House) -> None:
    settings = fresh_house.home / "senim.toml"
    settings.write_text(settings.read_text().replace('profile = "demonstration"\n', ""))
    refused = fresh_house.command("up")
    assert refused.returncode == 3
    assert "certificates:demonstration" in refused.stderr
    assert not fresh_house.pids()
