"""Every page of the console in a browser that runs no script: all that it shows is there, all that it offers works."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Locator, Page

from senim.doors.console import urls
from senim.identity import factors
from senim.kit.clock import iso, now
from tests.functional.browser import CHROMIUM, Visitor
from tests.functional.house import wait_until

pytestmark = [
    pytest.mark.browser,
    pytest.mark.real,
    pytest.mark.skipif(not CHROMIUM, reason="chromium is not installed: apt-get install chromium"),
]
MADE_UP = "exercise-0123456789abcdef"
"""A service that only an exercise has: it is in no statistics, and nobody is woken for it."""
WORD, ANOTHER = "a-password-of-my-own", "another-password-of-my-own"
SHOWN = {
    "now": "",
    "alerts": "alerts/",
    "alerts-one": "{alert}",
    "alerts-grade": "{alert}grade/",
    "alerts-dismiss": "{alert}dismiss/",
    "aside": "aside/",
    "coverage": "coverage/",
    "promptness": "promptness/",
    "doctor": "doctor/",
    "events": "events/",
    "events-gaps": "events/gaps/",
    "events-one": "{event}",
    "feed": "feed/",
    "incidents": "incidents/",
    "incidents-one": "{incident}",
    "incidents-evidence": "{incident}evidence/",
    "incidents-history": "{incident}history/",
    "incidents-parties": "{incident}parties/",
    "incidents-assess": "{incident}assess/",
    "incidents-close": "{incident}close/",
    "incidents-downtime": "{incident}downtime/",
    "incidents-merge": "{incident}merge/",
    "incidents-regrade": "{incident}regrade/",
    "incidents-reinstate": "{incident}reinstate/",
    "incidents-split": "{incident}split/",
    "incidents-withdraw": "{incident}withdraw/",
    "messages": "messages/",
    "messages-one": "{message}",
    "oncall": "oncall/",
    "oncall-add": "oncall/add/",
    "oncall-contact": "{contact}",
    "oncall-end": "{duty}",
    "oncall-page": "{page}",
    "oncall-pages": "oncall/pages/",
    "registers": "registers/",
    "registers-one": "registers/documents/",
    "registers-add": "registers/documents/add/",
    "registers-import": "registers/documents/import/",
    "registers-entry": "{entry}",
    "registers-change": "{entry}change/",
    "registers-end": "{entry}end/",
    "report": "report/",
    "report-year": "report/2025/",
    "report-file": "report/2025/file/",
    "services": "services/",
    "services-one": "services/console/",
    "services-maintenance": "services/console/maintenance/",
    "services-cancel": "{work}",
    "services-cause": "{outage}",
    "sources": "sources/",
    "sources-one": "sources/sshd/",
    "sources-acknowledge": "sources/sshd/acknowledge/",
    "sources-notices": "sources/sshd/notices/",
    "sources-gaps": "sources/sshd/gaps/",
    "sources-epochs": "sources/sshd/epochs/",
    "audit": "audit/",
    "security": "security/",
    "account_change_password": "security/password/",
    "security-authenticator": "security/authenticator/replace/",
    "mfa_view_recovery_codes": "security/recovery-codes/",
    "mfa_generate_recovery_codes": "security/recovery-codes/new/",
    "mfa_reauthenticate": "security/code/",
    "design": "design/",
}
"""Pages that somebody signed in opens, and where."""
ENTRANCE = {"account_login", "mfa_authenticate", "mfa_activate_totp", "account_reauthenticate"}
"""Pages on the way in: walked below."""
ACTS = {
    "first",
    "incidents-assign",
    "incidents-breach",
    "incidents-note",
    "incidents-proof",
    "incidents-task",
    "incidents-task-end",
    "incidents-tick",
    "language",
    "messages-carried",
    "messages-file",
    "messages-proof",
    "oncall-answer",
    "oncall-test",
    "report-draft",
    "report-filed",
    "report-twin",
    "security-end-session",
    "security-end-sessions",
    "account_logout",
}
"""What buttons and links of those pages do: pressed below."""
FOR_PROGRAMS = {"now-live", "api-exercises", "api-exercise", "api-exercise-end"}
"""What only a script or a program asks for; *Now* shows without it all that it would bring."""
# What would do nothing here: a button or a field of no form, a link to nowhere, a form that nothing sends, an element
# that only a script sends for. The live part of *Now* stands there whole.
IDLE = (
    "button:not(form button)",
    "input:not(form input):not([type=hidden]), select:not(form select), textarea:not(form textarea)",
    "a:not([href])",
    "form:not(:has(button:not([type=button])))",
    ":is([hx-get], [hx-post], [hx-put], [hx-patch], [hx-delete]):not(#live)",
)


def test_the_tables_name_every_address_and_no_other() -> None:
    names = {pattern.name for pattern in (*urls.PLAIN, *urls.PAGES)}
    assert names == SHOWN.keys() | ENTRANCE | ACTS | FOR_PROGRAMS


@pytest.fixture(scope="module")
def head(visitor: Visitor) -> Iterator[BrowserContext]:
    """The head of the IS unit, signed in: nobody opens more."""
    context = visitor.context(java_script_enabled=False)
    visitor.signs_in(context.new_page(), "head")
    yield context
    context.close()


@pytest.fixture
def page(head: BrowserContext) -> Iterator[Page]:
    page = head.new_page()
    yield page
    page.close()


LED_TO = {
    "contact": ("oncall/", "a[href*='/contacts/']"),
    "duty": ("oncall/", "a[href*='/duties/']"),
    "entry": ("registers/documents/", "tbody th a"),
    "event": ("events/?action=password-accepted", "table.events tbody th a"),
    "incident": ("incidents/", "tbody th a"),
    "message": ("messages/", "tbody th a"),
    "outage": (f"services/{MADE_UP}/", "a[href*='/outages/']"),
    "page": ("oncall/pages/", "tbody th a"),
    "work": ("services/console/", "a[href$='/cancel/']"),
}
"""What stands in braces → the page that leads there, and its link."""


def waiting_alert(visitor: Visitor, page: Page, machine: str) -> str:
    """The address of an alert about `machine` that waits for a person."""
    with visitor.house.log.open("a", encoding="utf-8") as log:
        log.write(f"{iso(now())} {machine} sshd[4711]: Accepted password for root from 203.0.113.9 port 50122 ssh2\n")
    listed = f"{visitor.origin}/en/alerts/?state=waiting&target={machine}"
    link = page.locator("tbody th a")
    wait_until(lambda: page.goto(listed) is not None and link.count() > 0, what=f"the alert about {machine}")
    return str(link.first.get_attribute("href")).removeprefix("/en/")


@pytest.fixture(scope="module")
def places(visitor: Visitor, head: BrowserContext) -> dict[str, str]:
    """What stands in braces in the table."""
    page = head.new_page()
    found = {"alert": waiting_alert(visitor, page, "no-script-1")}
    add_outage(visitor)
    announce_work(visitor, page)
    for name, (listed, link) in LED_TO.items():
        found[name] = link_on(visitor, page, listed, link)
    page.close()
    return found


def link_on(visitor: Visitor, page: Page, listed: str, link: str) -> str:
    """Where the first such link of a page leads, as soon as there is one."""
    found = page.locator(link)
    shown = f"{visitor.origin}/en/{listed}"
    wait_until(lambda: page.goto(shown) is not None and found.count() > 0, what=f"{link} on {listed}")
    return str(found.first.get_attribute("href")).removeprefix("/en/")


def add_outage(visitor: Visitor) -> None:
    """The bureau's own monitor says that a service which only exercises have does not answer."""
    monitor = visitor.house.instance.state("exercise") / "heartbeat" / "monitor.jsonl"
    with monitor.open("a", encoding="utf-8") as log:
        log.write(json.dumps({"at": iso(now()), "service": MADE_UP, "ok": False, "reason": "refused"}) + "\n")


