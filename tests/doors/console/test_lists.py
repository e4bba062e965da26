"""Lists are exported whole, found by day, counted by the database; what is taken out is remembered."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from senim.asoi import operations
from senim.asoi.errors import NotDelivered
from senim.asoi.internal.channel import Channel
from senim.asoi.internal.credentials import Credentials
from senim.asoi.kinds import MessageKind
from senim.asoi.models import Attempt, Message
from senim.asoi.settings import asoi_settings
from senim.audit.actions import AuditAction
from senim.audit.models import AuditRow, Leaf
from senim.audit.operations import Actor
from senim.identity.permissions import Role
from senim.incidents.models import Incident
from senim.kit.bureau import bureau
from senim.kit.instance import Instance
from tests.asoi.regulator import Regulator
from tests.doors.console.conftest import new_incident
from tests.staff import new_staff

pytestmark = pytest.mark.django_db
MANY = 1104
BOM = "\ufeff"


@pytest.fixture
def client() -> Client:
    return new_staff(Role.HEAD_OF_IS).signs_in()


def taken(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.getvalue().decode()


def as_table(file: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.removeprefix(BOM))))


def new_row(at: datetime, **fields: object) -> AuditRow:
    known = {"actor_kind": "process", "actor_id": "worker", "actor_name": "worker", "subject": "incident:1"}
    return AuditRow(at=at, action=AuditAction.INCIDENTS_INCIDENT_OPENED.value, **{**known, **fields})


def day(number: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(2026, 11, number, hour, minute, tzinfo=UTC)


class TestTheAuditLog:
    """The page shows a part; the export holds everything that matches, ready to be proven."""

    def test_an_export_is_whole(self, client: Client) -> None:
        AuditRow.objects.bulk_create(new_row(day(1), detail={"place": n}) for n in range(MANY))
        told = json.loads(taken(client, "/en/audit/?actor=worker&format=json"))
        assert {row["detail"]["place"] for row in told} == set(range(MANY))
        assert {UUID(row["id"]) for row in told} == set(
            AuditRow.objects.filter(actor_id="worker").values_list("pk", flat=True)
        )
        lines = as_table(taken(client, "/en/audit/?actor=worker&format=csv"))
        assert len(lines) == MANY
        assert json.loads(lines[0]["detail"]) == told[0]["detail"]

    def test_an_export_of_nothing_is_an_empty_list(self, client: Client) -> None:
        assert json.loads(taken(client, "/en/audit/?subject=nothing&format=json")) == []

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("since=2026-11-02", [2, 3]),
            ("until=2026-11-02", [1, 2]),
            ("since=2026-11-02&until=2026-11-02", [2]),
            ("since=2026-11-04", []),
        ],
    )
    def test_days_are_those_of_the_people_here(self, client: Client, query: str, found: list[int]) -> None:
        # Midnight in Almaty is 19:00 UTC of the day before.
        moments = {1: day(1, 18, 59), 2: day(1, 19), 3: day(2, 19)}
        AuditRow.objects.bulk_create(new_row(at, detail={"n": n}) for n, at in moments.items())
        told = json.loads(taken(client, f"/en/audit/?actor=worker&sort=at&{query}&format=json"))
        assert [row["detail"]["n"] for row in told] == found

    @pytest.mark.parametrize("query", ["since=yesterday", "until=2026-02-30", "until=9999-12-31", "sort=reason"])
    def test_what_makes_no_sense_is_refused(self, client: Client, query: str) -> None:
        assert client.get(f"/en/audit/?{query}").status_code == 400

    def test_unsealed_rows_are_found_however_old(self, client: Client) -> None:
        rows = AuditRow.objects.bulk_create(new_row(day(1), detail={"n": n}) for n in range(60))
        Leaf.objects.bulk_create(Leaf(index=n, row=row, hash=b"x" * 32) for n, row in enumerate(rows) if n)
        told = json.loads(taken(client, "/en/audit/?seal=waiting&actor=worker&format=json"))
        assert [row["id"] for row in told] == [str(rows[0].pk)]

    def test_pages_are_cut_by_the_database(
        self, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        AuditRow.objects.bulk_create(new_row(day(1)) for _ in range(MANY))
        with django_assert_max_num_queries(16) as asked:
            assert f"of {MANY}" in taken(client, "/en/audit/?actor=worker&page=3")
        assert any("LIMIT 50 OFFSET 100" in query["sql"] for query in asked.captured_queries)


class TestTakingOut:
    """Whatever leaves through the console or the command line leaves its row."""

    @pytest.mark.parametrize("form", ["csv", "json"])
    @pytest.mark.parametrize("name", ["incidents", "messages", "audit", "alerts"])
    def test_an_export_is_remembered(self, client: Client, name: str, form: str) -> None:
        client.get(f"/en/{name}/?page=1&format={form}")
        row = AuditRow.objects.get(action=AuditAction.CONSOLE_LIST_EXPORTED)
        assert (row.actor_name, row.subject) == ("head-of-is", f"list:{name}")
        assert row.detail == {"format": form, "filters": {}}

    def test_with_what_was_asked_for(self, client: Client) -> None:
        client.get("/en/incidents/?kind=2&q=app-01&format=csv")
        row = AuditRow.objects.get(action=AuditAction.CONSOLE_LIST_EXPORTED)
        assert row.detail["filters"] == {"kind": "2", "q": "app-01"}

    def test_a_refused_form_is_not(self, client: Client) -> None:
        assert client.get("/en/incidents/?format=xml").status_code == 400
        assert not AuditRow.objects.filter(action=AuditAction.CONSOLE_LIST_EXPORTED).exists()

    def test_a_proof_is_remembered_by_whichever_door(
        self, client: Client, incident: Incident, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        message = Message.objects.get(about=incident.subject)
        monkeypatch.setattr("senim.asoi.queries.proof_bundle", lambda _message: b"PK")
        assert taken(client, f"/en/messages/{message.pk}/proof.zip") == "PK"
        operations.export_proof(message.pk, actor=Actor.process("operator"))
        rows = AuditRow.objects.filter(action=AuditAction.ASOI_PROOF_EXPORTED, subject=message.subject)
        assert [row.actor_name for row in rows] == ["head-of-is", "operator"]

    def test_a_proof_that_does_not_exist_is_not(self, incident: Incident) -> None:
        message = Message.objects.get(about=incident.subject)
        with pytest.raises(NotDelivered):
            operations.export_proof(message.pk, actor=Actor.process("operator"))
        assert not AuditRow.objects.filter(action=AuditAction.ASOI_PROOF_EXPORTED).exists()


class TestSpreadsheets:
    """A list that is opened in one is read, and nothing in it is carried out."""

    @pytest.mark.parametrize(
        ("account", "cell"),
        [
            ("deploy", "deploy"),
            ("a-b=c", "a-b=c"),
            ("x; y", "x; y"),
            ("=1+1", "'=1+1"),
            ("＝cmd", "'＝cmd"),
            ("\t@SUM(A1)", "\t'@SUM(A1)"),
            ("x;=1+1;y", "x;'=1+1;y"),
            ("x;y;-2", "x;y;'-2"),
            ('x;"=1+1"', 'x;"\'=1+1"'),
            ("x\n+1", "x\n'+1"),
        ],
    )
    def test_what_would_be_a_formula_is_text(self, client: Client, account: str, cell: str) -> None:
        new_incident(account=account)
        assert [row["account"] for row in as_table(taken(client, "/en/incidents/?format=csv"))] == [cell]
        assert [row["account"] for row in json.loads(taken(client, "/en/incidents/?format=json"))] == [account]

    def test_its_letters_are_read_as_utf_8_and_every_cell_is_quoted(self, client: Client) -> None:
        new_incident(account="Әсел")
        head, row = taken(client, "/en/incidents/?format=csv").splitlines()
        assert head.startswith(BOM + '"number",')
        assert '"Әсел"' in row
        assert all(part.startswith('"') and part.endswith('"') for part in row.split(","))


class TestMessages:
    """The database counts."""

    @pytest.fixture
    def asked(self, client: Client) -> Callable[[], int]:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        def ask() -> int:
            with CaptureQueriesContext(connection) as context:
                taken(client, "/en/messages/?state=waiting")
            return len(context)

        return ask

    def test_the_number_of_questions_does_not_grow_with_the_list(self, asked: Callable[[], int]) -> None:
        new_incident()
        one = asked()
        for n in range(4):
            new_incident(target=f"host-{n}")
        assert asked() == one

    def test_tries_are_counted(self, client: Client, incident: Incident) -> None:
        message = Message.objects.get(about=incident.subject)
        for _ in range(3):
            Attempt.objects.create(message=message)
        assert [row["tries"] for row in json.loads(taken(client, "/en/messages/?format=json"))] == [3]


class TestIncidents:
    """The list says of each whether the regulator has all that was to be told of it."""

    @pytest.fixture
    def channel(self, instance: Instance) -> Channel:
        return Channel(Credentials.load(instance), Regulator(instance), asoi_settings(instance), bureau(instance))

    @staticmethod
    def told(client: Client) -> dict[str, str]:
        rows = json.loads(taken(client, "/en/incidents/?format=json"))
        return {row["target"]: row["told"] for row in rows}

    @staticmethod
    def deliver(channel: Channel, incident: Incident) -> Message:
        message = Message.objects.get(about=incident.subject)
        channel.seal(message)
        channel.deliver(message.pk)
        return message

    def test_where_its_messages_stand(self, client: Client, channel: Channel) -> None:
        made = {target: new_incident(target=target) for target in ("has-all", "waits", "was-refused")}
        self.deliver(channel, made["has-all"])
        first = self.deliver(channel, made["was-refused"])
        later = operations.enqueue(
            MessageKind.INCIDENT_UPDATE,
            {"type": "extent"},
            about=first.about,
            sequence=2,
            corrects=first.pk,
            actor=Actor.process("worker"),
        )
        Message.objects.filter(pk=later.pk).update(state=Message.State.REFUSED)
        assert self.told(client) == {"has-all": "delivered", "waits": "queued", "was-refused": "refused"}
        page = client.get("/en/incidents/?sort=told").content.decode()
        assert [text in page for text in ("Delivered", "Being prepared", "Refused")] == [True] * 3
