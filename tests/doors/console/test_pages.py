"""What the pages say."""

import csv
import io
import re

import pytest
from django.conf import settings
from django.test import Client

from senim.asoi.models import Message
from senim.doors.console import words
from senim.doors.console.templatetags import console as filters
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.incidents.models import Incident
from senim.kit.clock import now
from tests.doors.console.conftest import LINE, new_incident
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
    return answer.content.decode()


class TestNow:
    """The first page says in ten seconds what is wrong."""

    def test_an_empty_house_says_what_would_fill_it(self, client: Client) -> None:
        assert "No incident yet" in read(client, "/en/")

    def test_an_incident_is_counted_and_linked(self, client: Client, incident: Incident) -> None:
        page = read(client, "/en/")
        assert f"/en/incidents/{incident.pk}/" in page
        assert "All is in order; a message is on its way" in page

    def test_a_late_message_is_said_first(self, client: Client, incident: Incident) -> None:
        backdate_message(incident)
        page = read(client, "/en/live/")
        assert "This needs you" in page
        assert "1 message has not reached the regulator in time" in page

    def test_it_renews_itself_with_news_only(self, client: Client) -> None:
        state = re.search(r'name="state" value="(\w{64})"', read(client, "/en/"))
        assert state
        assert client.get(f"/en/live/?state={state[1]}").status_code == 204
        incident = new_incident()
        assert incident.number in read(client, f"/en/live/?state={state[1]}")

    @pytest.mark.parametrize("link", ["?state=open&counted=real", "?counted=exercises"])
    def test_numbers_lead_to_their_rows(self, client: Client, incident: Incident, link: str) -> None:
        shown = incident.number in read(client, f"/en/incidents/{link}")
        assert shown is ("open" in link)


def backdate_message(incident: Incident) -> None:
    """An undelivered message of an hour ago. What was said is never changed, so a second one is written."""
    from datetime import timedelta

    known = Message.objects.get(about=incident.subject)
    fields = {f.attname: getattr(known, f.attname) for f in Message._meta.concrete_fields}
    fields |= {"id": incident.pk, "sequence": 2, "created_at": now() - timedelta(hours=1)}
    Message.objects.create(**fields)


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

    @pytest.mark.parametrize("query", ["kind=7", "state=lost", "sort=password", "format=xml", "counted=2"])
    def test_what_makes_no_sense_is_refused(self, client: Client, query: str) -> None:
        assert client.get(f"/en/incidents/?{query}").status_code == 400

    def test_both_exports_hold_what_the_list_shows(self, client: Client, three: list[Incident]) -> None:
        as_json = client.get("/en/incidents/?kind=3&format=json").json()
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
        for page in ("", "incidents/", f"incidents/{incident.pk}/", "messages/", f"messages/{message.pk}/", "audit/",
                     "security/", "design/"):  # fmt: skip
            assert f'<html lang="{language}">' in read(client, f"/{language}/{page}")


def test_every_word_of_the_rooms_has_a_text() -> None:
    from senim.audit.actions import AuditAction

    assert set(words.ACTIONS) == set(AuditAction)
    assert set(words.OUTCOMES) == set(words.Outcome)
    assert set(words.MESSAGE_STATES) == set(words.Message.State)
    assert set(words.MESSAGE_KINDS) == set(words.MessageKind)
    assert set(words.KINDS) == set(words.IncidentKind)


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