def announce_work(visitor: Visitor, page: Page) -> None:
    """Work on the console, tomorrow."""
    page.goto(f"{visitor.origin}/en/services/console/maintenance/")
    tomorrow = timezone.localtime(now()) + timedelta(days=1)
    for label, hours in (("Begins", 0), ("Ends", 1)):
        page.get_by_label(label).fill(f"{tomorrow + timedelta(hours=hours):%Y-%m-%dT%H:%M}")
    page.get_by_label("Reason").fill("a new certificate")
    page.locator("main form button").click()
    assert page.url == f"{visitor.origin}/en/services/console/"


def heading(page: Page, name: str) -> Locator:
    return page.get_by_role("heading", name=name, exact=True)


@pytest.mark.parametrize("name", SHOWN)
def test_everything_on_a_page_is_there_and_works(
    visitor: Visitor, page: Page, places: dict[str, str], name: str
) -> None:
    answer = page.goto(f"{visitor.origin}/en/{SHOWN[name].format(**places)}")
    assert answer is not None
    assert answer.status == 200
    assert page.locator("h1").first.is_visible()
    assert page.get_by_text("Renews itself").count() == 0 or not page.get_by_text("Renews itself").is_visible()
    if name != "design":  # it shows buttons and fields for themselves
        assert {kind: page.locator(kind).count() for kind in IDLE} == dict.fromkeys(IDLE, 0)


def test_now_says_that_it_stands_still_and_is_looked_at_again(visitor: Visitor, page: Page) -> None:
    page.goto(f"{visitor.origin}/en/")
    assert page.get_by_text("Without script this page stands still.").is_visible()
    page.get_by_role("link", name="Look again").click()
    assert heading(page, "Latest incidents").is_visible()


