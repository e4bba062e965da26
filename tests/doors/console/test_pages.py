"""What the pages say."""

import csv
import io
import json

import pytest
from django.conf import settings
from django.test import Client

from senim.asoi.models import Message
from senim.audit.operations import Actor
from senim.doors.console import words
from senim.doors.console.templatetags import console as filters
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.incidents.models import Incident
from senim.incidents.operations import open_from_alert
from senim.kit.clock import now
from tests.doors.console.conftest import LINE, new_alert, new_incident
from tests.staff import Staff, new_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Staff:
    return new_staff(Role.HEAD_OF_IS)


@pytest.fixture
def client(staff: Staff) -> Client:
    return staff.signs_in()


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content.decode()
    return answer.getvalue().decode()


class TestIncident:
    """One incident, from first event to receipt."""

    def test_it_shows_evidence_clause_and_timeline(self, client: Client, incident: Incident) -> None:
        page = read(client, f"/en/incidents/{incident.pk}/")
        for text in (LINE, "R228/81-1(2)", "First event", "Receipt from the regulator", "not yet"):
            assert text in page

    def test_evidence_is_shown_and_never_run(self, client: Client) -> None:
        incident = new_incident(
            evidence=[{"source": "s", "epoch": "e", "seq": 1, "at": "", "sha256": "", "text": "<script>x</script>"}]
        )
        assert "&lt;script&gt;x&lt;/script&gt;" in read(client, f"/en/incidents/{incident.pk}/")

    def test_every_account_is_named_and_those_the_regulator_does_not_know_are_marked(self, client: Client) -> None:
        incident = new_incident()
        assert "not told of yet" not in read(client, f"/en/incidents/{incident.pk}/")
        open_from_alert(new_alert(account="root"), actor=Actor.process("worker"))
        page = read(client, f"/en/incidents/{incident.pk}/")
        assert page.count("not told of yet") == 1
        assert "2 in all" in read(client, "/en/incidents/?q=ROOT")

    def test_an_unknown_one_is_not_found(self, client: Client, staff: Staff) -> None:
        assert client.get(f"/en/incidents/{staff.account.pk}/").status_code == 404


