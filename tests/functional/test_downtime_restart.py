"""A restart of a real service is seen, and told to nobody."""

import json
from typing import Any

import psutil
import pytest

from senim.exercises.console import ConsoleClient, Who
from senim.site.web import console_settings
from tests.functional.house import House, is_running, wait_until

pytestmark = pytest.mark.real


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