def test_a_list_is_filtered_sorted_and_exported(visitor: Visitor, page: Page) -> None:
    page.goto(f"{visitor.origin}/en/audit/")
    page.get_by_label("Did what").select_option(label="Signed in")
    page.get_by_role("button", name="Filter").click()
    assert "action=" in page.url
    page.get_by_role("link", name="Time").click()
    assert "sort=" in page.url
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "audit.csv"


def test_alerts_are_decided_and_the_proof_is_taken_out(visitor: Visitor, page: Page) -> None:
    graded, dismissed = (waiting_alert(visitor, page, machine) for machine in ("no-script-2", "no-script-3"))
    page.goto(f"{visitor.origin}/en/{dismissed}")
    page.get_by_role("link", name="Dismiss").click()
    page.get_by_label("Reason").fill("one of us, on duty")
    page.get_by_role("button", name="Dismiss the alert").click()
    assert heading(page, "What was decided").is_visible()
    page.goto(f"{visitor.origin}/en/{graded}")
    page.get_by_role("link", name="Grade as an incident").click()
    page.get_by_label("Unauthorised access").check()
    page.get_by_label("Reason").fill("nobody of us")
    page.get_by_role("button", name="Grade and tell the regulator").click()
    # Addresses, not reloads: what is reloaded while a click still leads elsewhere is a page that there is no more.
    heading(page, "What was decided").wait_for()
    incident = page.get_by_role("link", name=re.compile("^Incident "))
    decided = f"{visitor.origin}/en/{graded}"
    wait_until(lambda: page.goto(decided) is not None and incident.count() == 1, what="the incident")
    opened = f"{visitor.origin}{incident.get_attribute('href')}"
    received = page.get_by_role("heading", name=re.compile("^The regulator has it"))
    wait_until(lambda: page.goto(opened) is not None and received.count() == 1, what="the receipt")
    page.get_by_role("link", name="First notice", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the proof").click()
    assert download.value.path().read_bytes()[:2] == b"PK"


def test_an_incident_is_worked_on(visitor: Visitor, page: Page, places: dict[str, str]) -> None:
    page.goto(f"{visitor.origin}/en/{places['incident']}")
    page.get_by_label("New note").fill("seen without script")
    page.get_by_role("button", name="Write it down").click()
    assert page.locator("[aria-labelledby=notes]").get_by_text("seen without script").is_visible()
    page.get_by_role("button", name="Take it").click()
    assert page.get_by_role("button", name="Take it").count() == 0
    done = page.locator("li.done").count()
    page.locator("[aria-labelledby=steps] .checklist button[value=yes]").first.click()
    assert page.locator("li.done").count() == done + 1
    tasks = page.locator("[aria-labelledby=tasks]")
    tasks.locator("summary").click()
    tasks.get_by_label("What is to be done").fill("call the provider")
    tasks.get_by_role("button", name="Add it").click()
    tasks.get_by_role("button", name=re.compile("^Done call the provider")).click()
    assert tasks.locator("li.done").get_by_text("call the provider").is_visible()


def test_a_page_is_answered_and_a_test_page_asked_for(visitor: Visitor, page: Page, places: dict[str, str]) -> None:
    page.goto(f"{visitor.origin}/en/{places['page']}")
    page.get_by_role("button", name="I am on it").click()
    assert page.get_by_role("heading", name=re.compile("is on it$")).is_visible()
    page.goto(f"{visitor.origin}/en/oncall/")
    page.get_by_role("button", name="Send me a test page").click()
    assert heading(page, "A test page is on its way to you").is_visible()


def test_a_register_is_kept(visitor: Visitor, page: Page, places: dict[str, str]) -> None:
    page.goto(f"{visitor.origin}/en/{places['entry']}")
    page.get_by_role("link", name="Write a new version").click()
    page.get_by_label("Replaces").fill("АҚ-00")
    page.get_by_label("Reason").fill("seen without script")
    page.get_by_role("button", name="Write it down").click()
    assert page.locator("ins", has_text="АҚ-00").is_visible()
    page.goto(f"{visitor.origin}/en/registers/documents/")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    text = download.value.path().read_text(encoding="utf-8")
    page.get_by_role("link", name="Bring in a file").click()
    page.get_by_label("The file's text").fill(text.replace("АҚ-00", "АҚ-000"))
    page.get_by_label("Reason").fill("brought in without script")
    page.get_by_role("button", name="Show what it would do").click()
    assert page.get_by_text("replaces", exact=True).is_visible()
    page.get_by_role("button", name="Write all of it").click()
    page.goto(f"{visitor.origin}/en/{places['entry']}")
    assert page.locator("ins", has_text="АҚ-000").is_visible()


def test_the_language_is_chosen_and_the_address_without_one_leads_on(visitor: Visitor, page: Page) -> None:
    page.goto(f"{visitor.origin}/en/incidents/")
    page.get_by_role("button", name="Русский").click()
    assert page.url == f"{visitor.origin}/ru/incidents/"
    page.goto(visitor.origin)
    assert page.url == f"{visitor.origin}/ru/"
    page.get_by_role("button", name="English").click()
    assert page.url == f"{visitor.origin}/en/"


class Newcomer:
    """Somebody new, and what they have been given so far."""

    def __init__(self, visitor: Visitor, name: str) -> None:
        self.visitor = visitor
        self.name = name
        add = ("accounts", "add", name, "--name", "Сәуле Ахмет", "--role", "analyst", "--json")
        told = visitor.house.command(*add)
        assert told.returncode == 0, told.stderr
        self.password = str(json.loads(told.stdout)["password"])
        self.codes: list[str] = []
        """Recovery codes: each is good once, whatever the time."""

    def gives_password(self, page: Page) -> None:
        page.goto(f"{self.visitor.origin}/en/sign-in/")
        page.get_by_label("User name").fill(self.name)
        page.get_by_label("Password", exact=True).fill(self.password)
        page.get_by_role("button", name="Continue").click()

    def signs_in(self, page: Page) -> None:
        self.gives_password(page)
        page.get_by_label("One-time code").fill(self.codes.pop())
        page.get_by_role("button", name="Sign in").click()
        page.goto(f"{self.visitor.origin}/en/security/")
        assert heading(page, "My security").is_visible()

    def chooses(self, page: Page, password: str) -> None:
        page.get_by_label("Present password").fill(self.password)
        page.get_by_label("New password", exact=True).fill(password)
        page.get_by_label("New password once more").fill(password)
        page.get_by_role("button", name="Save the password").click()
        self.password = password

    def shows_first_code(self, page: Page, button: str) -> None:
        secret = page.locator(".secret").inner_text().replace(" ", "")
        page.get_by_label("One-time code").fill(factors.code_at(secret, now()))
        page.get_by_role("button", name=button).click()
        self.keeps_codes(page)

    def keeps_codes(self, page: Page) -> None:
        self.codes = page.locator(".codes li").all_inner_texts()
        assert len(self.codes) == 10


@pytest.fixture(scope="module")
def newcomer(visitor: Visitor) -> Newcomer:
    return Newcomer(visitor, "saule")


@pytest.fixture
def browsers(visitor: Visitor) -> Iterator[list[Page]]:
    """Two browsers that know nothing of each other."""
    contexts = [visitor.context(java_script_enabled=False) for _ in range(2)]
    yield [context.new_page() for context in contexts]
    for context in contexts:
        context.close()


def test_a_newcomer_enrols_and_minds_the_own_security(
    visitor: Visitor, newcomer: Newcomer, browsers: list[Page]
) -> None:
    page, elsewhere = browsers
    security = f"{visitor.origin}/en/security/"
    newcomer.gives_password(page)
    page.goto(f"{security}again/")
    page.get_by_label("Password", exact=True).fill(newcomer.password)
    page.get_by_role("button", name="Continue").click()
    page.goto(f"{security}password/")
    newcomer.chooses(page, WORD)
    page.goto(f"{security}authenticator/")
    newcomer.shows_first_code(page, "Finish")
    page.get_by_role("link", name="I have kept them").click()
    assert heading(page, "Now").is_visible()

    page.goto(f"{security}recovery-codes/new/")
    page.get_by_role("button", name="Make new codes").click()
    newcomer.keeps_codes(page)
    page.goto(f"{security}code/")
    page.get_by_label("One-time code").fill(newcomer.codes.pop())
    page.get_by_role("button", name="Continue").click()
    page.goto(f"{security}authenticator/replace/")
    newcomer.shows_first_code(page, "Replace it")
    page.goto(f"{security}password/")
    newcomer.chooses(page, ANOTHER)

    newcomer.signs_in(elsewhere)
    page.goto(security)
    assert page.locator("tbody").first.locator("tr").count() == 2
    assert page.get_by_text("this one").count() == 1
    page.get_by_role("button", name="End it").click()
    assert page.locator("tbody").first.locator("tr").count() == 1
    elsewhere.goto(security)
    assert elsewhere.get_by_label("User name").is_visible()

    newcomer.signs_in(elsewhere)
    elsewhere.get_by_role("button", name="Sign out everywhere").click()
    for browser in (elsewhere, page):
        browser.goto(security)
        assert browser.get_by_label("User name").is_visible()
    newcomer.signs_in(page)
    page.get_by_role("button", name="Sign out", exact=True).click()
    assert page.url == f"{visitor.origin}/en/sign-in/"