class TestLists:
    """Filter, sort, page and export stand in the address."""

    @pytest.fixture
    def three(self) -> list[Incident]:
        return [new_incident(target=f"host-{n}.ulgi.kz", kind=n) for n in (1, 2, 3)]

    def test_a_filter_keeps_what_matches(self, client: Client, three: list[Incident]) -> None:
        page = read(client, "/en/incidents/?kind=2&q=ULGI")
        assert [incident.number in page for incident in three] == [False, True, False]

    @pytest.mark.usefixtures("three")
    def test_sorting_turns_round(self, client: Client) -> None:
        up, down = read(client, "/en/incidents/?sort=target"), read(client, "/en/incidents/?sort=-target")
        assert up.index("host-1") < up.index("host-3")
        assert down.index("host-3") < down.index("host-1")

    @pytest.mark.parametrize("query", ["kind=7", "sort=password", "format=xml", "counted=2"])
    def test_what_makes_no_sense_is_refused(self, client: Client, query: str) -> None:
        assert client.get(f"/en/incidents/?{query}").status_code == 400

    def test_both_exports_hold_what_the_list_shows(self, client: Client, three: list[Incident]) -> None:
        as_json = json.loads(read(client, "/en/incidents/?kind=3&format=json"))
        assert [row["number"] for row in as_json] == [three[2].number]
        as_csv = list(csv.DictReader(io.StringIO(read(client, "/en/incidents/?kind=3&format=csv"))))
        assert as_csv[0]["opened_at"] == as_json[0]["opened_at"]

    def test_a_cell_is_no_formula(self, client: Client) -> None:
        new_incident(target="=HYPERLINK(1)")
        rows = list(csv.DictReader(io.StringIO(read(client, "/en/incidents/?format=csv"))))
        assert rows[0]["target"] == "'=HYPERLINK(1)"

    @pytest.mark.usefixtures("three")
    def test_pages_follow_each_other(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("senim.doors.console.lists.PAGE", 2)
        assert "1–2 of 3" in read(client, "/en/incidents/")
        assert "3–3 of 3" in read(client, "/en/incidents/?page=2")

    def test_audit_rows_are_filtered_by_act(self, client: Client, incident: Incident) -> None:
        page = read(client, "/en/audit/?action=incidents:incident:opened")
        assert f"incident:{incident.pk}" in page
        assert "Signed in</td>" not in page


class TestMessages:
    """What the regulator is told."""

    def test_the_list_names_incident_and_state(self, client: Client, incident: Incident) -> None:
        page = read(client, "/en/messages/?state=waiting")
        assert incident.number in page
        assert "Being prepared" in page

    def test_an_unsealed_message_says_so(self, client: Client, incident: Incident) -> None:
        message = Message.objects.get(about=incident.subject)
        page = read(client, f"/en/messages/{message.pk}/")
        assert "It is not sealed yet" in page
        assert "Without a receipt nothing counts as delivered" in page

    @pytest.mark.parametrize("by_itself", [False, True])
    def test_a_file_says_who_carries_it(
        self, client: Client, incident: Incident, monkeypatch: pytest.MonkeyPatch, by_itself: bool
    ) -> None:
        monkeypatch.setattr("senim.asoi.queries.files_go_by_themselves", lambda: by_itself)
        message = Message.objects.get(about=incident.subject)
        Message.objects.filter(pk=message.pk).update(state=Message.State.SEALED, sealed=b"x")
        Message.objects.filter(pk=message.pk).update(state=Message.State.EXPORTED, exported_at=now())
        page = read(client, f"/en/messages/{message.pk}/")
        assert "carry this file to it" in page
        assert ("Files are carried by themselves here" in page) is by_itself

    def test_there_is_no_proof_without_a_receipt(self, client: Client, incident: Incident) -> None:
        message = Message.objects.get(about=incident.subject)
        answer = client.get(f"/en/messages/{message.pk}/proof.zip")
        assert answer.status_code >= 400
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"


class TestLanguage:
    """The language stands in the address and is remembered."""

    def test_the_same_page_in_another_language(self, client: Client, staff: Staff) -> None:
        answer = client.post("/language/", {"language": "ru", "next": "/kk/incidents/?kind=2"})
        assert answer.headers["Location"] == "/ru/incidents/?kind=2"
        assert Account.objects.get(pk=staff.account.pk).language == "ru"
        assert client.get("/").headers["Location"] == "/ru/"

    def test_a_foreign_address_is_not_followed(self, client: Client) -> None:
        answer = client.post("/language/", {"language": "ru", "next": "https://evil.example/kk/"})
        assert answer.headers["Location"] == "/ru/"

    @pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
    def test_every_page_opens_in_every_language(self, client: Client, incident: Incident, language: str) -> None:
        message = Message.objects.get(about=incident.subject)
        for page in ("", "alerts/", "aside/", "incidents/", f"incidents/{incident.pk}/", "messages/",
                     f"messages/{message.pk}/", "audit/",
                     "security/", "design/"):  # fmt: skip
            assert f'<html lang="{language}">' in read(client, f"/{language}/{page}")


def test_every_word_of_the_rooms_has_a_text() -> None:
    from senim.audit.actions import AuditAction

    assert set(words.ACTIONS) == set(AuditAction)
    assert set(words.OUTCOMES) == set(words.Outcome)
    assert set(words.MESSAGE_STATES) == set(words.Message.State)
    assert set(words.MESSAGE_KINDS) == set(words.MessageKind)
    assert set(words.KINDS) == set(words.IncidentKind)
    assert set(words.ALERT_STATES) == set(words.AlertState)
    assert set(words.SIGHTS) == set(words.Sight)


@pytest.mark.parametrize(
    ("seconds", "language", "text"),
    [
        (0.421, "kk", "0,42 с"),
        (0.421, "en", "0.42 s"),
        (59.94, "ru", "59,9 с"),
        (60, "ru", "1 мин 0 с"),
        (3599, "en", "59 min 59 s"),
        (3600, "kk", "1 сағ 0 мин"),
        (86400 * 2 + 3600, "ru", "2 дня 1 ч"),
    ],
)
def test_durations_are_written_as_people_write_them(seconds: float, language: str, text: str) -> None:
    from datetime import timedelta

    from django.utils import translation

    with translation.override(language):
        assert filters.duration(timedelta(seconds=seconds)) == text.replace(" ", "\N{NO-BREAK SPACE}")
