"""Unauthorised access that no guessed password stands behind, and what honest people do that looks like it."""

import json
from typing import Any

import pytest

from tests.functional.house import House

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def drill(house: House) -> dict[str, Any]:
    """All exercises of kind 2, with their near misses."""
    report: dict[str, Any] = house.senim("drill", "--kind", "2")
    return report


@pytest.mark.clause("R228/81-1(2)", "R228/81-1")
@pytest.mark.parametrize("scenario", ["copied session", "another superuser"])
def test_it_is_detected_graded_sent_and_receipted(drill: dict[str, Any], scenario: str) -> None:
    (result,) = [each for each in drill["results"] if each["scenario"] == scenario]
    assert result["detected"]
    assert result["graded_kind"] == 2
    assert result["event_to_incident_s"] <= result["event_to_send_s"] <= result["receipt_s"]


@pytest.mark.refusal
@pytest.mark.clause("R228/81-1(2)")
def test_honest_people_raise_nothing(drill: dict[str, Any]) -> None:
    assert drill["benign"] == {"alerts": 0, "incidents": 0}


def test_no_verifier_of_the_platform_s_own_roles_stands_in_the_database_s_log(house: House) -> None:
    lines = (house.home / "run" / "database-log" / "postgresql.json").read_text().splitlines()
    said = [json.loads(line)["message"] for line in lines]
    assert any("CREATE ROLE" in each for each in said)
    assert not any("PASSWORD" in each for each in said)
