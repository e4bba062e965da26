"""Every address × everybody: what is not declared is open to nobody."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, path

from senim.audit.actions import AuditAction
from senim.audit.models import AuditRow
from senim.identity import guard
from senim.identity.guard import Access, Level
from senim.identity.permissions import Permission, Role
from senim.site import urls
from tests.staff import new_client, new_staff

pytestmark = pytest.mark.django_db
NOBODY = UUID(int=0)
PARTS = {
    "<int:year>": "2025",
    "<slug:language>": "kk",
    "<uuid:pk>": str(NOBODY),
    "<slug:row>": "0",
    "<slug:name>": "console",
}

PUBLIC = {"first", "language", "account_login", "mfa_authenticate", "account_logout", "design"}
ENROLLING = {"account_change_password", "mfa_activate_totp", "account_reauthenticate"}
OWN = {
    "security",
    "security-end-session",
    "security-end-sessions",
    "security-authenticator",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_reauthenticate",
}
EVERYBODY = {Role.ADMINISTRATOR, Role.ANALYST, Role.AUDITOR, Role.HEAD_OF_IS}
BY_ROLE: dict[str, set[Role]] = {
    "now": EVERYBODY,
    "now-live": EVERYBODY,
    "alerts": EVERYBODY,
    "alerts-one": EVERYBODY,
    "alerts-grade": {Role.ANALYST, Role.HEAD_OF_IS},
    "alerts-dismiss": {Role.ANALYST, Role.HEAD_OF_IS},
    "aside": EVERYBODY,
    "events": {Role.ANALYST, Role.AUDITOR, Role.HEAD_OF_IS},
    "events-gaps": {Role.ANALYST, Role.AUDITOR, Role.HEAD_OF_IS},
    "events-one": {Role.ANALYST, Role.AUDITOR, Role.HEAD_OF_IS},
    "incidents": EVERYBODY,
    "incidents-one": EVERYBODY,
    "incidents-evidence": EVERYBODY,
    "incidents-history": EVERYBODY,
    "incidents-parties": EVERYBODY,
    "incidents-proof": {Role.AUDITOR, Role.HEAD_OF_IS},
    **{
        f"incidents-{act}": {Role.ANALYST, Role.HEAD_OF_IS}
        for act in (
            "assess",
            "assign",
            "breach",
            "close",
            "downtime",
            "merge",
            "note",
            "regrade",
            "reinstate",
            "split",
            "task",
            "task-end",
            "tick",
            "withdraw",
        )
    },
    "messages": EVERYBODY,
    "messages-one": EVERYBODY,
    "messages-file": {Role.ANALYST, Role.HEAD_OF_IS},
    "messages-carried": {Role.ANALYST, Role.HEAD_OF_IS},
    "messages-proof": {Role.AUDITOR, Role.HEAD_OF_IS},
    "services": EVERYBODY,
    "services-one": EVERYBODY,
    "services-maintenance": {Role.ADMINISTRATOR, Role.HEAD_OF_IS},
    "services-cancel": {Role.ADMINISTRATOR, Role.HEAD_OF_IS},
    "services-cause": {Role.ANALYST, Role.HEAD_OF_IS},
    "sources": EVERYBODY,
    "sources-one": EVERYBODY,
    "sources-acknowledge": {Role.ANALYST, Role.HEAD_OF_IS},
    "sources-notices": EVERYBODY,
    "sources-gaps": EVERYBODY,
    "sources-epochs": EVERYBODY,
    "audit": {Role.AUDITOR, Role.HEAD_OF_IS},
    "coverage": EVERYBODY,
    "promptness": EVERYBODY,
    "feed": EVERYBODY,
    "doctor": EVERYBODY,
    "report": EVERYBODY - {Role.ADMINISTRATOR},
    "report-year": EVERYBODY - {Role.ADMINISTRATOR},
    "report-draft": EVERYBODY - {Role.ADMINISTRATOR},
    "report-filed": EVERYBODY - {Role.ADMINISTRATOR},
    "report-twin": EVERYBODY - {Role.ADMINISTRATOR},
    "report-file": {Role.HEAD_OF_IS},
    "registers": EVERYBODY - {Role.ADMINISTRATOR},
    "registers-one": EVERYBODY - {Role.ADMINISTRATOR},
    "registers-entry": EVERYBODY - {Role.ADMINISTRATOR},
    **{f"registers-{act}": {Role.ANALYST, Role.HEAD_OF_IS} for act in ("add", "change", "end", "import")},
    "oncall": EVERYBODY,
    "oncall-pages": EVERYBODY,
    "oncall-page": EVERYBODY,
    "oncall-answer": EVERYBODY - {Role.AUDITOR},
    "oncall-test": EVERYBODY - {Role.AUDITOR},
    "oncall-add": {Role.ADMINISTRATOR, Role.HEAD_OF_IS},
    "oncall-end": {Role.ADMINISTRATOR, Role.HEAD_OF_IS},
    "oncall-contact": {Role.ADMINISTRATOR, Role.HEAD_OF_IS},
    "api-exercise": {Role.ADMINISTRATOR},
    "api-exercises": {Role.ADMINISTRATOR},
    "api-exercise-end": {Role.ADMINISTRATOR},
}


def every_address() -> Iterator[tuple[str, str]]:
    """Name and address of every view, in English where it has a language."""

    def walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[tuple[str, str]]:
        for pattern in patterns:
            here = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, here)
            else:
                yield pattern.name or here, re.sub("<.+?>", lambda part: PARTS.get(part[0], "0"), here)

    for name, address in walk(get_resolver().url_patterns, "/"):
        yield name, f"/en{address[3:]}" if address.startswith("/kk/") else address


ADDRESSES = sorted(every_address())


def test_the_tables_name_every_address_and_no_other() -> None:
    assert {name for name, _address in ADDRESSES} == PUBLIC | ENROLLING | OWN | set(BY_ROLE)


@pytest.mark.parametrize(("name", "address"), ADDRESSES)
def test_a_stranger_gets_the_sign_in_page(name: str, address: str) -> None:
    for answer in (new_client().get(address), new_client().post(address)):
        if name in PUBLIC:
            continue
        if name.startswith("api-"):
            assert answer.status_code == 401
            continue
        assert answer.status_code == 302
        assert answer.headers["Location"].partition("?")[0] == "/en/sign-in/"


@pytest.mark.parametrize(("name", "address"), ADDRESSES)
def test_one_factor_reaches_enrolment_only(name: str, address: str) -> None:
    client = new_client()
    new_staff(enrolled=False).gives_password(client)
    answer = client.get(address)
    if name in PUBLIC | ENROLLING:
        return
    if name.startswith("api-"):
        assert answer.status_code == 403
        assert answer.json()["code"] == "identity:not-enrolled"
        return
    assert (answer.status_code, answer.headers["Location"]) == (302, "/en/security/authenticator/")


@pytest.fixture(scope="module")
def refused() -> str:
    return "identity:not-permitted"


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_its_pages_and_no_others(role: Role, refused: str) -> None:
    client = new_staff(role).signs_in()
    opened = {}
    for name, address in ADDRESSES:
        if name in BY_ROLE:
            opened[name] = refused not in client.get(address).content.decode(errors="replace")  # some are PDFs
    assert opened == {name: role in roles for name, roles in BY_ROLE.items()}


@pytest.mark.parametrize("role", list(Role))
def test_everybody_opens_the_own_pages(role: Role) -> None:
    client = new_staff(role).signs_in()
    for name, address in ADDRESSES:
        if name in OWN:
            assert "identity:not-permitted" not in client.get(address).content.decode()


def test_an_address_that_does_not_exist_tells_a_stranger_nothing(client: Client) -> None:
    assert new_client().get("/en/no/such/page/").headers["Location"].startswith("/en/sign-in/")
    assert new_client().get("/no/such/page").status_code == 302
    assert new_staff().signs_in().get("/en/no/such/page/").status_code == 404


class TestRefusalsLeaveTheirRows:
    """Whoever tries what the role does not allow is known afterwards, and cannot fill the log with it."""

    @staticmethod
    def routes() -> list[str]:
        refused = AuditRow.objects.filter(action=AuditAction.IDENTITY_ACCESS_REFUSED)
        return [row.detail["route"] for row in refused]

    def test_a_page(self) -> None:
        new_staff(Role.ANALYST).signs_in().get("/en/audit/")
        assert self.routes() == ["en/audit/"]

    def test_the_same_one_once_a_minute(self, monkeypatch: pytest.MonkeyPatch) -> None:
        client = new_staff(Role.ANALYST).signs_in()
        for _ in range(3):
            client.get("/en/audit/")
        assert len(self.routes()) == 1
        monkeypatch.setattr("senim.identity.refusals.ONCE_IN_SECONDS", 0)
        cache.clear()
        client.get("/en/audit/")
        assert len(self.routes()) == 2

    def test_another_permission_and_another_account_at_once(self) -> None:
        for role in (Role.ANALYST, Role.ADMINISTRATOR):
            new_staff(role).signs_in().get("/en/audit/")
        new_staff(Role.AUDITOR).signs_in().post("/api/exercises")
        assert len(self.routes()) == 3

    def test_being_led_to_a_fresh_code_is_no_refusal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        client = new_staff(Role.ANALYST).signs_in()
        monkeypatch.setattr("senim.identity.guard.FRESH_SECONDS", 0)
        client.get("/en/security/recovery-codes/new/")
        assert self.routes() == []
        client.post("/en/security/recovery-codes/new/")
        assert self.routes() == ["en/security/recovery-codes/new/"]


def forgotten(_request: HttpRequest) -> HttpResponse:
    """A view of the future whose author declared nothing."""
    return HttpResponse("secret")


class WithForgotten:
    """The site's addresses, and one more."""

    urlpatterns = [*urls.urlpatterns, path("forgotten/", forgotten)]
    handler404 = urls.handler404


@pytest.mark.parametrize("role", list(Role))
def test_a_view_that_declares_nothing_is_open_to_nobody(role: Role) -> None:
    client = new_staff(role).signs_in()
    with override_settings(ROOT_URLCONF=WithForgotten):
        assert new_client().get("/forgotten/").status_code == 302
        answer = client.get("/forgotten/")
    assert answer.status_code == 403
    assert "secret" not in answer.content.decode()


def test_declarations_say_what_they_say() -> None:
    def view() -> None:
        """Nothing."""

    guard.needs(Permission.AUDIT_LOG_READ, fresh=True)(view)
    assert guard.access_of(view) == Access(Level.STAFF, Permission.AUDIT_LOG_READ, fresh=True)
    assert guard.access_of(lambda: None) is None
