"""Sources are seen with their ledger, and what was lost is acknowledged by a person who may."""

import csv
import io
import json
import re
from datetime import timedelta

import pytest
from django.test import Client

from senim.audit.actions import AuditAction
from senim.audit.models import AuditRow
from senim.doors.console.standing import standing
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.kit.clock import now
from senim.kit.instance import Instance
from senim.telemetry.models import Gap, Ledger, Notice, SeenLoss
from senim.telemetry.notices import NoticeKind
from senim.telemetry.settings import PLATFORM, telemetry_settings
from tests.processes import Processes, beat_at
from tests.staff import Staff, new_staff

pytestmark = pytest.mark.django_db
NOTE = "The disk was full"
PAGE, ACKNOWLEDGE = "/en/sources/sshd/", "/en/sources/sshd/acknowledge/"


@pytest.fixture
def staff() -> Staff:
    return new_staff(Role.ANALYST)


@pytest.fixture
def client(staff: Staff) -> Client:
    return staff.signs_in()


@pytest.fixture
def ledger(processes: Processes) -> Ledger:
    """The source `sshd` with flaws, a loss, an open gap and one that closed."""
    moment = now()
    beat_at(moment, sources=("sshd",))
    row = Ledger.objects.create(
        source="sshd",
        epoch="e1",
        kind="sshd",
        host="gate-1",
        lines=17,
        next_seq=30,
        flaws={"truncated": 5, "not-utf8": 2, "of-tomorrow": 1},
        bytes_cut=934_465,
        last_line_at=moment - timedelta(hours=1),
        read_until=moment,
    )
    Gap.objects.create(ledger=row, first=4, last=9)
    Gap.objects.create(ledger=row, first=1, last=2, closed_at=moment)
    said = {NoticeKind.FIRST_START: {}, NoticeKind.TRUNCATED: {"path": "/var/log/<b>"}, NoticeKind.COLLECTING: {}}
    for kind, detail in said.items():
        Notice.objects.create(source="sshd", epoch="e1", seq=4, kind=kind, detail=detail, at=moment)
    return row


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def exported(client: Client, address: str) -> list[dict[str, object]]:
    told: list[dict[str, object]] = json.loads(client.get(f"{address}?format=json").getvalue())
    return told


@pytest.mark.usefixtures("ledger")
class TestPages:
    """Everything that the ledger knows of a source can be seen."""

    @pytest.mark.parametrize("address", ["/en/", "/en/sources/"])
    def test_the_table_tells_all_of_a_source(self, client: Client, address: str) -> None:
        page = read(client, address)
        for text in ('href="/en/sources/sshd/"', "6 lines missing", "1 loss", "The file was cut short", "2 not looked",
                     "<b>5</b> too long, cut", "934465 bytes cut", "<b>2</b> not in UTF-8", "<b>1</b> of-tomorrow",
                     "Being read"):  # fmt: skip
            assert text in page

    def test_a_source_has_a_page_with_its_ledger(self, client: Client) -> None:
        page = read(client, PAGE)
        for text in ("Lines were lost, or may have been", "path: /var/log/&lt;b&gt;", "6 lines have not arrived: 4–9",
                     "gate-1", "The source was read for the first time", "missing, not looked at"):  # fmt: skip
            assert text in page

    def test_one_that_nobody_knows_is_not_found(self, client: Client) -> None:
        for rest in ("", "acknowledge/", "notices/", "gaps/", "epochs/"):
            assert client.get(f"/en/sources/nobody/{rest}").status_code == 404

    def test_one_that_never_spoke_says_what_would_fill_it(self, client: Client) -> None:
        page = read(client, "/en/sources/platform/")
        for text in ("The collector has not spoken", "Every number arrived in its turn", "No line has arrived yet"):
            assert text in page

    @pytest.mark.parametrize(
        ("rows", "number", "shown"),
        [("notices", 3, "The file was cut short"), ("gaps", 2, "missing, not looked at"), ("epochs", 1, "gate-1")],
    )
    def test_its_rows_are_listed_and_exported_whole(self, client: Client, rows: str, number: int, shown: str) -> None:
        assert shown in read(client, f"{PAGE}{rows}/")
        told = exported(client, f"{PAGE}{rows}/")
        assert len(told) == number
        lines = csv.DictReader(io.StringIO(client.get(f"{PAGE}{rows}/?format=csv").getvalue().decode()))
        assert len(list(lines)) == number
        taken = AuditRow.objects.filter(action=AuditAction.CONSOLE_LIST_EXPORTED).values_list("subject", flat=True)
        assert set(taken) == {f"list:source-sshd-{rows}"}

    @pytest.mark.parametrize("rows", ["notices", "gaps", "epochs"])
    def test_rows_are_sorted_by_every_column_that_offers_it(self, client: Client, rows: str) -> None:
        for wanted in re.findall(r'href="\?sort=([\w-]+)"', read(client, f"{PAGE}{rows}/")):
            read(client, f"{PAGE}{rows}/?sort={wanted}")
        assert client.get(f"{PAGE}{rows}/?sort=detail").status_code == 400

    def test_all_sources_are_exported_with_all_that_is_known(self, client: Client, instance: Instance) -> None:
        told = {row["source"]: row for row in exported(client, "/en/sources/")}
        assert set(told) == {PLATFORM, *(source.name for source in telemetry_settings(instance).sources)}
        sshd = told["sshd"]
        assert (sshd["state"], sshd["condition"], sshd["lines"], sshd["missing"]) == ("read", "collecting", 17, 6)
        assert (sshd["losses"], sshd["last_loss"], sshd["unseen"]) == (1, "truncated", 2)
        assert (sshd["flaws"], sshd["bytes_cut"]) == ({"truncated": 5, "not-utf8": 2, "of-tomorrow": 1}, 934_465)
        assert told["platform"]["state"] == "unknown"

    @pytest.mark.parametrize(("sort", "place"), [("lines", -1), ("-lines", 0), ("last_line_at", -1)])
    def test_all_sources_are_sorted(self, client: Client, sort: str, place: int) -> None:
        """`sshd` alone has lines; what has none comes before what has some."""
        told = json.loads(client.get(f"/en/sources/?sort={sort}&format=json").getvalue())
        assert told[place]["source"] == "sshd"

    def test_a_page_costs_the_same_however_much_the_ledger_holds(
        self, client: Client, ledger: Ledger, django_assert_max_num_queries: object
    ) -> None:
        for number in range(60):
            Gap.objects.create(ledger=ledger, first=100 + number, last=100 + number)
            Notice.objects.create(source="sshd", epoch="e1", seq=100 + number, kind=NoticeKind.TRUNCATED)
        for rows in ("", "notices/", "gaps/"):
            with django_assert_max_num_queries(24):  # type: ignore[operator]
                read(client, PAGE + rows)


