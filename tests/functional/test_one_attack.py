"""One attack is one incident through the whole chain, told once, and keeps no other attack waiting."""

import os
import signal
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from senim.kit.clock import now
from tests.functional.conftest import unplayed
from tests.functional.flood import break_in, requests, watch_for_floods
from tests.functional.house import House, wait_until

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]
STORM = 300
"""Addresses from which one machine is attacked at once."""


@pytest.fixture(scope="module")
def watched() -> Iterator[House]:
    """A house that watches for floods; one for all, since each test attacks machines of its own."""
    for house in unplayed():
        watch_for_floods(house)
        yield house.start()


def write(house: House, lines: Any) -> None:
    with house.log.open("a", encoding="utf-8") as log:
        log.writelines(lines)


def told(house: House, host: str) -> list[dict[str, Any]]:
    """What the regulator's side holds of the incident on `host`, in order."""
    full = house.regulator("list", "--full")
    about = {one["about"] for one in full if one["content"]["body"].get("target") == host}
    return sorted((one for one in full if one["about"] in about), key=lambda one: one["content"]["sequence"])


def incidents_on(house: House, host: str) -> list[dict[str, Any]]:
    return [one for one in house.senim("incidents", "list") if one["target"] == host]


def event_count(house: House, host: str) -> int:
    return sum(one["events"] for one in incidents_on(house, host))


def chain_is_whole(messages: list[dict[str, Any]]) -> None:
    contents = [one["content"] for one in messages]
    assert [each["sequence"] for each in contents] == list(range(1, len(contents) + 1))
    assert [each["corrects"] for each in contents] == [None, *(each["id"] for each in contents[:-1])]
    assert [each["kind"] for each in contents] == ["IncidentNotice"] + ["IncidentUpdate"] * (len(contents) - 1)


@pytest.mark.clause("R228/81-1")
def test_two_thousand_requests_of_one_tool_are_one_incident_with_one_first_notice(watched: House) -> None:
    write(watched, requests("tool-1", addresses=1, each=2000, since=now()))
    wait_until(lambda: event_count(watched, "tool-1") >= 1024, what="the flood counted")
    wait_until(lambda: not watched.incidents_waiting(), what="every receipt")
    (incident,) = incidents_on(watched, "tool-1")
    assert incident["kind"] == 3
    messages = told(watched, "tool-1")
    chain_is_whole(messages)
    events = [one["content"]["body"]["events"] for one in messages]
    assert all(later >= 10 * earlier for earlier, later in pairwise(events))
    assert len(messages) <= 4


@pytest.mark.clause("R228/81-1")
class TestAStormFromHundredsOfAddresses:
    """It is one incident with as many actors; and what happens in the middle of it is told before its rest."""

    def test_it_is_one_incident_and_another_kind_overtakes_it(self, watched: House) -> None:
        worker = watched.pid_of("worker")
        before = len(_waiting(watched))
        os.kill(worker, signal.SIGSTOP)  # so that everything waits for it, whatever the machine can do
        begin = now()
        storm = list(requests("storm-1", addresses=STORM, each=2, since=begin))
        half = len(storm) // 2
        write(watched, [*storm[:half], *break_in("quiet-1", "aigerim", "203.0.113.9", begin), *storm[half:]])
        wait_until(lambda: len(_waiting(watched)) > before + STORM, seconds=120, what="every alert raised")
        os.kill(worker, signal.SIGCONT)
        wait_until(lambda: event_count(watched, "storm-1") == 2 * STORM, seconds=240, what="the storm counted")
        wait_until(lambda: not watched.incidents_waiting(), what="every receipt")
        (incident,) = incidents_on(watched, "storm-1")
        whole = watched.senim("incidents", "show", incident["number"])
        assert len([each for each in whole["parties"] if each["role"] == "actor"]) == STORM
        messages = told(watched, "storm-1")
        chain_is_whole(messages)
        # Eight one by one, then six doublings, and nothing that was gathered is told of twice.
        assert len(messages) <= 15
        named = [each["name"] for one in messages[1:] for each in one["content"]["body"]["added"]["actors"]]
        assert len(named) == len(set(named)) >= STORM / 2
        (quiet,) = incidents_on(watched, "quiet-1")
        quiet_at = quiet["opened_at"]
        joined = [each["at"] for each in whole["history"] if each["what"] == "alert-joined"]
        assert len([at for at in joined if at < quiet_at]) <= 2
        assert len([at for at in joined if at > quiet_at]) >= STORM - 2


def _waiting(house: House) -> list[Any]:
    import psycopg

    from senim.kit import secrets
    from senim.site.database.connections import server

    secret, where = secrets.load(house.instance, "worker").database, server(house.instance)
    assert secret is not None
    with psycopg.connect(
        host=where.host, port=where.port, dbname=where.name, user=secret.role, password=secret.password
    ) as connection:
        return connection.execute(
            "SELECT id FROM procrastinate_jobs WHERE args->>'handler' = 'incidents.handlers.open_from_alert'"
        ).fetchall()


@pytest.mark.clause("R228/81-1")
def test_a_worker_killed_again_and_again_tells_of_everything_once(watched: House) -> None:
    begin = now()
    for part in range(6):
        write(watched, requests(f"killed-{part % 2}", addresses=40, each=2, since=begin, first=40 * part))
        victim = watched.pid_of("worker")
        os.kill(victim, signal.SIGKILL)
        wait_until(lambda before=victim: watched.pids().get("worker", before) != before, what="another worker")  # type: ignore[misc]
    for host in ("killed-0", "killed-1"):
        wait_until(lambda name=host: event_count(watched, name) == 3 * 80, seconds=120, what="every alert")  # type: ignore[misc]
        wait_until(lambda: not watched.incidents_waiting(), what="every receipt")
        (incident,) = incidents_on(watched, host)
        assert incident["alerts"] == 3 * 40
        messages = told(watched, host)
        chain_is_whole(messages)
        named = [each["name"] for one in messages[1:] for each in one["content"]["body"]["added"]["actors"]]
        assert len(named) == len(set(named))
    assert watched.command("audit", "verify").returncode == 0


@pytest.mark.clause("R228/81-1")
@pytest.mark.refusal
def test_honest_people_beside_the_storm_are_no_incident(watched: House) -> None:
    write(watched, list(break_in("honest-1", "dana", "192.0.2.7", now()))[1:])  # one refusal fewer
    write(watched, requests("tool-2", addresses=1, each=2, since=now()))
    wait_until(lambda: event_count(watched, "tool-2") == 2, what="the flood counted")
    assert incidents_on(watched, "honest-1") == []
    assert told(watched, "honest-1") == []
