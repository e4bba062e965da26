"""The console in a real browser, against a running house."""

import json
import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, StorageState

from senim.identity import factors
from senim.kit.clock import iso, now
from tests.functional.browser import CHROMIUM, PHONE, WIDE, Visitor, complaints
from tests.functional.flood import break_in
from tests.functional.house import House, wait_until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.real,
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt-get install chromium"),
]
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
OF_LOOKS = {
    "type": "rule",
    "values": ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"],
}
"""What depends on colours and widths; the rest is the same in every look."""


@pytest.fixture(scope="module")
def head(visitor: Visitor) -> Iterator[BrowserContext]:
    """The head of the IS unit, signed in."""
    context = visitor.context()
    visitor.signs_in(context.new_page(), "head")
    yield context
    context.close()


@pytest.fixture(scope="module")
def analyst(visitor: Visitor) -> StorageState:
    """What the browser of an analyst keeps who has signed in: with a second sign-in the next code is waited for."""
    context = visitor.context()
    visitor.signs_in(context.new_page(), "analyst")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def page(head: BrowserContext) -> Iterator[Page]:
    page = head.new_page()
    yield page
    page.close()


@pytest.fixture(scope="module")
def addresses(visitor: Visitor, head: BrowserContext) -> list[str]:
    """Every kind of page, the incident and the message of the first exercise among them."""
    page = head.new_page()
    found = ["", "alerts/", "aside/", "incidents/", "messages/", "audit/", "security/", "design/", "security/password/"]
    found += ["services/", "services/console/", "services/console/maintenance/"]
    found += ["sources/", *(f"sources/sshd/{rest}" for rest in ("", "acknowledge/", "notices/", "gaps/", "epochs/"))]
    found += ["events/", "events/?text=nothing-says-this&last=15m", "events/gaps/"]
    found += ["coverage/", "feed/", "doctor/", "oncall/", "oncall/pages/", "oncall/add/", "promptness/"]
    found += ["report/", "report/2025/", "report/2026/"]
    found += ["registers/", *(f"registers/{rest}" for rest in ("documents/", "agreements/add/", "measures/import/"))]
    for listed in ("alerts/", "incidents/", "messages/", "oncall/pages/", "registers/agreements/"):
        page.goto(f"{visitor.origin}/en/{listed}")
        link = page.locator("tbody th a").first.get_attribute("href") or ""
        found.append(link.removeprefix("/en/"))
    incident = next(each for each in found if each.startswith("incidents/") and each != "incidents/")
    found += [f"{incident}{more}/" for more in ("evidence", "parties", "history", "withdraw", "close", "regrade")]
    page.goto(f"{visitor.origin}/en/events/?action=password-accepted")
    link = page.locator("table.events tbody th a").first.get_attribute("href") or ""
    found.append(link.removeprefix("/en/"))
    page.close()
    return found


def violations(page: Page, rules: dict[str, object] = RULES) -> list[str]:
    """What axe finds against `rules`."""
    options = {"runOnly": rules, "resultTypes": ["violations"], "preload": False}
    answer = Axe().run(page, options=options).response["violations"]
    return [f"{found['id']}: {found['help']} {[node['html'][:120] for node in found['nodes']]}" for found in answer]


def sideways(page: Page) -> int:
    """By how many pixels a page is wider than its window, where it is."""
    return max(0, int(page.evaluate("document.documentElement.scrollWidth - innerWidth")))


def test_nobody_is_kept_out_by_how_pages_are_made(visitor: Visitor, page: Page, addresses: list[str]) -> None:
    """By daylight on a wide screen; and by night on a telephone, where colours and sizes are others."""
    found = {}
    for address in addresses:
        page.emulate_media(color_scheme="light", reduced_motion="reduce")  # colours are there at once
        page.set_viewport_size(WIDE)
        page.goto(f"{visitor.origin}/kk/{address}")
        found[address] = violations(page)
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        page.set_viewport_size(PHONE)
        found[address] += violations(page, OF_LOOKS)
    assert found == {address: [] for address in addresses}


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_pages_fit_from_phone_to_wall(visitor: Visitor, page: Page, addresses: list[str], language: str) -> None:
    heard = complaints(page)
    over = {}
    for address in addresses:
        page.goto(f"{visitor.origin}/{language}/{address}")
        for width in (360, 1024, 2560):
            page.set_viewport_size({"width": width, "height": 900})
            over[address, width] = sideways(page)
    assert {where: pixels for where, pixels in over.items() if pixels} == {}
    assert heard == []


