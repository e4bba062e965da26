"""Downtime of more than an hour reaches the regulator; what is just not that does not; a real restart is seen."""

import json
from typing import Any

import psutil
import pytest

from senim.exercises.console import ConsoleClient, Who
from senim.site.web import console_settings
from tests.functional.house import House, is_running, wait_until

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


def health(house: House, name: str) -> dict[str, Any]:
    """How the service stands, as the command says it."""
    told = json.loads(house.command("services", "--json").stdout)
    found: dict[str, Any] = next(one for one in told if one["service"] == name)
    return found


@pytest.fixture
def often(fresh_house: House) -> House:
    """A running house that probes its console every second."""
    settings = fresh_house.home / "senim.toml"
    text = settings.read_text()
    probed = '/en/sign-in/"\n'
    assert probed in text
    settings.write_text(text.replace(probed, f"{probed}interval = 1\n"))
    return fresh_house.start()


@pytest.mark.clause("R228/81-1(6)")
@pytest.mark.refusal
def test_a_restart_of_a_real_service_is_seen_and_not_told(often: House) -> None:
    """The console ends and comes back by itself: an outage of seconds, which nobody is called for."""
    wait_until(lambda: health(often, "console")["health"] == "up", what="the console is up")
    since = health(often, "console")["since"]
    console = psutil.Process(often.pid_of("console"))
    processes = [console, *console.children(recursive=True)]
    for process in processes:
        process.suspend()  # it hangs: the supervisor sees nothing, whoever asks it does
    wait_until(lambda: health(often, "console")["health"] == "down", what="the outage is seen")
    for process in processes:
        process.kill()
    wait_until(lambda: not is_running(console.pid), what="the console has ended")

    def is_back() -> bool:
        found = health(often, "console")
        return found["health"] == "up" and found["since"] != since

    wait_until(is_back, seconds=120, what="the console is back")
    assert often.incidents_told() == []
    page = console_page(often, "/en/alerts/")
    assert "No alert matches" in page


def console_page(house: House, address: str) -> str:
    """A page of the console, as an administrator reads it."""
    people = json.loads((house.home / "demo-accounts.json").read_text())
    person = next(one for one in people if one["role"] == "administrator")
    code = house.senim("demo", "code", person["username"])["code"]
    settings = console_settings(house.instance)
    with ConsoleClient(f"https://{settings.host}:{settings.port}", house.instance.trust("ca")) as client:
        client.sign_in(Who(person["username"], person["password"], code))
        return client._client.get(address).text
