"""The page of one incident: what can be done to it, who works on it, what happened; and the acts' own pages."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from senim.audit.models import AuditRow
from senim.audit.operations import Actor
from senim.identity.permissions import Role
from senim.incidents import acts, queries
from senim.incidents.models import Act, Assignment, Incident, Note, Tick
from senim.incidents.operations import open_from_alert
from senim.kit.clock import now
from tests.doors.console.conftest import LINE, new_alert, new_incident
from tests.doors.console.test_pages import read
from tests.staff import Staff, new_staff

pytestmark = pytest.mark.django_db
WORKER = Actor.process("worker")
WHY = "two people looked at the lines"


@pytest.fixture
def staff() -> Staff:
    return new_staff(Role.ANALYST)


@pytest.fixture
def client(staff: Staff) -> Client:
    return staff.signs_in()


def joined(**fields: object) -> Incident:
    return open_from_alert(new_alert(**fields), actor=WORKER)


def do(client: Client, incident: Incident, act: str, **said: object) -> Act:
    """Send the form as the page gave it, and let the worker carry it out."""
    incident.refresh_from_db()
    sent = {"seen": incident.revision, "reason": WHY, **said}
    answer = client.post(f"/en/incidents/{incident.pk}/{act}/", sent)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/en/incidents/{incident.pk}/")
    done = Act.objects.get(incident=incident, outcome=None)
    acts.take_turn(done.pk, actor=WORKER)
    assert done.outcome.refusal == ""
    incident.refresh_from_db()
    return done


class TestActs:
    """Each act says what will happen, asks for a reason, and is carried out."""

    def test_withdrawing_takes_two_clicks(self, client: Client, incident: Incident) -> None:
        assert f'href="/en/incidents/{incident.pk}/withdraw/"' in read(client, f"/en/incidents/{incident.pk}/")
        form = read(client, f"/en/incidents/{incident.pk}/withdraw/")
        assert "The regulator is told at once that this was no incident" in form
        do(client, incident, "withdraw")
        page = read(client, f"/en/incidents/{incident.pk}/")
        assert "Withdrawn" in page
        assert WHY in page
        assert f'href="/en/incidents/{incident.pk}/reinstate/"' in page
        assert f'href="/en/incidents/{incident.pk}/close/"' not in page

    def test_reinstating(self, client: Client, incident: Incident) -> None:
        do(client, incident, "withdraw")
        do(client, incident, "reinstate")
        assert incident.state == "open"

    def test_assessing_again_and_again(self, client: Client, incident: Incident) -> None:
        said = {"severity": "high", "systems": "core\n portal \n\ncore\n", "touched": ["personal"], "clients": "3"}
        do(client, incident, "assess", personal_data_breach="no", **said)
        assert incident.assessment == {
            "severity": "high", "systems": ["core", "portal"], "data": ["personal"], "clients": 3,
            "personal_data_breach": "no",
        }  # fmt: skip
        assert "core\nportal</textarea>" in read(client, f"/en/incidents/{incident.pk}/assess/")
        do(client, incident, "assess", personal_data_breach="unknown", severity="critical")
        assert incident.assessment["clients"] is None
        page = read(client, f"/en/incidents/{incident.pk}/")
        assert "critical severity" in page

    def test_the_list_is_filtered_by_severity(self, client: Client, incident: Incident) -> None:
        def listed(severity: str) -> bool:
            return incident.number in read(client, f"/en/incidents/?severity={severity}")

        assert (listed("none"), listed("high")) == (True, False)
        do(client, incident, "assess", personal_data_breach="no", severity="high")
        assert (listed("none"), listed("high"), listed("low")) == (False, True, False)

    def test_a_breach_of_personal_data_is_known_since_a_moment(self, client: Client, incident: Incident) -> None:
        known = f"{timezone.localtime(incident.first_event_at + timedelta(seconds=1)):%Y-%m-%dT%H:%M:%S}"
        do(client, incident, "assess", severity="high", personal_data_breach="yes", breach_known_at=known)
        assert f'value="{known}"' in read(client, f"/en/incidents/{incident.pk}/assess/")
        page = read(client, f"/en/incidents/{incident.pk}/")
        assert "To be told by" in page
        answer = client.post(f"/en/incidents/{incident.pk}/breach/", {"told_at": known, "reference": "letter 17"})
        assert answer.headers["Location"] == f"/en/incidents/{incident.pk}/#breach"
        assert "letter 17" in read(client, f"/en/incidents/{incident.pk}/")

    @pytest.mark.parametrize("said", [{}, {"told_at": "yesterday", "reference": "a"}, {"told_at": "2026-11-22T10:00"}])
    def test_telling_of_a_breach_says_when_and_by_what(
        self, client: Client, incident: Incident, said: dict[str, str]
    ) -> None:
        answer = client.post(f"/en/incidents/{incident.pk}/breach/", said)
        assert (answer.status_code, "incidents:breach-notice-refused" in answer.content.decode()) == (422, True)

    def test_closing(self, client: Client, incident: Incident) -> None:
        page = read(client, f"/en/incidents/{incident.pk}/")
        assert "Nobody has assessed it yet" in page
        assert "/close/" not in page
        do(client, incident, "assess", severity="low", personal_data_breach="no", clients="0")
        do(client, incident, "close", cause="a weak password", measures="it was changed")
        assert incident.state == "closed"

    def test_correcting_the_kind(self, client: Client, incident: Incident) -> None:
        form = read(client, f"/en/incidents/{incident.pk}/regrade/")
        assert 'value="2"' not in form
        do(client, incident, "regrade", kind="4")
        assert incident.kind == 4

    def test_downtime_in_the_time_of_almaty(self, client: Client, incident: Incident) -> None:
        done = do(client, incident, "downtime", began="2026-11-22T10:00", ended="2026-11-22T11:01")
        assert done.deed["began"] == "2026-11-22T10:00:00+05:00"

    def test_merging(self, client: Client, incident: Incident) -> None:
        other = new_incident(target="db-01")
        assert other.number in read(client, f"/en/incidents/{incident.pk}/merge/")
        do(client, incident, "merge", into=str(other.pk))
        page = read(client, f"/en/incidents/{incident.pk}/")
        assert "It is part of another incident" in page
        assert "Its alerts have moved to another incident." in page
        assert LINE in read(client, f"/en/incidents/{other.pk}/evidence/")
        assert "Alert joined" in read(client, f"/en/incidents/{other.pk}/history/")

    def test_splitting(self, client: Client, incident: Incident) -> None:
        assert f"/{incident.pk}/split/" not in read(client, f"/en/incidents/{incident.pk}/")
        joined(account="root")
        second = queries.alerts_of(incident)[1]
        assert str(second.pk) in read(client, f"/en/incidents/{incident.pk}/split/")
        do(client, incident, "split", alerts=[str(second.pk)])
        part = incident.split_off.get()
        assert "It was split off another incident" in read(client, f"/en/incidents/{part.pk}/")

    def test_while_an_act_waits_for_its_turn_the_page_says_so_and_offers_none(
        self, client: Client, incident: Incident
    ) -> None:
        client.post(f"/en/incidents/{incident.pk}/withdraw/", {"seen": 0, "reason": WHY})
        page = read(client, f"/en/incidents/{incident.pk}/")
        assert "An act is being carried out" in page
        assert "/close/" not in page

    def test_of_two_analysts_one_looks_again(self, client: Client, incident: Incident) -> None:
        do(client, incident, "regrade", kind="4")
        answer = client.post(f"/en/incidents/{incident.pk}/withdraw/", {"seen": 0, "reason": WHY})
        assert answer.status_code == 409
        assert "incidents:somebody-was-faster" in answer.content.decode()

    def test_an_act_that_was_overtaken_says_why(self, client: Client, incident: Incident) -> None:
        other = new_incident(target="db-01")
        client.post(f"/en/incidents/{incident.pk}/merge/", {"seen": 0, "reason": WHY, "into": str(other.pk)})
        do(client, other, "withdraw")
        acts.take_turn(Act.objects.get(incident=incident).pk, actor=WORKER)
        page = read(client, f"/en/incidents/{incident.pk}/")
        assert "Not carried out: overtaken by another act" in page
        assert "Choose an incident that is open" in page

    @pytest.mark.parametrize(
        ("act", "said"),
        [
            ("withdraw", {"reason": ""}),
            ("assess", {"reason": WHY, "personal_data_breach": "no"}),
            ("assess", {"reason": WHY, "severity": "low", "personal_data_breach": "yes"}),
            (
                "assess",
                {
                    "reason": WHY,
                    "severity": "low",
                    "personal_data_breach": "yes",
                    "breach_known_at": "2026-01-01T10:00",
                },
            ),
            ("assess", {"reason": WHY, "severity": "grave", "personal_data_breach": "no"}),
            ("assess", {"reason": WHY, "severity": "low", "personal_data_breach": "no", "clients": "-1"}),
            (
                "assess",
                {
                    "reason": WHY,
                    "severity": "low",
                    "personal_data_breach": "no",
                    "systems": "\n".join(map(str, range(51))),
                },
            ),
            ("close", {"reason": WHY, "cause": "", "measures": "m"}),
            ("regrade", {"reason": WHY, "kind": "2"}),
            ("regrade", {"reason": WHY, "kind": "7"}),
            ("merge", {"reason": WHY, "into": "nobody"}),
            ("split", {"reason": WHY}),
            ("downtime", {"reason": WHY, "began": "yesterday", "ended": ""}),
        ],
        ids=str,
    )
    def test_a_form_that_says_too_little_does_nothing(
        self, client: Client, incident: Incident, act: str, said: dict[str, str]
    ) -> None:
        answer = client.post(f"/en/incidents/{incident.pk}/{act}/", {"seen": 0, **said})
        assert answer.status_code == 200
        assert 'class="error"' in answer.content.decode()
        assert not Act.objects.exists()

    def test_without_a_fresh_code_the_way_leads_to_it(
        self, client: Client, incident: Incident, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("senim.identity.guard.FRESH_SECONDS", 0)
        answer = client.get(f"/en/incidents/{incident.pk}/withdraw/")
        assert answer.headers["Location"].startswith("/en/security/code/?next=")
        client.post(f"/en/incidents/{incident.pk}/withdraw/", {"seen": 0, "reason": WHY})
        assert not Act.objects.exists()


class TestWork:
    """Notes, who has it, steps of containment: nothing of it is told to the regulator."""

    def test_a_note_is_plain_text(self, client: Client, incident: Incident) -> None:
        text = "<b>saw it</b>\nasked the owner"
        answer = client.post(f"/en/incidents/{incident.pk}/note/", {"text": text})
        assert answer.headers["Location"] == f"/en/incidents/{incident.pk}/#notes"
        page = read(client, f"/en/incidents/{incident.pk}/")
        assert "&lt;b&gt;saw it&lt;/b&gt;\nasked the owner" in page
        row = AuditRow.objects.get(action="incidents:note:written")
        assert "saw it" not in str(row.detail)

    def test_an_empty_note_is_refused(self, client: Client, incident: Incident) -> None:
        assert client.post(f"/en/incidents/{incident.pk}/note/", {"text": " \n"}).status_code == 422
        assert not Note.objects.exists()

    def test_taking_giving_and_giving_up(self, client: Client, incident: Incident, staff: Staff) -> None:
        head = new_staff(Role.HEAD_OF_IS, full_name="Head of it")
        for to in (staff.account.username, head.account.username, ""):
            client.post(f"/en/incidents/{incident.pk}/assign/", {"to": to})
            held = queries.incidents().get(pk=incident.pk).assignee
            assert held == to
        assert Assignment.objects.count() == 3

    def test_nobody_who_may_not_work_on_incidents_is_given_one(self, client: Client, incident: Incident) -> None:
        auditor = new_staff(Role.AUDITOR)
        answer = client.post(f"/en/incidents/{incident.pk}/assign/", {"to": auditor.account.username})
        assert answer.status_code == 403
        assert client.post(f"/en/incidents/{incident.pk}/assign/", {"to": "stranger"}).status_code == 404
        assert not Assignment.objects.exists()

    def test_a_step_is_ticked_and_the_tick_taken_back(self, client: Client, incident: Incident) -> None:
        for done in ("yes", "no"):
            client.post(f"/en/incidents/{incident.pk}/tick/", {"step": "access-account", "done": done})
        assert list(Tick.objects.values_list("is_done", flat=True)) == [True, False]
        assert "Disable the account and end its sessions" in read(client, f"/en/incidents/{incident.pk}/")

    @pytest.mark.parametrize(("step", "status"), [("denial-filter", 404), ("nothing", 404)])
    def test_a_step_of_another_kind_is_refused(
        self, client: Client, incident: Incident, step: str, status: int
    ) -> None:
        answer = client.post(f"/en/incidents/{incident.pk}/tick/", {"step": step, "done": "yes"})
        assert answer.status_code == status
        assert not Tick.objects.exists()

    @pytest.mark.parametrize("act", ["note", "assign", "tick"])
    def test_looking_changes_nothing(self, client: Client, incident: Incident, act: str) -> None:
        assert client.get(f"/en/incidents/{incident.pk}/{act}/").status_code == 405


class TestReading:
    """Long things are read page by page, and taken out whole."""

    def test_evidence_line_by_line(self, client: Client) -> None:
        lines = [
            {"source": "s", "epoch": "e", "seq": n, "at": "", "sha256": f"{n:064x}", "text": f"line {n}."}
            for n in range(60)
        ]
        incident = new_incident(evidence=lines)
        first, second = (read(client, f"/en/incidents/{incident.pk}/evidence/?page={n}") for n in (1, 2))
        assert ("line 49." in first, "line 50." in first) == (True, False)
        assert ("line 49." in second, "line 50." in second) == (False, True)
        assert f"/en/alerts/{queries.alerts_of(incident)[0].pk}/" in second

    def test_parties_by_role_and_as_a_file(self, client: Client, incident: Incident) -> None:
        joined(actor="198.51.100.7")
        page = read(client, f"/en/incidents/{incident.pk}/parties/?role=actor")
        assert "198.51.100.7" in page
        assert "app-01.ulgi.kz" not in page
        told = json.loads(client.get(f"/en/incidents/{incident.pk}/parties/?role=actor&format=json").getvalue())
        assert {each["name"]: each["told_in"] for each in told} == {"203.0.113.24": 1, "198.51.100.7": None}

    def test_everybody_reads_and_only_who_may_acts(self, incident: Incident) -> None:
        for role in (Role.AUDITOR, Role.ADMINISTRATOR):
            page = read(new_staff(role).signs_in(), f"/en/incidents/{incident.pk}/")
            assert "/withdraw/" not in page
            assert "Write it down" not in page


class TestTheList:
    """By state, by who has it, and by whether they count."""

    def test_what_was_withdrawn_counts_no_more_and_stays(self, client: Client, incident: Incident) -> None:
        assert incident.number in read(client, "/en/incidents/?counted=real")
        do(client, incident, "withdraw")
        assert incident.number not in read(client, "/en/incidents/?counted=real")
        assert incident.number in read(client, "/en/incidents/?state=withdrawn")
        assert incident.number not in read(client, "/en/incidents/?state=open")

    def test_by_who_has_it(self, client: Client, incident: Incident, staff: Staff) -> None:
        name = staff.account.username
        assert incident.number in read(client, "/en/incidents/?assignee=-")
        assert incident.number not in read(client, f"/en/incidents/?assignee={name}")
        client.post(f"/en/incidents/{incident.pk}/assign/", {"to": name})
        assert incident.number not in read(client, "/en/incidents/?assignee=-")
        assert incident.number in read(client, f"/en/incidents/?assignee={name}")

    def test_an_attacker_who_came_later_is_found(self, client: Client, incident: Incident) -> None:
        joined(actor="198.51.100.7", last_at=now() + timedelta(seconds=1))
        assert incident.number in read(client, "/en/incidents/?q=198.51.100.7")
