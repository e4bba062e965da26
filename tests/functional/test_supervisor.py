"""`senim up` starts everything, keeps it, stops it, and leaves nothing that blocks a next start."""

import datetime
import os
import resource
import signal
import socket

import pytest

from senim.site.web import console_settings
from tests.functional.house import House, is_running, wait_until

pytestmark = pytest.mark.real


def test_control_c_stops_everything(fresh_house: House) -> None:
    fresh_house.start()
    pids = fresh_house.pids()
    assert {"postgres", "nats", "worker", "console", "stand-in-asoi"} <= set(pids)
    assert fresh_house.stop() == 0
    assert not [name for name, pid in pids.items() if is_running(pid)]
    assert not fresh_house.pids()
    assert "Senim has stopped.\n" in fresh_house.lines


def test_a_killed_supervisor_does_not_block_the_next_start(fresh_house: House) -> None:
    fresh_house.start()
    left = fresh_house.pids()
    fresh_house.kill()
    fresh_house.start()
    now = fresh_house.pids()
    assert set(now) == set(left)
    assert not set(now.values()) & set(left.values())
    assert not [name for name, pid in left.items() if is_running(pid)]


def test_without_a_supervisor_every_process_ends_by_itself(fresh_house: House) -> None:
    fresh_house.start()
    left = fresh_house.pids()
    fresh_house.kill()  # the database ends with the others: who waits for it ends all the same
    wait_until(lambda: not [name for name, pid in left.items() if is_running(pid)], what="the end of every process")


def attack(house: House, machine: str) -> None:
    """Passwords tried against a machine until one works."""
    with house.log.open("a", encoding="utf-8") as log:
        for what in (*["Failed"] * 5, "Accepted"):
            at = datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="microseconds")
            log.write(f"{at} {machine} sshd[9]: {what} password for nurlan from 198.51.100.77 port 4242 ssh2\n")


def told(house: House, machine: str) -> list[str]:
    """What the regulator was told about it."""
    full = house.regulator("list", "--full")
    return [one["about"] for one in full if one["content"]["body"].get("target") == machine]


def test_a_stream_that_had_no_room_for_a_moment_goes_on_by_itself(fresh_house: House) -> None:
    """The server keeps its first write error for as long as it runs: somebody must start it anew."""
    house, machine, little = fresh_house.start(), "full-stream", 64 * 1024
    assert house.process is not None
    resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE, (little, resource.RLIM_INFINITY))
    before = house.pid_of("nats")
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: house.pid_of("nats") != before, what="a stream server that has no room for a longer file")
    limited = house.pid_of("nats")
    noise = f"{datetime.datetime.now(tz=datetime.UTC).isoformat()} gate sshd[1]: Server listening on 0.0.0.0 port 22.\n"
    with house.log.open("a", encoding="utf-8") as log:
        log.write(noise * (2 * little // len(noise)))
    attack(house, machine)
    wait_until(
        lambda: "stream-down" in house.command("sources", "--json").stdout, what="the source's word on the stream"
    )
    resource.prlimit(house.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    wait_until(lambda: bool(told(house, machine)), seconds=120, what="the message about the attack")
    assert len(told(house, machine)) == 1
    assert house.pid_of("nats") != limited


def test_a_house_whose_door_s_port_is_taken_does_not_say_that_it_is_up(fresh_house: House) -> None:
    port = console_settings(fresh_house.instance).port
    with socket.create_server(("127.0.0.1", port)):
        refused = fresh_house.command("up")
    assert refused.returncode == 2
    assert f"127.0.0.1:{port}, [console] port" in refused.stderr
    assert "Senim is up" not in refused.stdout
    assert not fresh_house.pids()


def test_a_demonstration_folder_does_not_start_as_production(fresh_house: House) -> None:
    settings = fresh_house.home / "senim.toml"
    settings.write_text(settings.read_text().replace('profile = "demonstration"\n', ""))
    refused = fresh_house.command("up")
    assert refused.returncode == 3
    assert "certificates:demonstration" in refused.stderr
    assert not fresh_house.pids()
