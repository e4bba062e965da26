"""The event history of a running house: every line once, whoever is killed, and detection never waits for it."""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from senim.history.history import PROCESS
from tests.functional.conftest import unplayed
from tests.functional.house import House, is_running, wait_until

pytestmark = [pytest.mark.real, pytest.mark.clause("R228/81-2")]
FAILED = "Failed password for nobody-{} from 203.0.113.24 port {} ssh2\n"


def write(house: House, first: int, last: int) -> None:
    with house.log.open("a") as log:
        log.writelines(FAILED.format(number, 20000 + number) for number in range(first, last + 1))


def numbers(house: House) -> Counter[str]:
    """The lines of ours that the history holds."""
    told = house.senim("events", "search", "--address", "203.0.113.24", "--limit", "10000")
    return Counter(event["user"] for event in told["events"])


def holds(house: House, last: int) -> bool:
    return len(numbers(house)) >= last


def kill(house: House, name: str) -> None:
    pid = house.pid_of(name)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_running(pid), what="the end of a killed process")


def closings(house: House) -> dict[str, dict[str, object]]:
    return {one["source"]: one for one in json.loads(house.command("events", "gaps", "--json").stdout)}


def holds_and_misses_none_meanwhile(house: House, last: int) -> bool:
    """What was taken and comes again is on its way: nobody says meanwhile that it is missing."""
    found = closings(house)["sshd"]
    assert (found["passed_by"], found["closed"]) == ([], True)
    return holds(house, last)


@pytest.fixture(scope="module")
def battered() -> Iterator[House]:
    """A running house in which nothing happens by itself; one for both tests that kill its processes."""
    for house in unplayed():
        yield house.start()


def test_each_line_is_held_once_however_often_its_writer_is_killed(battered: House) -> None:
    house = battered
    for round_ in range(3):
        write(house, round_ * 500 + 1, round_ * 500 + 400)
        time.sleep(0.7 * round_)  # before, in and behind a commit
        kill(house, "history")
        write(house, round_ * 500 + 401, (round_ + 1) * 500)
        wait_until(lambda: "history" in house.pids() and is_running(house.pid_of("history")), what="a new history")
    wait_until(lambda: holds_and_misses_none_meanwhile(house, 1500), seconds=120, what="the history of every line")
    assert numbers(house) == Counter({f"nobody-{number}": 1 for number in range(1, 1501)})
    found = closings(house)["sshd"]
    assert (found["passed_by"], found["never_arrived"], found["closed"]) == ([], [], True)


def test_the_collector_and_the_stream_may_be_killed_as_well(battered: House) -> None:
    house, before = battered, len(numbers(battered))
    for round_, name in enumerate(("collector", "nats", "detection", "history")):
        first = before + round_ * 300 + 1
        write(house, first, first + 199)
        kill(house, name)
        write(house, first + 200, first + 299)
    wait_until(lambda: holds(house, before + 1200), seconds=180, what="the history of every line")
    assert set(numbers(house).values()) == {1}
    assert closings(house)["sshd"]["closed"]


@pytest.mark.refusal
def test_detection_goes_on_without_the_history_and_its_absence_is_named(fresh_house: House) -> None:
    settings = fresh_house.home / "senim.toml"
    settings.write_text(f"{settings.read_text()}\n[history]\nreserve_megabytes = 1000000000\n")
    house = fresh_house.start()
    house.senim("drill", "--kind", "2", "--only", "sshd")
    wait_until(lambda: int(str(closings(house)["sshd"]["accepted"])) > 0, what="lines accepted by detection")
    found = closings(house)["sshd"]
    assert found["held"] == 0
    assert found["underway"] == found["accepted"]
    standing = json.loads((house.instance.state(PROCESS) / "standing.json").read_text())
    assert standing["has_room"] is False
