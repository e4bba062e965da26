"""The pages of the yearly information: what is due, what sections lack, filing what was shown, what was filed."""

import re

import pytest
from django.test import Client

from senim.annual_report import operations
from senim.annual_report.models import Filing
from senim.audit.operations import Actor
from senim.governance.registers import MEASURES
from senim.identity.permissions import Role
from senim.kit.instance import Instance
from senim.site.sample_registers import ensure_registers
from tests.annual_report.conftest import OPERATOR
from tests.annual_report.test_composing import end
from tests.staff import Staff, new_staff

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/79", "R228/80(6)")]
PAGE, FILING = "/en/report/2025/", "/en/report/2025/file/"


@pytest.fixture
def head() -> Staff:
    return new_staff(Role.HEAD_OF_IS)


@pytest.fixture
def door(head: Staff) -> Client:
    """The head of the unit, signed in; the registers hold their samples."""
    ensure_registers(head.account, actor=OPERATOR)
    return head.signs_in()


def text(door: Client, page: str) -> str:
    answer = door.get(page)
    assert answer.status_code == 200, answer
    return answer.content.decode()


def shown(page: str) -> dict[str, str]:
    found = re.findall(r'name="(as_of|sha256)" value="([^"]+)"', page)
    assert len(found) == 2
    return dict(found)


def filed(door: Client, instance: Instance, **more: str) -> Filing:
    """File what the page shows, and let the worker tell it."""
    answer = door.post(FILING, {**shown(text(door, FILING)), **more})
    assert answer.status_code == 302, answer.content
    filing = Filing.objects.latest("number")
    operations.tell(instance, filing.pk, actor=Actor.process("worker"))
    return filing


def test_the_overview_says_what_is_due_and_what_is_not_owed(door: Client) -> None:
    page = text(door, "/en/report/")
    assert "The year lasts" in page
    assert "Not owed" in page


def test_a_year_shows_its_six_sections_and_offers_to_file(door: Client) -> None:
    page = text(door, PAGE)
    assert all(f"R228/80({number})" in page for number in range(1, 7))
    assert FILING in page
    assert "sections lack something" not in page


@pytest.mark.refusal
def test_what_a_section_lacks_is_named_and_leads_to_its_register(door: Client) -> None:
    end(MEASURES, state="done")
    page = text(door, PAGE)
    assert "6. No measure was carried out yet" in page
    assert "/en/registers/measures/" in page
    assert FILING not in page
    assert door.get(FILING).status_code == 409


def test_what_was_filed_is_told_with_its_documents(door: Client, instance: Instance) -> None:
    filing = filed(door, instance)
    assert "Filed, no receipt yet" in text(door, PAGE)
    for ending, kind in (("-kk.pdf", "application/pdf"), ("-ru.pdf", "application/pdf"), (".json", "application/json")):
        answer = door.get(f"/en/report/filed/{filing.pk}{ending}")
        assert (answer.status_code, answer["Content-Type"]) == (200, kind)
        assert "attachment" in answer["Content-Disposition"]


def test_a_correction_asks_what_it_corrects(door: Client, instance: Instance) -> None:
    filed(door, instance)
    assert "What it corrects" in text(door, FILING)
    assert filed(door, instance, reason="a tool was left out").number == 2
    assert "a tool was left out" in text(door, PAGE)


@pytest.mark.refusal
@pytest.mark.parametrize(
    ("said", "status"),
    [({"sha256": "0" * 64}, 409), ({"as_of": "2026-01-01T00:00:00.000Z"}, 409), ({"as_of": "soon"}, 400)],
)
def test_what_was_not_shown_is_not_filed(door: Client, said: dict[str, str], status: int) -> None:
    given = {**shown(text(door, FILING)), **said}
    assert door.post(FILING, given).status_code == status
    assert not Filing.objects.exists()


@pytest.mark.refusal
@pytest.mark.parametrize("page", ["/en/report/2023/", "/en/report/2999/", "/en/report/2025/draft-en.pdf"])
def test_a_year_or_a_language_that_there_is_not_is_not_found(door: Client, page: str) -> None:
    assert door.get(page).status_code == 404


def test_a_draft_is_a_pdf_of_its_own(door: Client) -> None:
    answer = door.get("/en/report/2025/draft-kk.pdf")
    assert answer.content.startswith(b"%PDF")
    assert "draft" in answer["Content-Disposition"]