class TestAcknowledging:
    """A loss is said on the first page until a person who may has looked at it and says what they found."""

    @staticmethod
    def said(account: Account) -> list[str]:
        return [each.what for each in standing(account).findings if "loss" in each.what]

    @staticmethod
    def ticked(page: str) -> list[str]:
        """The boxes that the form offers, all of them ticked already."""
        boxes = re.findall(r'<input type="checkbox" name="loss" value="([^"]+)"[^>]* checked', page)
        assert len(boxes) == page.count('type="checkbox"')
        return boxes

    @pytest.mark.usefixtures("ledger")
    def test_a_loss_leaves_the_first_page_and_stays_in_the_ledger(self, client: Client, staff: Staff) -> None:
        assert self.said(staff.account) == ["2 losses of lines of the source “sshd” wait for a person"]
        answer = client.post(ACKNOWLEDGE, {"loss": self.ticked(read(client, ACKNOWLEDGE)), "note": NOTE})
        assert answer.headers["Location"] == PAGE
        assert self.said(staff.account) == []
        page = read(client, PAGE)
        assert "Lines were lost, or may have been" not in page
        assert page.count(NOTE) == 2
        assert page.count(staff.account.full_name) >= 3
        assert {row["seen_note"] for row in exported(client, f"{PAGE}gaps/")} == {NOTE, ""}

    @pytest.mark.usefixtures("ledger")
    def test_what_came_while_somebody_looked_is_not_acknowledged(self, client: Client, staff: Staff) -> None:
        boxes = self.ticked(read(client, ACKNOWLEDGE))
        Notice.objects.create(source="sshd", epoch="e1", seq=31, kind=NoticeKind.ROTATED_AWAY)
        client.post(ACKNOWLEDGE, {"loss": boxes, "note": NOTE})
        assert self.said(staff.account) == ["1 loss of lines of the source “sshd” waits for a person"]

    @pytest.mark.usefixtures("ledger")
    def test_who_was_slower_is_told_so(self, client: Client) -> None:
        boxes = self.ticked(read(client, ACKNOWLEDGE))
        client.post(ACKNOWLEDGE, {"loss": boxes, "note": NOTE})
        answer = client.post(ACKNOWLEDGE, {"loss": boxes, "note": "again"})
        assert answer.status_code == 409
        assert "telemetry:nothing-to-acknowledge" in answer.content.decode()
        assert "Nothing to acknowledge" in read(client, ACKNOWLEDGE)

    @pytest.mark.usefixtures("ledger")
    @pytest.mark.parametrize(
        "said",
        [{"note": NOTE}, {"loss": [], "note": NOTE}, {"note": " "}, {"note": "a\0b"}, {"loss": ["x"], "note": ""}],
    )
    def test_what_is_missing_is_asked_for_again(self, client: Client, said: dict[str, object]) -> None:
        answer = client.post(ACKNOWLEDGE, said)
        assert answer.status_code == 200
        assert 'class="error"' in answer.content.decode()
        assert not SeenLoss.objects.exists()

    @pytest.mark.usefixtures("ledger")
    @pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
    def test_who_may_not_is_told_who_may(self, role: Role) -> None:
        client = new_staff(role).signs_in()
        page = read(client, PAGE)
        assert "/acknowledge/" not in page
        assert "An analyst or the head of the information security unit looks and acknowledges." in page
        gap = Gap.objects.get(closed_at=None)
        assert client.post(ACKNOWLEDGE, {"loss": [f"gap:{gap.pk}"], "note": NOTE}).status_code == 403
        assert not SeenLoss.objects.exists()
