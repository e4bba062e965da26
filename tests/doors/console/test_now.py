"""*Now* says that all is in order only when every check was made and found nothing."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from senim.asoi.models import Message
from senim.audit.models import AuditRow, Unsealed
from senim.detection.models import RuleStatus, SetAside
from senim.doctor import processes
from senim.doors.console.standing import Standing, standing
from senim.events.models import Event, Handled
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.incidents.models import Incident
from senim.kit.checks import PATIENCE
from senim.kit.clock import now
from senim.oncall.models import Contact, Duty
from senim.site.database.roles import ROLES
from senim.site.processes import PROGRAMS
from senim.telemetry.models import Ledger, Notice
from senim.telemetry.notices import NoticeKind
from senim.telemetry.settings import PLATFORM
from tests.doors.console.conftest import new_alert, new_incident
from tests.staff import new_staff

pytestmark = pytest.mark.django_db
LATER = 2 * PATIENCE


@pytest.fixture
def account() -> Account:
    return new_staff(Role.HEAD_OF_IS).account


@pytest.fixture
def order(monkeypatch: pytest.MonkeyPatch) -> None:
    """A house in order: every process connected, every source read, a rule in use, an event come through."""
    monkeypatch.setattr(processes, "absent", list)  # processes of their own connect; functional tests see real ones
    for name in (PLATFORM, "sshd"):
        Ledger.objects.create(source=name, epoch="e", kind=name, host="h", lines=1, last_line_at=now() + LATER)
        Notice.objects.create(source=name, epoch="e", seq=1, kind=NoticeKind.COLLECTING)
    Event.objects.create(tag="identity:session:started", subject="account:1", at=now() - LATER)
    for kind in range(1, 7):
        file = f"{kind}.yml"
        RuleStatus.objects.create(
            key=file, file=file, line=1, state=RuleStatus.State.LOADED, kind=kind, title=file, alerts=True
        )
    new_staff(Role.ADMINISTRATOR, username="erzhan")
    head = new_staff(Role.HEAD_OF_IS, username="gulnar").account
    Contact.objects.create(account=head, phone="+77000000009")
    Duty.objects.create(account=head, since=date(2026, 1, 1))
    Unsealed.objects.all().delete()


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def seen(account: Account) -> Standing:
    """What it finds a little later: what is under way at this moment has had its time by then."""
    return standing(account, now=now() + LATER)


@pytest.mark.usefixtures("order")
def test_a_house_in_order_is_well(account: Account) -> None:
    found = seen(account)
    assert found.findings == ()
    assert found.is_well


def test_a_house_of_which_nothing_is_known_is_not(account: Account) -> None:
    found = seen(account)
    assert not found.is_well
    assert {f"The process {name} does not run" for name in processes.NAMES} <= {each.what for each in found.amiss}
    unknown = " ".join(each.what for each in found.unknown)
    assert "Nothing is known of the source “platform”" in unknown
    assert "No detection rule is in use" in unknown
    assert "No event has travelled" in unknown


def no_worker() -> None:
    """An alert of unauthorised access whose handler has not run."""
    new_alert()


def unheard() -> None:
    Event.objects.create(tag="detection:alert:raised", subject="alert:1")


def waiting_alert() -> None:
    new_alert(kind=None)


def queued_message() -> None:
    new_incident()


def unsealed_row() -> None:
    Unsealed.objects.create(row=AuditRow.objects.create(actor_kind="process", action="x", subject="x"))


def events_not_analysed() -> None:
    Ledger.objects.filter(source=PLATFORM).update(last_line_at=now() - 2 * LATER)


def unread_source() -> None:
    Notice.objects.create(source="sshd", epoch="e", seq=2, kind=NoticeKind.FILE_MISSING, at=now() + LATER)


def unspoken_source() -> None:
    Ledger.objects.filter(source="sshd").delete()
    Notice.objects.filter(source="sshd").delete()


def refused_rule() -> None:
    RuleStatus.objects.create(key="x", file="x.yml", line=1, state=RuleStatus.State.REFUSED, reason="broken")


def no_rules() -> None:
    RuleStatus.objects.all().delete()


def frame_set_aside() -> None:
    SetAside.objects.create(stream_seq=7, subject="ev.sshd", reason="no frame", size=1, sha256="00" * 32, data=b"x")


@pytest.mark.usefixtures("order")
@pytest.mark.parametrize(
    ("fault", "says", "is_known"),
    [
        (no_worker, "1 graded alert has no incident", True),
        (unheard, "1 piece of news has reached nobody yet", True),
        (waiting_alert, "1 alert waits for a person", True),
        (queued_message, "1 message is not sealed yet", True),
        (unsealed_row, "1 audit row waits for its seal", True),
        (events_not_analysed, "Events wait for analysis", True),
        (unread_source, "The source “sshd” is not in order", True),
        (unspoken_source, "Nothing is known of the source “sshd”", False),
        (refused_rule, "1 detection rule is refused", True),
        (no_rules, "No detection rule is in use", False),
        (frame_set_aside, "1 frame of lines could not be analysed", True),
    ],
)
def test_each_fault_is_found_and_led_to(account: Account, fault: Callable[[], None], says: str, is_known: bool) -> None:
    fault()
    found = seen(account)
    assert not found.is_well
    (told,) = [each for each in found.findings if says in each.what]
    assert told.is_known is is_known
    assert told.remedy


@pytest.mark.usefixtures("order")
@pytest.mark.parametrize("name", processes.NAMES)
def test_a_process_that_does_not_run_is_named(account: Account, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(processes, "absent", lambda: [name])
    assert f"The process {name} does not run" in {each.what for each in seen(account).amiss}


@pytest.mark.usefixtures("order")
def test_without_the_collector_no_source_counts_as_read(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "absent", lambda: ["collector"])
    assert {source.sight for source in seen(account).sources} == {"unknown"}


@pytest.mark.usefixtures("order")
@pytest.mark.parametrize(("after", "is_well"), [(timedelta(0), True), (timedelta(microseconds=1), False)])
def test_news_has_its_time_to_the_microsecond(account: Account, after: timedelta, is_well: bool) -> None:
    moment = now()
    new_alert(raised_at=moment)
    assert standing(account, now=moment + PATIENCE + after).is_well is is_well


@pytest.mark.usefixtures("order")
def test_what_was_heard_is_no_fault(account: Account) -> None:
    event = Event.objects.create(tag="detection:alert:raised", subject="alert:1")
    Handled.objects.create(event=event, handler="incidents.handlers.open_from_alert")
    assert seen(account).is_well


def test_the_processes_are_those_of_the_house() -> None:
    assert {*processes.NAMES, "console"} == {program.name for program in PROGRAMS}
    assert all(ROLES[name] == f"senim_{name}" for name in processes.NAMES)


def test_only_who_may_read_the_audit_log_is_led_there(order: None) -> None:
    unsealed_row()
    led = {}
    for role in Role:
        (told,) = [each for each in seen(new_staff(role).account).findings if "audit row" in each.what]
        led[role] = bool(told.address)
    assert led == {Role.ADMINISTRATOR: False, Role.ANALYST: False, Role.AUDITOR: True, Role.HEAD_OF_IS: True}


class TestPage:
    """The first page says in ten seconds what is wrong."""

    @pytest.fixture
    def client(self) -> Client:
        return new_staff(Role.HEAD_OF_IS).signs_in()

    def read(self, client: Client, address: str) -> str:
        answer = client.get(address)
        assert answer.status_code == 200, answer.content.decode()
        return answer.content.decode()

    def test_an_empty_house_says_what_would_fill_it_and_what_is_not_known(self, client: Client) -> None:
        page = self.read(client, "/en/")
        assert "No incident yet" in page
        assert "This is not known" in page
        assert "Every check was made" not in page

    @pytest.mark.usefixtures("order")
    def test_good_order_is_said(self, client: Client) -> None:
        assert "Every check was made" in self.read(client, "/en/")

    @pytest.mark.usefixtures("order")
    def test_an_incident_is_counted_and_linked(self, client: Client, incident: Incident) -> None:
        page = self.read(client, "/en/")
        assert f"/en/incidents/{incident.pk}/" in page
        assert "All is in order; a message is on its way" in page

    def test_a_late_message_is_said_first(self, client: Client, incident: Incident) -> None:
        backdate_message(incident)
        page = self.read(client, "/en/live/")
        assert page.index("This needs you") < page.index("1 message has not reached the regulator in time")
        assert page.index("1 message has not reached") < page.index("The process")

    def test_an_alert_that_waits_is_counted_and_led_to(self, client: Client) -> None:
        new_alert(kind=None)
        page = self.read(client, "/en/")
        assert "1 alert waits for a person" in page
        assert "/en/alerts/?state=waiting" in page

    def test_it_renews_itself_with_news_only(self, client: Client) -> None:
        state = re.search(r'name="state" value="(\w{64})"', self.read(client, "/en/"))
        assert state
        assert client.get(f"/en/live/?state={state[1]}").status_code == 204
        incident = new_incident()
        assert incident.number in self.read(client, f"/en/live/?state={state[1]}")

    def test_without_news_nothing_is_drawn(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        state = re.search(r'name="state" value="(\w{64})"', self.read(client, "/en/"))
        assert state

        def draw(*_: object) -> None:
            raise AssertionError("drawn")

        monkeypatch.setattr("senim.doors.console.views.now.render", draw)
        assert client.get(f"/en/live/?state={state[1]}").status_code == 204

    @pytest.mark.parametrize("link", ["?counted=real", "?counted=exercises"])
    def test_numbers_lead_to_their_rows(self, client: Client, incident: Incident, link: str) -> None:
        shown = incident.number in self.read(client, f"/en/incidents/{link}")
        assert shown is ("real" in link)


def test_its_cost_does_not_grow_with_what_waits(account: Account) -> None:
    new_incident()
    with CaptureQueriesContext(connection) as few:
        standing(account)
    for n in range(5):
        new_incident(target=f"host-{n}")
    with CaptureQueriesContext(connection) as many:
        standing(account)
    assert len(many) == len(few)


def backdate_message(incident: Incident) -> None:
    """An undelivered message of an hour ago. What was said is never changed, so a second one is written."""
    known = Message.objects.get(about=incident.subject)
    fields = {f.attname: getattr(known, f.attname) for f in Message._meta.concrete_fields}
    fields |= {"id": incident.pk, "sequence": 2, "created_at": now() - timedelta(hours=1)}
    Message.objects.create(**fields)
