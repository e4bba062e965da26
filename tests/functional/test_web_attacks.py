"""Kinds 1 and 3: a vulnerable application is exploited and doors are denied for real, and the regulator knows."""

import json
import ssl
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from senim.kit.clock import now
from senim.site.embedded.postgres import Postgres
from senim.site.web import console_settings
from senim.telemetry.settings import telemetry_settings
from tests.functional.house import House, wait_until

pytestmark = pytest.mark.real


def received(house: House, number: str) -> dict[str, Any]:
    """What the regulator's side holds of the incident `number`."""
    told = [one for one in house.regulator("list", "--full") if one["content"]["body"].get("number") == number]
    newest: dict[str, Any] = max(told, key=lambda one: one["received_at"])
    return newest


def rows(house: House, statement: str, *values: str) -> list[tuple[Any, ...]]:
    """What the database holds."""
    with Postgres(house.instance).connect() as connection:
        connection: psycopg.Connection[tuple[Any, ...]]
        return connection.execute(statement, values).fetchall()


@contextmanager
def asking(house: House) -> Iterator[list[str]]:
    """Somebody else asks the console for its sign-in page all the while; what was not answered as it should."""
    address = f"https://127.0.0.1:{console_settings(house.instance).port}/en/sign-in/"
    context = ssl.create_default_context(cafile=str(house.instance.trust("ca")))
    wrong: list[str] = []
    asked = 0
    enough = threading.Event()

    def ask() -> None:
        nonlocal asked
        while not enough.wait(0.3):
            asked += 1
            try:
                with urllib.request.urlopen(address, context=context, timeout=20) as answer:
                    if answer.status != 200:
                        wrong.append(str(answer.status))
            except OSError as error:
                wrong.append(repr(error))

    person = threading.Thread(target=ask)
    person.start()
    try:
        yield wrong
    finally:
        enough.set()
        person.join(60)
    assert asked > 10


@pytest.fixture(scope="module")
def exploited(house: House) -> dict[str, Any]:
    """The exercise of kind 1."""
    report: dict[str, Any] = house.senim("drill", "--kind", "1")
    return report


@pytest.fixture(scope="module")
def denied(house: House) -> tuple[dict[str, Any], list[str]]:
    """The exercise of kind 3, while somebody else uses the console; and what that person was not answered."""
    with asking(house) as wrong:
        report: dict[str, Any] = house.senim("drill", "--kind", "3")
    return report, wrong


@pytest.mark.clause("R228/81-1(1)")
class TestExploitation:
    """A vulnerable application gives away what it keeps."""

    def test_it_is_detected_graded_sent_and_receipted(self, exploited: dict[str, Any]) -> None:
        (result,) = exploited["results"]
        assert result["detected"]
        assert result["graded_kind"] == 1
        assert result["event_to_incident_s"] <= result["event_to_send_s"] <= result["receipt_s"]

    def test_the_regulator_is_told_of_kind_1_as_an_exercise(self, house: House, exploited: dict[str, Any]) -> None:
        told = received(house, exploited["results"][0]["incident"])
        assert told["content"]["body"]["kind"]["clause"] == "R228/81-1(1)"
        assert told["content"]["exercise"] is True

    def test_one_exercise_is_one_incident_and_rests_on_a_witness(self, house: House, exploited: dict[str, Any]) -> None:
        year, serial = exploited["results"][0]["incident"].split("-")
        found = rows(
            house,
            "SELECT exercise_id, id FROM incidents_incident WHERE year::text = %s AND serial = %s::int",
            year, serial,
        )  # fmt: skip
        ((exercise, incident),) = found
        assert rows(house, "SELECT count(*) FROM incidents_incident WHERE exercise_id = %s", exercise) == [(1,)]
        titles = rows(
            house,
            "SELECT DISTINCT rule_title FROM detection_alert JOIN incidents_incidentalert link ON link.alert_id ="
            " detection_alert.id WHERE link.incident_id = %s",
            incident,
        )
        assert {title for (title,) in titles} <= {"Canary left an application", "SQL injection reached the database"}
        assert ("Canary left an application",) in titles

    @pytest.mark.refusal
    def test_honest_visitors_raise_nothing(self, exploited: dict[str, Any]) -> None:
        assert exploited["benign"] == {"alerts": 0, "incidents": 0}


