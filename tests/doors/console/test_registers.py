"""*Registers* in the console: adding, changing, ending, history, as of a day, files out and in."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import translation

from senim.audit.actions import AuditAction
from senim.audit.models import AuditRow
from senim.governance.registers import DOCUMENTS
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.kit.clock import now
from senim.participants.registers import AGREEMENTS
from senim.registers import queries
from senim.registers.models import Version
from tests.participants.test_agreements import TELECOM
from tests.registers.conftest import POLICY, add_document, change_document, put
from tests.staff import Staff, new_staff

pytestmark = pytest.mark.django_db
LIST = "/en/registers/documents/"


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def head() -> Staff:
    return new_staff(Role.HEAD_OF_IS)


@pytest.fixture
def client(head: Staff) -> Client:
    return head.signs_in()


@pytest.fixture
def document(head: Staff) -> Version:
    return add_document(head.account)


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (answer.status_code, answer.headers.get("Location"))
    return answer.content.decode()


def filled(account: Account, **said: object) -> dict[str, object]:
    return {**POLICY, "owner": account.pk, "review_on": "2027-06-30", "reason": "adopted", **said}


def standing() -> list[str]:
    return sorted(each.facts["number"] for each in queries.as_of(DOCUMENTS, now()))


@pytest.mark.clause("R228/80(2)")
class TestAdding:
    """A form of what the register says of itself."""

    def test_an_entry_stands_in_the_list(self, client: Client, head: Staff) -> None:
        answer = client.post(f"{LIST}add/", filled(head.account))
        assert answer.status_code == 302
        assert POLICY["title_ru"] in read(client, LIST)
        assert POLICY["title_kk"] in read(client, answer.headers["Location"].replace("/en/", "/kk/"))

    @pytest.mark.refusal
    @pytest.mark.parametrize(
        ("field", "text", "why"),
        [
            ("sha256", "ab", "64 hexadecimal digits"),
            ("approved_on", "15.01.2026", "A day as"),
            ("in_force_from", "2026-01-14", "before the beginning"),
            ("title_kk", "", "This is needed"),
            ("reason", "", "required"),
        ],
    )
    def test_what_does_not_fit_is_said_beside_it(
        self, client: Client, head: Staff, field: str, text: str, why: str
    ) -> None:
        answer = client.post(f"{LIST}add/", filled(head.account, **{field: text}))
        assert why in answer.content.decode()
        assert POLICY["title_ru"] in answer.content.decode()  # what was typed stays
        assert standing() == []


class TestChanging:
    """The next version; what stood before stays to be seen."""

    def test_a_new_version_and_its_history(self, client: Client, head: Staff, document: Version) -> None:
        address = f"{LIST}{document.entry}/"
        assert 'name="seen" value="1"' in read(client, f"{address}change/")
        client.post(f"{address}change/", filled(head.account, number="АҚ-02", seen=1, reason="renumbered"))
        page = read(client, address)
        assert "<del>АҚ-01</del>" in page
        assert "<ins>АҚ-02</ins>" in page
        assert "renumbered" in page

    def test_what_somebody_else_wrote_meanwhile_is_not_lost(
        self, client: Client, head: Staff, document: Version
    ) -> None:
        change_document(document, number="АҚ-05")
        answer = client.post(f"{LIST}{document.entry}/change/", filled(head.account, number="АҚ-02", seen=1))
        assert answer.status_code == 409
        assert standing() == ["АҚ-05"]

    def test_a_form_without_its_version_is_refused(self, client: Client, head: Staff, document: Version) -> None:
        assert client.post(f"{LIST}{document.entry}/change/", filled(head.account)).status_code == 400

    def test_an_end(self, client: Client, document: Version) -> None:
        address = f"{LIST}{document.entry}/"
        client.post(f"{address}end/", {"seen": 1, "reason": "replaced"})
        assert standing() == []
        assert "Ended" in read(client, address)
        assert client.get(f"{address}change/").status_code == 404

    def test_the_auditor_reads_only(self, document: Version) -> None:
        auditor = new_staff(Role.AUDITOR).signs_in()
        assert "/change/" not in read(auditor, f"{LIST}{document.entry}/")
        assert auditor.post(f"{LIST}{document.entry}/end/", {"seen": 1, "reason": "x"}).status_code == 403
        assert standing() == ["АҚ-01"]


class TestLooking:
    """Filters stand in the address; one of them is a day."""

    @pytest.mark.usefixtures("document")
    def test_as_it_stood_on_a_day(self, client: Client) -> None:
        today = queries.today()
        assert "АҚ-01" in read(client, f"{LIST}?on={today.isoformat()}")
        assert "АҚ-01" not in read(client, f"{LIST}?on={(today - timedelta(days=1)).isoformat()}")

    @pytest.mark.usefixtures("document")
    def test_text_and_words(self, client: Client) -> None:
        assert "АҚ-01" in read(client, f"{LIST}?q=саясаты")
        assert "АҚ-01" not in read(client, f"{LIST}?q=bylaw")
        assert client.get("/en/registers/measures/?state=strange").status_code == 400
        read(client, "/en/registers/measures/?state=done")

    @pytest.mark.parametrize("column", ["number", "-in_force_from", "owner", "-review_on"])
    @pytest.mark.usefixtures("document")
    def test_sorted(self, client: Client, column: str) -> None:
        assert "АҚ-01" in read(client, f"{LIST}?sort={column}")

    def test_every_register_opens_and_says_what_it_lacks(self, client: Client) -> None:
        page = read(client, "/en/registers/")
        names = re.findall(r"/en/registers/([a-z-]+)/", page)
        assert len(set(names)) == 7
        for name in names:
            assert "Nothing stands in the register" in read(client, f"/en/registers/{name}/")
            read(client, f"/en/registers/{name}/add/")

    def test_what_an_entry_lacks_is_said_with_its_name(self, client: Client, head: Staff) -> None:
        put(AGREEMENTS, {**TELECOM, "damage": "absent", "damage_place": ""}, head.account)
        page = read(client, "/ru/registers/agreements/")
        assert "В соглашении нет условий о возмещении ущерба: <a href" in page
        assert page.count(TELECOM["party_ru"]) == 2

    def test_a_register_that_does_not_exist(self, client: Client) -> None:
        assert client.get("/en/registers/nothing/").status_code == 404


class TestFiles:
    """What goes out can come in again; what would happen is shown before it happens."""

    @staticmethod
    def exported(client: Client) -> str:
        return b"".join(client.get(f"{LIST}?format=csv").streaming_content).decode()

    @staticmethod
    def shown(page: str) -> str:
        found = re.search(r'name="shown" value="([0-9a-f]{64})"', page)
        return found[1] if found else ""

    def test_csv_and_json_hold_every_fact(self, client: Client, document: Version) -> None:
        (row,) = csv.DictReader(io.StringIO(self.exported(client).removeprefix("\ufeff")))
        (record,) = json.loads(b"".join(client.get(f"{LIST}?format=json").streaming_content))
        for told in (row, record):
            assert {name: told[name] for name in POLICY} == POLICY
            assert told["entry"] == str(document.entry)
        assert AuditRow.objects.filter(action=AuditAction.CONSOLE_LIST_EXPORTED).count() == 2
        assert "Added an entry to a register" in read(client, "/en/audit/")

    @pytest.mark.usefixtures("document")
    def test_what_was_shown_is_done(self, client: Client) -> None:
        text = self.exported(client).replace("АҚ-01", "АҚ-02")
        said = {"text": text, "reason": "renumbered"}
        page = client.post(f"{LIST}import/", said).content.decode()
        assert "1 entry would be written" in page
        assert standing() == ["АҚ-01"]
        done = client.post(f"{LIST}import/", {**said, "shown": self.shown(page)})
        assert done.status_code == 302
        assert standing() == ["АҚ-02"]

    @pytest.mark.usefixtures("document")
    def test_what_was_not_shown_is_shown_first(self, client: Client) -> None:
        said = {"text": self.exported(client).replace("АҚ-01", "АҚ-02"), "reason": "renumbered"}
        digest = self.shown(client.post(f"{LIST}import/", said).content.decode())
        other = {**said, "text": str(said["text"]).replace("АҚ-02", "АҚ-03"), "shown": digest}
        assert client.post(f"{LIST}import/", other).status_code == 200
        assert standing() == ["АҚ-01"]

    @pytest.mark.usefixtures("document")
    def test_a_file_with_a_fault_is_refused_as_a_whole(self, client: Client) -> None:
        text = self.exported(client).replace("ab" * 32, "ab").replace("АҚ-01", "АҚ-02")
        page = client.post(f"{LIST}import/", {"text": text, "reason": "x"}).content.decode()
        assert "refused as a whole" in page
        assert '<td class="number">2</td><td class="fixed">sha256</td>' in page
        assert self.shown(page) == ""
        assert standing() == ["АҚ-01"]