def test_the_console_has_the_rights_to_make_every_check(visitor: Visitor, page: Page) -> None:
    page.goto(f"{visitor.origin}/en/doctor/")
    assert page.get_by_text("PostgreSQL answers and keeps what it confirms.").is_visible()
    assert page.get_by_text("This could not be checked").count() == 0


def test_the_entrance_is_open_to_everybody_on_a_phone(visitor: Visitor) -> None:
    context = visitor.context(viewport=PHONE)
    page = context.new_page()
    heard = complaints(page)
    for language in ("kk", "ru", "en"):
        page.goto(f"{visitor.origin}/{language}/sign-in/")
        assert violations(page) == []
        assert sideways(page) == 0
    assert heard == []
    context.close()


def test_the_keyboard_goes_all_the_way(visitor: Visitor, page: Page) -> None:
    page.goto(f"{visitor.origin}/en/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#live') !== null")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_now_renews_itself(visitor: Visitor, page: Page) -> None:
    page.goto(f"{visitor.origin}/en/")
    assert page.get_by_text("Renews itself every five seconds.").is_visible()
    with page.expect_response(re.compile(r"/en/live/\?state=\w{64}$"), timeout=30_000) as renewed:
        pass
    assert renewed.value.status in {200, 204}
    page.get_by_role("heading", name="Latest incidents").wait_for()


def test_now_says_when_it_could_not_renew_itself(visitor: Visitor, page: Page) -> None:
    page.goto(f"{visitor.origin}/en/")
    stale = page.get_by_role("heading", name="This page is out of date")
    assert not stale.is_visible()
    page.route("**/live/**", lambda route: route.abort())
    stale.wait_for(timeout=30_000)
    page.unroute("**/live/**")
    stale.wait_for(state="hidden", timeout=30_000)


def test_an_analyst_grades_an_alert_by_keyboard_and_the_regulator_has_it(
    visitor: Visitor, analyst: StorageState
) -> None:
    context = visitor.context(storage_state=analyst)
    page = context.new_page()
    heard = complaints(page)
    with visitor.house.log.open("a", encoding="utf-8") as log:
        log.write(f"{iso(now())} graded-1 sshd[4711]: Accepted password for root from 203.0.113.9 port 50122 ssh2\n")
    page.goto(f"{visitor.origin}/en/")
    page.get_by_role("link", name=re.compile(r"^\d+ alerts? waits? for a person$")).press("Enter", timeout=30_000)
    page.goto(f"{visitor.origin}/en/alerts/?state=waiting&target=graded-1")
    page.get_by_role("link", name="OpenSSH root signed in with a password").press("Enter")
    assert violations(page) == []
    alert = page.url
    page.get_by_role("link", name="Grade as an incident").press("Enter")
    page.get_by_label("Unauthorised access").press("Space")
    page.get_by_label("Reason").fill("root from outside, and nobody of us was at work")
    assert violations(page) == []
    page.get_by_role("button", name="Grade and tell the regulator").press("Enter")
    page.wait_for_url(alert)
    incident = page.get_by_role("link", name=re.compile("^Incident "))
    wait_until(lambda: page.goto(alert) is not None and incident.count() == 1, what="the incident")
    incident.press("Enter")
    page.wait_for_url("**/incidents/**")
    received = page.get_by_role("heading", name=re.compile("^The regulator has it"))
    wait_until(lambda: page.reload() is not None and received.count() == 1, what="the receipt")
    assert heard == []
    context.close()


