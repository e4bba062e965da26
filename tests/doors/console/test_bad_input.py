"""Whatever stands in an address or a form, the console answers: never with a fault of its own."""

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client
from pytest_django.fixtures import Settings

from senim.identity.models import Account
from senim.identity.permissions import Role
from tests.doors.console.conftest import new_incident
from tests.doors.console.test_access import ADDRESSES
from tests.staff import CODE, SIGN_IN, Staff, new_client, new_staff

pytestmark = pytest.mark.django_db
VALUES = (
    "%00", "a%00b", "%ED%A0%80", "%FF", "'", "%25", "%0D%0Ax", "-1", "9" * 40, "x" * 5000, "2026-02-30", "0001-01-01",
    "9999-12-31", "--", "-pk", "%F0%9F%92%A5",
)  # fmt: skip
BALLAST = ("a%00b", "%ED%A0%80", "9" * 40, "x" * 5000)
"""Of these, what a page is given that reads no words: it fails by the address as such or not at all."""
COMMON = ("sort", "page", "format")
LISTS = {
    "alerts": ("state", "level", "rule", "target", *COMMON),
    "events": ("last", "since", "until", "source", "host", "action", "address", "user", "text", "after", *COMMON),
    "audit": ("actor", "action", "subject", "seal", "since", "until", *COMMON),
    "incidents": ("q", "kind", "counted", *COMMON),
    "messages": ("state", "counted", *COMMON),
    "oncall-pages": ("state", *COMMON),
}
FAULT = 500


@pytest.fixture
def staff() -> Staff:
    return new_staff(Role.HEAD_OF_IS)


@pytest.fixture
def client(staff: Staff) -> Client:
    client = staff.signs_in()
    client.raise_request_exception = False
    return client


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(("name", "address"), [each for each in ADDRESSES if each[0] != "account_logout"])
def test_no_query_makes_a_page_fail(client: Client, name: str, address: str) -> None:
    new_incident()
    if name in LISTS:
        queries = [f"{word}={value}" for value in VALUES for word in LISTS[name]]
    else:
        queries = ["&".join(f"{word}={value}" for word in ("q", "state", "next")) for value in BALLAST]
    assert [query for query in queries if client.get(f"{address}?{query}").status_code >= FAULT] == []


@pytest.mark.parametrize(
    "address",
    [
        "/en/security/sessions/%00/end/",
        "/en/security/sessions/a%00b/end/",
        "/en/messages/%00/",
        "/%00/",
        "/en/?%00=1",
    ],
)
def test_an_address_with_a_null_is_refused(client: Client, address: str) -> None:
    assert client.post(address).status_code == 400
    assert client.get(address).status_code == 400


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(("name", "address"), [each for each in ADDRESSES if each[0] != "account_logout"])
@pytest.mark.parametrize("body", [{}, {"login": "\0", "password": "\0", "code": "\0", "next": "\0", "language": "\0"}])
def test_no_form_makes_a_page_fail(client: Client, name: str, address: str, body: dict[str, str]) -> None:
    assert client.post(address, body).status_code < FAULT, name


def test_a_second_step_without_a_code_is_refused() -> None:
    client = new_client(raise_request_exception=False)
    new_staff(Role.AUDITOR).gives_password(client)
    assert client.post(CODE).status_code < FAULT


class TestLanguage:
    """What is remembered is a language that pages have; where one lands is a page of ours."""

    @pytest.mark.parametrize("language", ["de", "pt-br", "KK", "kk\0", "", "x" * 300])
    def test_another_language_is_not_remembered(self, client: Client, staff: Staff, language: str) -> None:
        assert client.post("/language/", {"language": language}).status_code == 302
        assert Account.objects.get(pk=staff.account.pk).language in dict(settings.LANGUAGES)
        assert client.get(client.get("/").headers["Location"]).status_code == 200

    @pytest.mark.parametrize(
        "wished", ["abc", "now", "//evil.example/", "javascript:x", "\0", "ru/", "/\\evil.example"]
    )
    def test_what_is_no_page_of_ours_leads_to_the_first(self, client: Client, wished: str) -> None:
        answer = client.post("/language/", {"language": "ru", "next": wished})
        assert answer.headers["Location"] == "/ru/"

    def test_an_odd_page_of_ours_stays_ours(self, client: Client) -> None:
        answer = client.post("/language/", {"language": "ru", "next": "/en/\r\nX: y"})
        assert answer.headers["Location"] == "/en/%0D%0AX:%20y"

    @pytest.mark.parametrize("browser", ["en-US", "ru", "kk", "de", ""])
    @pytest.mark.parametrize("read_in", ["kk", "ru", "en"])
    @pytest.mark.parametrize("wished", ["kk", "ru", "en"])
    def test_the_same_page_whatever_the_browser_prefers(
        self, client: Client, browser: str, read_in: str, wished: str
    ) -> None:
        body = {"language": wished, "next": f"/{read_in}/alerts/"}
        answer = client.post("/language/", body, headers={"accept-language": browser})
        assert answer.headers["Location"] == f"/{wished}/alerts/"


@pytest.mark.parametrize("size", [1, 3_000_000])
def test_a_file_that_no_form_asks_for_is_not_kept(settings: Settings, size: int) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = "/nowhere"  # the console's process may write to no folder of temporary files
    client = new_client()
    client.raise_request_exception = False
    answer = client.post(SIGN_IN, {"login": "x", "password": "y", "f": ContentFile(b"a" * size, "a")})
    assert answer.status_code == 200
    assert dict(answer.wsgi_request.FILES) == {}
