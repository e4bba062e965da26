"""*On call* and *Doctor* in the console: who is woken, who answers, who may change the list."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from django.test import Client
from django.utils import translation

from senim.audit.models import AuditRow
from senim.events.models import Event
from senim.identity.permissions import Role
from senim.oncall import operations, roster
from senim.oncall.models import Cause, Contact, Duty
from tests.doors.console.conftest import new_incident
from tests.oncall.conftest import TESTER
from tests.processes import Processes
from tests.staff import Staff, new_staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def head() -> Staff:
    return new_staff(Role.HEAD_OF_IS)


@pytest.fixture
def analyst() -> Staff:
    """On call, reached by SMS and mail."""
    staff = new_staff(Role.ANALYST, full_name="Айгерім")
    Contact.objects.create(account=staff.account, phone="+77000000001", email="aigerim@ulgi.example")
    roster.add_duty(staff.account, place=1, since=date(2026, 1, 1), until=None, every_weeks=1, actor=TESTER)
    return staff


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (answer.status_code, answer.headers.get("Location"))
    return answer.content.decode()


def woken() -> Cause:
    cause = operations.wake_for_incident(new_incident())
    assert cause is not None
    return cause


class TestAnswering:
    """Two clicks: the link in the page, and the button."""

    def test_who_opens_the_link_answers_by_one_button(self, analyst: Staff) -> None:
        cause, client = woken(), analyst.signs_in()
        address = f"/en/oncall/pages/{cause.pages.get().pk}/"
        page = read(client, address)
        assert "Nobody is on it yet" in page
        (form,) = re.findall(r'<form method="post" action="([^"]+/answer/)"', page)
        assert client.post(form).headers["Location"] == address
        assert "Айгерім is on it" in read(client, address)
        cause.refresh_from_db()
        assert cause.answered_by == analyst.account

    def test_who_is_late_is_told_by_whom(self, analyst: Staff, head: Staff) -> None:
        cause, client = woken(), analyst.signs_in()
        operations.answer(head.account, cause)
        answer = client.post(f"/en/oncall/pages/{cause.pages.get().pk}/answer/")
        assert answer.status_code == 409
        assert "it says who is on it" in answer.content.decode()

    @pytest.mark.refusal
    @pytest.mark.usefixtures("analyst")
    def test_an_auditor_sees_no_button_and_answers_nothing(self) -> None:
        cause, client = woken(), new_staff(Role.AUDITOR).signs_in()
        address = f"/en/oncall/pages/{cause.pages.get().pk}/"
        assert "I am on it" not in read(client, address)
        assert client.post(f"{address}answer/").status_code == 403
        cause.refresh_from_db()
        assert cause.is_open

    def test_now_leads_to_what_nobody_answered(self, analyst: Staff) -> None:
        cause, client = woken(), analyst.signs_in()
        page = read(client, "/en/")
        assert "1 person was woken and nobody has answered yet" in page
        assert "/en/oncall/pages/?state=open" in page
        assert cause.number in read(client, "/en/oncall/pages/?state=open")
        operations.answer(analyst.account, cause)
        assert "nobody has answered" not in read(client, "/en/")
        assert cause.number not in read(client, "/en/oncall/pages/?state=open")
        assert cause.number in read(client, "/en/oncall/pages/?state=answered")

    def test_the_incident_s_page_says_who_was_woken(self, analyst: Staff, head: Staff) -> None:
        client = head.signs_in()
        quiet = new_incident(target="quiet")
        assert "Nobody was woken" in read(client, f"/en/incidents/{quiet.pk}/")
        cause = woken()
        address = f"/en/incidents/{cause.subject.partition(':')[2]}/"
        assert "Айгерім" in read(client, address)
        operations.answer(analyst.account, cause)
        assert "Answered" in read(client, address)


class TestList:
    """Seen by all staff, changed by few and with a fresh code, telling nobody how people are reached."""

    @pytest.mark.usefixtures("analyst")
    def test_no_number_and_no_address_is_shown(self) -> None:
        page = read(new_staff(Role.AUDITOR).signs_in(), "/en/oncall/")
        assert "Айгерім" in page
        assert "SMS → E-mail" in page
        assert not any(part in page for part in ("+7700", "ulgi.example"))

    @pytest.mark.usefixtures("analyst")
    def test_somebody_is_put_on_it_and_taken_off(self, head: Staff) -> None:
        client = head.signs_in()
        read(client, "/en/oncall/add/")
        wish = {"account": str(head.account.pk), "place": 2, "since": "2026-03-02", "until": "", "every_weeks": 3}
        assert client.post("/en/oncall/add/", wish).headers["Location"] == "/en/oncall/"
        line = Duty.objects.get(account=head.account)
        assert (line.place, line.since, line.every_weeks) == (2, date(2026, 3, 2), 3)
        assert "one week in 3" in read(client, "/en/oncall/")
        read(client, f"/en/oncall/duties/{line.pk}/end/")
        client.post(f"/en/oncall/duties/{line.pk}/end/")
        line.refresh_from_db()
        assert line.ended_at is not None
        acts = AuditRow.objects.filter(action__startswith="oncall:duty:", actor_id=str(head.account.pk))
        assert [row.action for row in acts] == ["oncall:duty:added", "oncall:duty:ended"]
        assert client.get(f"/en/oncall/duties/{line.pk}/end/").status_code == 404

    @pytest.mark.parametrize("wrong", [{"place": "0"}, {"since": ""}, {"until": "2026-03-01"}, {"every_weeks": "99"}])
    def test_a_line_that_makes_no_sense_is_shown_with_what_is_wrong(self, head: Staff, wrong: dict[str, str]) -> None:
        wish = {"account": str(head.account.pk), "place": "2", "since": "2026-03-02", "until": "", "every_weeks": "3"}
        answer = head.signs_in().post("/en/oncall/add/", {**wish, **wrong})
        assert answer.status_code == 200
        assert 'class="error"' in answer.content.decode() or "notice-bad" in answer.content.decode()
        assert not Duty.objects.exists()

    @pytest.mark.refusal
    def test_who_may_not_answer_is_not_put_on_it(self, head: Staff) -> None:
        auditor = new_staff(Role.AUDITOR).account
        wish = {"account": str(auditor.pk), "place": "2", "since": "2026-03-02", "until": "", "every_weeks": "1"}
        assert head.signs_in().post("/en/oncall/add/", wish).status_code == 200
        assert not Duty.objects.exists()

    def test_a_contact_is_kept_and_the_audit_log_names_ways_only(self, head: Staff, analyst: Staff) -> None:
        client, address = head.signs_in(), f"/en/oncall/contacts/{analyst.account.pk}/"
        assert "+77000000001" in read(client, address)
        client.post(address, {"phone": "+77000000005", "email": "", "webhook": ""})
        assert Contact.objects.get(account=analyst.account).phone == "+77000000005"
        row = AuditRow.objects.get(action="oncall:contact:changed")
        assert row.detail == {"ways": ["phone"]}

    @pytest.mark.refusal
    @pytest.mark.parametrize(
        "wrong",
        [
            {"phone": "87010000000"},
            {"phone": "+7701000000a"},
            {"email": "nobody"},
            {"email": "a@b.example\r\nBcc: c@d.example"},
            {"webhook": "http://127.0.0.1/x"},
            {"webhook": "https://elsewhere.example/x"},
        ],
    )
    def test_an_unusable_one_is_refused_by_name(self, head: Staff, analyst: Staff, wrong: dict[str, str]) -> None:
        right = {"phone": "+77000000005", "email": "a@ulgi.example", "webhook": ""}
        answer = head.signs_in().post(f"/en/oncall/contacts/{analyst.account.pk}/", {**right, **wrong})
        assert answer.status_code == 200
        assert 'class="error"' in answer.content.decode()
        assert Contact.objects.get().phone == "+77000000001"

    @pytest.mark.refusal
    @pytest.mark.usefixtures("analyst")
    def test_without_a_fresh_code_nothing_is_changed(self, head: Staff) -> None:
        client = head.signs_in()
        session = client.session
        for record in session["account_authentication_methods"]:
            record["at"] -= 600
        session.save()
        line = Duty.objects.get()
        for address in ("/en/oncall/add/", f"/en/oncall/duties/{line.pk}/end/"):
            answer = client.post(address)
            assert (answer.status_code, answer.headers["Location"]) == (302, "/en/security/code/")
        line.refresh_from_db()
        assert line.ended_at is None


class TestTestPage:
    """Anybody who can be woken can see whether pages arrive."""

    def test_it_is_asked_for_by_a_button(self, analyst: Staff) -> None:
        client = analyst.signs_in()
        assert "Send me a test page" in read(client, "/en/oncall/")
        assert client.post("/en/oncall/test/").headers["Location"] == "/en/oncall/?tested=yes"
        assert Event.objects.get(tag="oncall:test:asked").payload == {"account": str(analyst.account.pk)}
        assert "A test page is on its way to you" in read(client, "/en/oncall/?tested=yes")

    @pytest.mark.refusal
    def test_without_a_way_it_says_so(self, head: Staff) -> None:
        client = head.signs_in()
        assert "There is no way to reach you" in read(client, "/en/oncall/")
        assert client.post("/en/oncall/test/").status_code == 409


class TestDoctor:
    """The same checks as *Now* and the command, all of them, also those that are well."""

    def test_every_check_is_shown_and_what_only_the_machine_can_see_is_said(
        self, head: Staff, processes: Processes
    ) -> None:
        from senim.doctor.collection import HOUSE
        from senim.doctor.machine import ABOUT

        processes.end("sealer")
        page = read(head.signs_in(), "/en/doctor/")
        for about in [*(check.about for check in HOUSE), *ABOUT]:
            assert str(about).replace("'", "&#x27;") in page
        assert "The process sealer does not run" in page
        assert "PostgreSQL answers and keeps what it confirms." in page
        assert "senim doctor" in page


def test_lists_export_no_addresses(analyst: Staff) -> None:
    woken()
    client = analyst.signs_in()
    answer = client.get("/en/oncall/pages/?format=json")
    told = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert '"who": "Айгерім"' in told
    assert not any(part in told for part in ("+7700", "ulgi.example"))