@pytest.mark.clause("R228/81-1")
def test_an_analyst_withdraws_an_incident_by_keyboard_and_without_script_and_the_regulator_is_told(
    visitor: Visitor,
    analyst: StorageState,
) -> None:
    with visitor.house.log.open("a", encoding="utf-8") as log:
        log.writelines(break_in("mistaken-1", "dana", "192.0.2.77", now()))
    context = visitor.context(java_script_enabled=False, storage_state=analyst)
    page = context.new_page()
    listed = f"{visitor.origin}/en/incidents/?q=mistaken-1"
    number = page.get_by_role("link", name=re.compile(r"^20\d\d-\d{6}$"))
    wait_until(lambda: page.goto(listed) is not None and number.count() == 1, what="the incident")
    number.press("Enter")
    incident = page.url
    page.get_by_role("button", name="Take it").press("Enter")
    page.get_by_label("New note").fill("dana says that it was her")
    page.get_by_role("button", name="Write it down").press("Enter")
    page.get_by_role("link", name="Withdraw").press("Enter")
    page.get_by_label("Reason").fill("dana mistyped and then remembered; she was asked")
    page.get_by_role("button", name="Withdraw and tell the regulator").press("Enter")
    withdrawn = page.get_by_role("link", name="Reinstate")
    wait_until(lambda: page.goto(incident) is not None and withdrawn.count() == 1, what="the withdrawal")

    def told() -> list[str]:
        about = f"incident:{incident.rstrip('/').rpartition('/')[2]}"
        full = [one for one in visitor.house.regulator("list", "--full") if one["about"] == about]
        ordered = sorted(full, key=lambda one: one["content"]["sequence"])
        return [one["content"]["body"].get("type", "first") for one in ordered]

    wait_until(lambda: told() == ["first", "withdrawn"], what="both messages at the regulator")
    context.close()


@pytest.mark.clause("R228/81-1")
@pytest.mark.refusal
def test_an_auditor_withdraws_nothing(visitor: Visitor) -> None:
    context = visitor.context()
    page = visitor.signs_in(context.new_page(), "auditor")
    page.goto(f"{visitor.origin}/en/incidents/")
    page.get_by_role("link", name=re.compile(r"^20\d\d-\d{6}$")).first.click()
    assert page.get_by_role("link", name="Withdraw", exact=True).count() == 0
    refused = page.goto(f"{page.url}withdraw/")
    assert refused is not None
    assert refused.status == 403
    context.close()


@pytest.mark.clause("R228/81-2")
def test_an_analyst_finds_what_happened_without_script(visitor: Visitor, analyst: StorageState) -> None:
    """From a bar of the histogram to a line, and from an alert to the line that it cites and back."""
    context = visitor.context(java_script_enabled=False, storage_state=analyst)
    page = context.new_page()
    page.goto(f"{visitor.origin}/en/")
    page.get_by_role("link", name="Events", exact=True).click()
    page.get_by_label("Action").fill("password-accepted")
    page.get_by_label("Source").select_option("sshd")
    page.get_by_role("button", name="Search").click()
    page.locator("svg a").first.click(force=True)
    assert "since=" in page.url
    page.locator("table.events tbody th a").last.click()
    assert page.get_by_text("Accepted password for exercise-").first.is_visible()
    page.goto(f"{visitor.origin}/en/alerts/")
    page.get_by_role("link", name="OpenSSH password guessed").last.click()
    page.locator(".lines .origin a").last.click()
    assert page.get_by_text("Accepted password for exercise-").first.is_visible()
    page.get_by_role("link", name="OpenSSH password guessed").last.click()
    assert page.get_by_role("heading", name="What was seen").is_visible()
    page.goto(f"{visitor.origin}/en/events/gaps/")
    assert page.get_by_role("heading", name="Nothing is missing").is_visible()
    context.close()


