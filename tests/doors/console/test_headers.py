"""What every answer carries, and how the console refuses."""

import contextlib
import re

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client, override_settings

from senim.doors.console.correlation import HEADER, Named
from senim.identity.permissions import Role
from senim.kit.instance import Instance, Profile
from senim.site.web import hsts_seconds
from tests.staff import new_client, new_staff

pytestmark = pytest.mark.django_db
JSON = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def client() -> Client:
    return new_staff(Role.AUDITOR).signs_in()


@pytest.mark.parametrize("address", ["/en/", "/en/audit/", "/en/security/", "/en/no/such/page/", "/en/sign-in/"])
def test_nothing_is_kept_and_nothing_foreign_is_loaded(client: Client, address: str) -> None:
    headers = client.get(address).headers
    assert headers["Cache-Control"] == "no-store"
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/static/console/console.css", "private, max-age=60"),
        ("/static/no/such/file.css", "no-store"),
        ("/en/sign-in/", "no-store"),
    ],
)
def test_files_that_pages_are_drawn_with_are_for_our_pages_alone(address: str, kept: str) -> None:
    with contextlib.closing(new_client().get(address)) as answer:
        headers = answer.headers
    assert headers["Cache-Control"] == kept
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Server"] == "Senim"
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("address", ["/en/", "/en/incidents/", "/en/security/", "/en/design/", "/en/sign-in/"])
def test_pages_hold_no_script_and_no_style_of_their_own(client: Client, address: str) -> None:
    page = client.get(address).content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", page)


def test_a_strange_host_is_refused() -> None:
    answer = new_client(HTTP_HOST="evil.example").get("/en/sign-in/")
    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()


def test_a_form_without_its_token_is_refused(client: Client) -> None:
    strict = Client(enforce_csrf_checks=True, SERVER_NAME="localhost", **{"wsgi.url_scheme": "https"})
    strict.cookies = client.cookies
    answer = strict.post("/en/sign-out/")
    assert answer.status_code == 403
    assert "console:form-expired" in answer.content.decode()
    assert client.get("/en/").status_code == 200


def test_every_request_has_a_name_that_its_error_page_shows(client: Client) -> None:
    first, second = client.get("/en/no/such/page/"), client.get("/en/no/such/page/")
    assert first.headers[HEADER] != second.headers[HEADER]
    assert first.headers[HEADER] in first.content.decode()


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("kk", "Бұл мекенжайда ештеңе жоқ"),
        ("ru", "По этому адресу ничего нет"),
        ("en", "There is nothing at this address"),
    ],
)
def test_refusals_speak_the_readers_language(client: Client, language: str, title: str) -> None:
    assert title in client.get(f"/{language}/no/such/page/").content.decode()


def test_programs_get_a_problem_document(client: Client) -> None:
    answer = client.get("/en/no/such/page/", **JSON)
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert (told["status"], told["code"]) == (404, "console:not-found")
    assert told["instance"] == f"urn:uuid:{answer.headers[HEADER]}"


def test_a_fault_of_ours_shows_nothing_of_itself(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: object) -> None:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr("senim.doors.console.views.now.standing", fails)
    client.raise_request_exception = False
    answer = client.get("/en/")
    assert answer.status_code == 500
    assert "hunter2" not in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers[HEADER] in answer.content.decode()


def test_the_log_never_holds_an_address_as_typed(
    client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.handler.addFilter(Named())
    monkeypatch.setattr("senim.doors.console.views.now.standing", lambda *_: 1 / 0)
    client.raise_request_exception = False
    client.get("/en/typed-7F3A/?q=typed-7F3A")
    client.get("/en/audit/?action=typed-7F3A")
    client.get("/en/?q=typed-7F3A")
    new_client(HTTP_HOST="typed-7F3A").get("/en/")
    assert "typed-7F3A" not in caplog.text
    failed = [record for record in caplog.records if record.levelname == "ERROR" and record.name == "django.request"]
    assert [record.getMessage() for record in failed] == ["GET en/ failed"]


def test_every_handler_takes_out_what_was_typed() -> None:
    assert all("correlation" in handler["filters"] for handler in settings.LOGGING["handlers"].values())
    assert settings.LOGGING["filters"]["correlation"]["()"] == f"{Named.__module__}.{Named.__qualname__}"


def test_a_fragment_of_a_page_whose_session_is_over_sends_the_browser_to_sign_in() -> None:
    answer = new_client().get("/en/live/", HTTP_HX_REQUEST="true")
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/en/sign-in/")


def test_django_finds_nothing_to_warn_of_in_production(instance: Instance) -> None:
    production = Instance(instance.home, Profile.PRODUCTION, {})
    with override_settings(SENIM_INSTANCE=production, SECURE_HSTS_SECONDS=hsts_seconds(production)):
        call_command("check", deploy=True, fail_level="WARNING")


def test_passwords_are_hashed_by_argon2id(settings: object) -> None:
    from senim.site import web

    assert web.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def test_debug_is_off() -> None:
    assert settings.DEBUG is False