@pytest.mark.clause("R228/81-1(1)")
@pytest.mark.refusal
def test_two_thousand_attempts_of_one_tool_are_one_spell_and_no_incident(house: House) -> None:
    """Nothing was exploited: a person sees it, with a count that grows, and the regulator is not told."""
    actor = "198.51.100.201"
    log = next(s.path for s in telemetry_settings(house.instance).sources if s.name == "web")
    with open(log, "a", encoding="utf-8") as file:  # noqa: PTH123 - it is a path of senim.toml
        for number in range(2000):
            uri = f"/account?id={number}%20UNION%20ALL%20SELECT%20NULL--"
            row = {"msec": f"{now().timestamp():.3f}", "remote_addr": actor, "request_method": "GET", "status": "404"}
            file.write(json.dumps(row | {"request_uri": uri, "http_user_agent": "sqlmap/1.10"}) + "\n")
    told = "SELECT rule_title, kind, count, explanation->'spell'->>'times' FROM detection_alert WHERE actor = %s"
    # It comes true from the fifth on: 1,996 times, told at the 1st, 2nd, 4th … 1,024th.
    wait_until(lambda: len(rows(house, told, actor)) == 11, what="the eleventh telling")
    found = sorted(rows(house, told, actor), key=lambda row: int(row[3]))
    assert {(title, kind) for title, kind, _, _ in found} == {("Web application attacked", None)}
    assert [int(times) for _, _, _, times in found] == [2**power for power in range(11)]
    assert sum(count for _, _, count, _ in found) == 1024 + 4
    assert rows(house, "SELECT count(*) FROM incidents_incident WHERE actor = %s", actor) == [(0,)]


@pytest.mark.clause("R228/81-1(3)")
class TestDenialOfService:
    """Doors are flooded, crowded, and stormed from a thousand addresses."""

    def test_each_is_detected_graded_sent_and_receipted(self, denied: tuple[dict[str, Any], list[str]]) -> None:
        results = denied[0]["results"]
        assert len(results) == 3
        for result in results:
            assert result["detected"], result
            assert result["graded_kind"] == 3
            assert result["receipt_s"] is not None

    def test_the_regulator_is_told_who_and_what(self, house: House, denied: tuple[dict[str, Any], list[str]]) -> None:
        bodies = [received(house, result["incident"])["content"]["body"] for result in denied[0]["results"]]
        assert {body["kind"]["clause"] for body in bodies} == {"R228/81-1(3)"}
        assert [body["target"].rpartition("/")[2] for body in bodies] == ["console", "console", "web"]
        assert [body["actor"].startswith("127.") for body in bodies] == [True, True, False]
        assert bodies[2]["actor"] == "many addresses"

    def test_each_is_one_incident(self, house: House, denied: tuple[dict[str, Any], list[str]]) -> None:
        numbers = [result["incident"] for result in denied[0]["results"]]
        found = rows(
            house,
            "SELECT max(n) FROM (SELECT count(*) AS n FROM incidents_incident WHERE kind = 3"
            " GROUP BY exercise_id) AS each",
        )
        assert len(set(numbers)) == 3
        assert found == [(1,)]

    def test_the_console_answers_others_meanwhile(self, denied: tuple[dict[str, Any], list[str]]) -> None:
        assert denied[1] == []

    @pytest.mark.refusal
    def test_just_below_the_rate_and_a_short_burst_raise_nothing(
        self, denied: tuple[dict[str, Any], list[str]]
    ) -> None:
        assert denied[0]["benign"] == {"alerts": 0, "incidents": 0}


def test_requests_to_our_own_door_are_noted_and_followed(house: House, exploited: dict[str, Any]) -> None:
    log = next(s.path for s in telemetry_settings(house.instance).sources if s.name == "console")
    with open(log, encoding="utf-8") as file:  # noqa: PTH123 - it is a path of senim.toml
        lines = [json.loads(line) for line in file]
    declared = [line for line in lines if line["path"] == "/api/exercises"]
    assert declared
    assert 201 in {line["status"] for line in declared}
    assert all(line["id"] for line in declared)
    known = rows(house, "SELECT count(*) FROM telemetry_ledger WHERE source = 'console'")
    assert known != [(0,)]