def test_the_incident_of_the_first_exercise_reached_the_regulator(visitor: Visitor, page: Page) -> None:
    page.goto(f"{visitor.origin}/en/incidents/?counted=exercises&sort=number")
    page.locator("tbody th a").first.click()
    page.get_by_role("heading", name=re.compile("^The regulator has it: receipt .+ after detection$")).wait_for()
    assert page.locator(".timeline .waiting").count() == 0
    assert page.get_by_text("R228/81-1(2)").first.is_visible()
    page.get_by_role("link", name="First notice", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the proof").click()
    assert download.value.suggested_filename.endswith(".zip")
    assert download.value.path().read_bytes()[:2] == b"PK"


def test_what_the_audit_log_exports_can_be_proven(visitor: Visitor, head: BrowserContext) -> None:
    answer = head.request.get(f"{visitor.origin}/en/audit/?action=incidents:incident:opened&sort=at&format=json")
    rows = answer.json()
    assert rows[0]["detail"]["clause"] == "R228/81-1(2)"
    assert visitor.house.command("audit", "prove", rows[0]["id"]).returncode == 0
    exported = head.request.get(f"{visitor.origin}/en/audit/?action=console:list:exported&format=json").json()
    assert {"action": "incidents:incident:opened", "sort": "at"} in [row["detail"]["filters"] for row in exported]


def test_nothing_stays_in_the_browser(visitor: Visitor) -> None:
    context = visitor.context()
    page = visitor.signs_in(context.new_page(), "analyst")
    page.goto(f"{visitor.origin}/en/incidents/")
    page.goto(f"{visitor.origin}/en/")
    # htmx notes which page it is on for as long as the tab lives; nothing else is kept even then.
    assert set(page.evaluate("Object.keys(sessionStorage)")) <= {"htmx-current-path-for-history"}
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{visitor.origin}/en/sign-in/")
    kept = page.evaluate(
        "async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length,"
        " (await caches.keys()).length]"
    )
    assert kept == [0, 0, 0, 0]
    page.go_back()
    page.wait_for_load_state()
    assert page.get_by_label("User name").is_visible()
    context.close()


def test_a_new_administrator_comes_in_by_the_command_line(visitor: Visitor) -> None:
    told = visitor.house.command("accounts", "add", "ayan", "--name", "Аян Серік", "--role", "administrator", "--json")
    one_time = json.loads(told.stdout)["password"]
    context = visitor.context()
    page = context.new_page()
    heard = complaints(page)
    page.goto(f"{visitor.origin}/en/sign-in/")
    page.get_by_label("User name").fill("ayan")
    page.get_by_label("Password", exact=True).fill(one_time)
    page.get_by_role("button", name="Continue").click()
    assert page.url.endswith("/kk/security/password/")
    page.goto(f"{visitor.origin}/en/audit/")
    assert violations(page) == []
    page.get_by_label("Present password").fill(one_time)
    page.get_by_label("New password", exact=True).fill("a-password-of-my-own")
    page.get_by_label("New password once more").fill("a-password-of-my-own")
    page.get_by_role("button", name="Save the password").click()
    assert violations(page) == []
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("One-time code").fill(factors.code_at(secret, now()))
    page.get_by_role("button", name="Finish").click()
    assert page.locator(".codes li").count() == 10
    assert violations(page) == []
    page.get_by_role("link", name="I have kept them").click()
    assert page.get_by_role("heading", name="Now", exact=True).is_visible()
    assert heard == []
    context.close()


def test_a_disabled_account_is_out_for_good(visitor: Visitor) -> None:
    context = visitor.context()
    page = visitor.signs_in(context.new_page(), "administrator")
    page.goto(f"{visitor.origin}/en/")
    assert page.get_by_role("heading", name="Now", exact=True).is_visible()
    assert visitor.house.command("accounts", "disable", "administrator", "--reason", "left").returncode == 0
    assert visitor.house.command("accounts", "enable", "administrator", "--reason", "back").returncode == 0
    page.goto(f"{visitor.origin}/en/")
    assert page.get_by_label("User name").is_visible()
    context.close()


def test_the_command_line_shows_and_changes_accounts(house: House) -> None:
    assert house.command("accounts", "add", "dana", "--name", "Дана Ким", "--role", "analyst").returncode == 0
    assert house.command("accounts", "role", "dana", "auditor", "--reason", "moved").returncode == 0
    assert house.command("accounts", "reset", "dana", "--reason", "phone lost").returncode == 0
    assert house.command("accounts", "disable", "dana", "--reason", "left").returncode == 0
    listed = json.loads(house.command("accounts", "list", "--json").stdout)
    dana = next(each for each in listed if each["username"] == "dana")
    assert (dana["role"], dana["active"], dana["enrolled"]) == ("auditor", False, False)
    assert house.command("accounts", "disable", "nobody", "--reason", "x").returncode == 1


def test_codes_of_a_demonstration_exist_nowhere_else(house: House, tmp_path: object) -> None:
    assert house.command("demo", "code", "nobody").returncode == 1
    settings = house.home / "senim.toml"
    real = settings.read_text()
    try:
        settings.write_text(real.replace('profile = "demonstration"\n', ""))
        refused = house.command("demo", "code", "head")
    finally:
        settings.write_text(real)
    assert refused.returncode == 3
    assert not re.search(r"\d{6}", refused.stdout)
