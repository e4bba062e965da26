"""In a running house: the doctor finds what is truly broken, and people are woken once whatever is killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from senim.kit.clock import iso, now
from senim.oncall.operations import SINGLES
from senim.site.certificates import post
from senim.site.layout import CHECKOUT
from tests.functional.conftest import unplayed
from tests.functional.every_kind import watch_for_every_kind
from tests.functional.house import House, is_running, wait_until

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]


def _watching(house: House) -> House:
    watch_for_every_kind(house)
    house.log.touch()
    return house.start()


@pytest.fixture(scope="module")
def watched() -> Iterator[House]:
    """A house in which a rule watches for each of the six kinds, and the file that it follows is there; one for all."""
    for one in unplayed():
        yield _watching(one)


@pytest.fixture
def house_of_its_own(fresh_house: House) -> House:
    """The same for one test."""
    return _watching(fresh_house)


def examine(house: House) -> tuple[int, dict[str, dict[str, Any]]]:
    done = house.command("doctor", "--json")
    return done.returncode, {check["name"]: check for check in json.loads(done.stdout)["checks"]}


def unwell(house: House) -> set[str]:
    return {name for name, check in examine(house)[1].items() if not check["ok"]}


def told_to_people(house: House) -> list[dict[str, str]]:
    command = [sys.executable, "-m", "stand_ins.post", "list", "--json", "--home", str(post(house.instance))]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout))


def misbehave(house: House, *words: str) -> None:
    command = [sys.executable, "-m", "stand_ins.post", "misbehave", *words, "--home", str(post(house.instance))]
    subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)


def attack(house: House, machine: str) -> None:
    """Passwords tried against a machine until one works."""
    with house.log.open("a", encoding="utf-8") as log:
        for what in (*["Failed"] * 5, "Accepted"):
            log.write(f"{iso(now())} {machine} sshd[9]: {what} password for root from 198.51.100.7 port 4242 ssh2\n")


def test_an_exercise_wakes_who_declared_it_and_nobody_else(watched: House) -> None:
    assert watched.command("drill", "--kind", "2").returncode == 0
    opened = [each["number"] for each in watched.senim("incidents", "list")]
    wait_until(lambda: len(told_to_people(watched)) == len(opened), what="a page for each incident")
    came = told_to_people(watched)
    assert {each["recipient"] for each in came} == {"+77000000001"}  # the administrator, who is not on the list
    assert all(each["text"].startswith("ЖАТТЫҒУ. ") for each in came)
    assert all(any(number in each["text"] for each in came) for number in opened)
    assert watched.senim("oncall")["unanswered"] == []
    assert [each["username"] for each in watched.senim("oncall")["now"]] == ["analyst", "head"]


@pytest.mark.clause("R228/81-13", "R228/81-1")
def test_the_doctor_finds_a_house_well_and_what_is_truly_broken_in_it(watched: House) -> None:
    wait_until(lambda: unwell(watched) == set(), what=f"a house in order: {unwell(watched)}")
    assert watched.command("doctor").returncode == 0
    assert "TLS 1.0" in examine(watched)[1]["doctor:door"]["reason"]

    # A key that others can read.
    key = watched.instance.key("asoi", "message-signing")
    key.chmod(0o644)
    code, checks = examine(watched)
    assert (code, checks["doctor:keys"]["ok"]) == (1, False)
    assert "keys/asoi/message-signing.key" in checks["doctor:keys"]["reason"]
    key.chmod(0o600)

    # A process that holds its connection and does nothing.
    os.kill(watched.pid_of("sealer"), signal.SIGSTOP)
    try:
        assert watched.command("accounts", "add", "dana", "--name", "Dana", "--role", "analyst").returncode == 0
        wait_until(lambda: "audit:unsealed" in unwell(watched), what="unsealed rows")
    finally:
        os.kill(watched.pid_of("sealer"), signal.SIGCONT)
    wait_until(lambda: unwell(watched) == set(), what="order again")


def test_without_a_database_nothing_it_would_tell_is_called_well(watched: House) -> None:
    watched.stop()
    code, checks = examine(watched)
    assert code == 1
    assert not any(
        check["ok"] for name, check in checks.items() if name.startswith(("asoi:late", "incidents:", "oncall:"))
    )
    assert not checks["asoi:late"]["known"]
    assert checks["doctor:keys"]["ok"]
    assert not checks["doctor:door"]["known"]


@pytest.mark.clause("R228/81-1")
def test_each_incident_wakes_once_however_often_the_worker_is_killed(house_of_its_own: House) -> None:
    """Three letters go out, by the next way since the first one is down; the others are gathered."""
    house = house_of_its_own
    misbehave(house, "sms", "down", "--seconds", "600")
    machines = [f"machine-{n}" for n in range(12)]
    for number, machine in enumerate(machines):
        attack(house, machine)
        if number % 3 == 0:
            wait_until(lambda: "worker" in house.pids() and is_running(house.pid_of("worker")), what="a worker")
            os.kill(house.pid_of("worker"), signal.SIGKILL)

    def waiting() -> list[dict[str, Any]]:
        return [each for each in house.senim("oncall")["unanswered"] if each["kind"] == "incident"]

    wait_until(lambda: len(waiting()) == len(machines), seconds=180, what="a cause for each incident")
    wait_until(lambda: len(told_to_people(house)) >= SINGLES, seconds=180, what="the letters")
    time.sleep(3)  # what would come a second time has time to come
    assert [each["woken"] for each in waiting()] == [["analyst"]] * len(machines)
    assert max(Counter(each["subject"] for each in waiting()).values()) == 1
    came = told_to_people(house)
    assert {each["way"] for each in came} == {"webhook"}
    assert len({each["id"] for each in came}) == len(came) == SINGLES
    assert len({each["text"] for each in came}) == SINGLES
    assert not any("198.51.100.7" in each["raw"] or "root" in each["raw"] for each in came)
    assert "oncall:ports" in unwell(house)
