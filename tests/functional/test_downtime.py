"""Downtime of more than an hour reaches the regulator; what is just not that does not."""

from typing import Any

import pytest

from tests.functional.house import House

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def drill(house: House) -> dict[str, Any]:
    """An exercise of kind 6 with its near misses, played on the running house by its own command."""
    report: dict[str, Any] = house.senim("drill", "--kind", "6")
    return report


@pytest.fixture(scope="module")
def received(house: House, drill: dict[str, Any]) -> dict[str, Any]:
    """What the regulator's side holds of it."""
    number = drill["results"][0]["incident"]
    told = [one for one in house.regulator("list", "--full") if one["content"]["body"].get("number") == number]
    newest: dict[str, Any] = max(told, key=lambda one: one["received_at"])
    return newest


@pytest.mark.clause("R228/81-1(6)")
class TestDowntime:
    """Samples that the bureau's own monitor pushes; each has a moment of its own, so the hour lies in the past."""

    def test_more_than_an_hour_is_detected_graded_sent_and_receipted(self, drill: dict[str, Any]) -> None:
        (result,) = drill["results"]
        assert result["detected"]
        assert result["graded_kind"] == 6
        assert result["receipt_s"] is not None

    def test_the_regulator_is_told_which_service_and_since_when(self, received: dict[str, Any]) -> None:
        body = received["content"]["body"]
        assert body["kind"]["clause"] == "R228/81-1(6)"
        (downtime,) = body["downtime"]
        assert downtime["service"] == body["target"]
        assert downtime["started_at"] == body["first_event_at"]
        assert received["content"]["exercise"] is True

    @pytest.mark.refusal
    def test_an_hour_exactly_announced_work_and_less_than_an_hour_are_not_told(self, drill: dict[str, Any]) -> None:
        assert drill["benign"] == {"alerts": 0, "incidents": 0}
