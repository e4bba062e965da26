"""The event feed of a running house: each event once and none missing, whoever is killed; the regulator can tell."""

import json
import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.functional.conftest import unplayed
from tests.functional.house import House, is_running, wait_until

pytestmark = [pytest.mark.real, pytest.mark.clause("R228/81-2")]
FAILED = "Failed password for nobody-{} from 203.0.113.24 port {} ssh2\n"
EVENTS = "event-feed:events"


def write(house: House, first: int, last: int) -> None:
    with house.log.open("a") as log:
        log.writelines(FAILED.format(number, 20000 + number) for number in range(first, last + 1))


def kill(house: House, name: str) -> None:
    pid = house.pid_of(name)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_running(pid), what="the end of a killed process")


def events(house: House) -> list[dict[str, Any]]:
    """Every event that the regulator holds, in the order of batches."""
    held = sorted(house.regulator("list", "--full"), key=lambda one: one["sequence"])
    batches = [one["content"]["body"] for one in held if one["about"] == EVENTS]
    return [event for body in batches for event in body["events"]]


def failed(house: House) -> list[int]:
    """The lines of the source `sshd` that the regulator was told of."""
    return [event["line"] for event in events(house) if event["source"] == "sshd"]


def completeness(house: House) -> dict[str, Any]:
    return {one["about"]: one for one in house.regulator("completeness")}[EVENTS]


@pytest.fixture(scope="module")
def fed() -> Iterator[House]:
    """A running house in which nothing happens by itself; one for all."""
    for house in unplayed():
        yield house.start()


def test_each_event_goes_once_and_no_number_is_missing_however_often_the_feed_is_killed(fed: House) -> None:
    house = fed
    for round_ in range(4):
        write(house, round_ * 500 + 1, round_ * 500 + 400)
        kill(house, "feed")
        write(house, round_ * 500 + 401, (round_ + 1) * 500)
        wait_until(lambda: "feed" in house.pids() and is_running(house.pid_of("feed")), what="a new feed")
    wait_until(lambda: len(set(failed(house))) >= 2000, seconds=180, what="the regulator's knowledge of every event")
    assert sorted(failed(house)) == list(range(1, 2001))
    numbers = [event["number"] for event in events(house)]
    assert numbers == list(range(1, len(numbers) + 1))
    found = completeness(house)
    assert (found["missing_events"], found["missing_batches"], found["wrong"]) == ([], [], [])
    assert found["complete_up_to"] >= 2000
    told = json.dumps(events(house))
    assert "nobody-" not in told  # whom somebody tried to be goes keyed


def test_killed_stream_and_collector_lose_nothing_and_the_command_says_how_far_it_is(fed: House) -> None:
    house, before = fed, len(failed(fed))
    for round_, name in enumerate(("collector", "nats", "asoi", "feed")):
        write(house, round_ * 300 + 1, round_ * 300 + 200)
        kill(house, name)
        write(house, round_ * 300 + 201, (round_ + 1) * 300)
    every = before + 1200
    wait_until(lambda: len(set(failed(house))) >= every, seconds=240, what="the regulator's knowledge of every event")
    assert sorted(failed(house)) == list(range(1, every + 1))
    (run,) = (one for one in house.senim("feed")["runs"] if one["name"] == EVENTS)
    assert run["last_event"] >= every
    chosen = {one["kind"]: one for one in house.senim("feed", "policy")}
    assert chosen["sshd"]["keyed"] == ["user"]
