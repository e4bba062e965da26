"""The main job: a real attack reaches the regulator, provably; and a near miss raises nothing."""

import json
import subprocess
import time
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from senim.audit import log_key
from senim.audit import queries as audit
from senim.kit.files import write_private
from tests.functional.house import House

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def drill(house: House) -> dict[str, Any]:
    """All exercises of kind 2, with their near misses, played on the running house by its own command."""
    report: dict[str, Any] = house.senim("drill", "--kind", "2")
    return report


@pytest.fixture(scope="module")
def received(house: House, drill: dict[str, Any]) -> dict[str, Any]:
    """What the regulator's side holds of that exercise."""
    number = drill["results"][0]["incident"]
    told = [one for one in house.regulator("list", "--full") if one["content"]["body"].get("number") == number]
    newest: dict[str, Any] = max(told, key=lambda one: one["received_at"])  # other tests make up numbers of their own
    return newest


@pytest.mark.clause("R228/81-1(2)", "R228/81-1")
class TestUnauthorisedAccess:
    """Passwords are tried until one works: the regulator knows, immediately and of itself."""

    def test_it_is_detected_graded_sent_and_receipted(self, drill: dict[str, Any]) -> None:
        result = drill["results"][0]
        assert result["scenario"].startswith("sshd")
        assert result["detected"]
        assert result["graded_kind"] == 2
        assert result["event_to_incident_s"] <= result["event_to_send_s"] <= result["receipt_s"]

    def test_the_regulator_s_side_holds_what_the_bureau_says_it_sent(
        self, house: House, received: dict[str, Any]
    ) -> None:
        messages = house.senim("asoi", "messages", "--about", received["about"])
        assert [one["id"] for one in messages] == [received["id"]]
        assert messages[0]["sha256"] == received["sha256"]
        assert messages[0]["state"] == "delivered"
        assert received["content"]["body"]["kind"]["clause"] == "R228/81-1(2)"

    def test_it_is_marked_as_an_exercise_inside_the_signed_bytes(self, received: dict[str, Any]) -> None:
        assert received["content"]["exercise"] is True
        assert received["content"]["body"]["exercise"] is True

    @pytest.mark.parametrize("scenario", ["copied session", "another superuser"])
    def test_so_is_access_that_no_guessed_password_stands_behind(self, drill: dict[str, Any], scenario: str) -> None:
        (result,) = [each for each in drill["results"] if each["scenario"] == scenario]
        assert result["detected"]
        assert result["graded_kind"] == 2
        assert result["event_to_incident_s"] <= result["event_to_send_s"] <= result["receipt_s"]

    @pytest.mark.refusal
    def test_one_failure_short_of_the_rule_and_honest_people_raise_nothing(self, drill: dict[str, Any]) -> None:
        assert drill["benign"] == {"alerts": 0, "incidents": 0}


@pytest.mark.clause("R228/81")
class TestWitness:
    """What was submitted can be checked by others, and no later change stays unseen."""

    def test_the_log_holds_against_what_the_regulator_witnessed(
        self, house: House, received: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        assert received["content"]["checkpoint"]
        note = tmp_path_factory.mktemp("witness") / "regulator.checkpoint"
        note.write_text(received["content"]["checkpoint"], encoding="utf-8")
        verified = house.command("audit", "verify", "--against", str(note))
        assert verified.returncode == 0, verified.stdout + verified.stderr

    @pytest.mark.refusal
    def test_a_checkpoint_of_another_history_is_refused(
        self, house: House, received: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """Truly signed, by the log's own key: of as many rows, and other ones."""
        true = audit.state(received["content"]["checkpoint"])
        other = replace(true, root=sha256(true.root).digest()).sign(log_key.signer(house.instance))
        note = tmp_path_factory.mktemp("witness") / "other.checkpoint"
        note.write_text(other, encoding="utf-8")
        verified = house.command("audit", "verify", "--against", str(note), LANGUAGE="en")
        assert verified.returncode == 1, verified.stdout
        assert "The audit log was TAMPERED with." in verified.stdout
        assert f"The log was rewritten: {note} holds a truly signed checkpoint" in verified.stdout

    @pytest.mark.refusal
    def test_a_checkpoint_that_nobody_signed_shows_nothing(
        self, house: House, received: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        origin, size, *more = received["content"]["checkpoint"].split("\n")
        note = tmp_path_factory.mktemp("witness") / "forged.checkpoint"
        note.write_text("\n".join([origin, str(int(size) + 1), *more]), encoding="utf-8")
        verified = house.command("audit", "verify", "--against", str(note), LANGUAGE="en")
        assert verified.returncode == 2, verified.stdout
        assert f"Nothing can be held against {note}" in verified.stdout


def test_nobody_plays_without_a_second_factor(house: House) -> None:
    people = json.loads((house.home / "demo-accounts.json").read_text())
    administrator = next(one for one in people if one["role"] == "administrator")
    password = house.home / "password.txt"
    write_private(password, administrator["password"].encode())
    before = len(house.incidents_told())
    refused = house.command(
        "drill",
        "--kind",
        "2",
        "--user",
        administrator["username"],
        "--password-file",
        str(password),
        typed="000000\n",
    )
    assert refused.returncode == 2
    assert "one-time code" in refused.stderr
    assert len(house.incidents_told()) == before


@pytest.mark.parametrize("role", ["analyst", "auditor", "head-of-is"])
def test_nobody_but_an_administrator_plays(house: House, role: str) -> None:
    person = next(one for one in json.loads((house.home / "demo-accounts.json").read_text()) if one["role"] == role)
    password = house.home / "password.txt"
    write_private(password, person["password"].encode())
    who = ("--user", person["username"], "--password-file", str(password))

    def play() -> "subprocess.CompletedProcess[str]":
        code = house.senim("demo", "code", person["username"])["code"]
        return house.command("drill", "--kind", "2", *who, typed=f"{code}\n")

    refused = play()
    if "one-time code" in refused.stderr:  # spent by an exercise just now: the next one
        time.sleep(30 - time.time() % 30 + 0.2)
        refused = play()
    assert refused.returncode == 2
    assert "identity:not-permitted" in refused.stderr
