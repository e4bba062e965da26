"""*Now* says that all is in order only when every check was made and found nothing."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from senim.asoi.models import Message
from senim.audit.models import AuditRow, Unsealed
from senim.availability.models import Outage, Sample
from senim.availability.settings import watched
from senim.availability.thresholds import WARNING
from senim.detection.models import RuleFile, RuleStatus, SetAside
from senim.doors.console.standing import Standing, standing
from senim.event_feed.models import Place
from senim.events.models import Event, Handled
from senim.history import standing as history_standing
from senim.history.history import PROCESS
from senim.history.internal.table import TABLE, Table
from senim.history.standing import Standing as HistoryStanding
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.incidents.models import Incident
from senim.kit.checks import PATIENCE
from senim.kit.clock import now
from senim.kit.instance import Instance
from senim.oncall.models import Contact, Duty
from senim.oncall.queries import PAGER
from senim.pulse.models import Beat
from senim.pulse.queries import NAMES, SILENT_AFTER
from senim.telemetry.models import Gap, Ledger, Notice, SeenLoss
from senim.telemetry.notices import NoticeKind
from senim.telemetry.settings import PLATFORM
from tests.doors.console.conftest import new_alert, new_incident
from tests.history.writing import frame, rows
from tests.processes import Processes, beat_at
from tests.reading import read_until
from tests.staff import new_staff

pytestmark = pytest.mark.django_db
LATER = 2 * PATIENCE
MOMENT = timedelta(microseconds=1)
STATE = Path(os.environ["SENIM_HOME"]) / "state" / PROCESS


@pytest.fixture
def account() -> Account:
    return new_staff(Role.HEAD_OF_IS).account


@pytest.fixture
def order(processes: Processes, instance: Instance, history: Table) -> None:
    """A house in order.

    Every process and the pager at work, each source read and analysed, each service up, a rule in use for each kind, an
    event come, somebody on call.
    """
    moment = now() + LATER
    read_until(instance, moment, begun_at=now() - LATER)
    Beat.objects.create(process=PAGER[0], part=PAGER[1], at=moment)
    Event.objects.create(tag="identity:session:started", subject="account:1", at=now() - LATER)
    for kind in range(1, 7):
        file = f"{kind}.yml"
        needs = {"least": 1, "of": ["sshd", "auditd"]}
        RuleStatus.objects.create(
            key=file, file=file, line=1, state=RuleStatus.State.LOADED, kind=kind, title=file, alerts=True, needs=needs
        )
    for service in watched(instance).services:
        Sample.objects.create(service=service.name, at=now() + LATER, is_up=True, seq=1)
    new_staff(Role.ADMINISTRATOR, username="erzhan")
    head = new_staff(Role.HEAD_OF_IS, username="gulnar").account
    Contact.objects.create(account=head, phone="+77000000009")
    Duty.objects.create(account=head, since=date(2026, 1, 1))
    Place.objects.create(source="platform", epoch="e1", read_until=moment)
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
    assert {f"The process {name} does not run" for name in NAMES} <= {each.what for each in found.amiss}
    unknown = " ".join(each.what for each in found.unknown)
    assert re.search("Nothing is known of the sources [^.]*“platform”[^.]*“sshd”", unknown)
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


def unanalysed_source() -> None:
    Ledger.objects.filter(source="sshd").update(read_until=now() - LATER)


def all_unanalysed() -> None:
    Ledger.objects.update(read_until=now() - LATER)


def source_not_come_round_to() -> None:
    Beat.objects.filter(part="sshd").update(at=now() - LATER)


def lost_lines() -> None:
    Notice.objects.create(source="sshd", epoch="e", seq=1, kind=NoticeKind.TRUNCATED)


def missing_numbers() -> None:
    Gap.objects.create(ledger=Ledger.objects.get(source="sshd"), first=4, last=9)


def unread_source() -> None:
    Notice.objects.create(source="sshd", epoch="e", seq=2, kind=NoticeKind.FILE_MISSING, at=now() + LATER)


def unspoken_source() -> None:
    Ledger.objects.filter(source="sshd").delete()
    Notice.objects.filter(source="sshd").delete()


def refused_rule() -> None:
    RuleStatus.objects.create(key="x", file="x.yml", line=1, state=RuleStatus.State.REFUSED, reason="broken")


def no_rules() -> None:
    RuleStatus.objects.all().delete()


def lines_missing_from_history() -> None:
    """Detection accepted three lines; the history holds the third alone."""
    Ledger.objects.filter(source="sshd").update(next_seq=4, lines=3)
    Table(STATE).append(rows(frame(3, ["a line"], epoch="e")))


def history_behind() -> None:
    history_standing.write(STATE, HistoryStanding(now() - history_standing.PATIENCE))


def history_of_which_nothing_is_known() -> None:
    history_standing.write(STATE, HistoryStanding())


def history_without_room() -> None:
    history_standing.write(STATE, HistoryStanding(now(), has_room=False))


def no_history() -> None:
    shutil.rmtree(STATE / TABLE)


def service_down() -> None:
    new_outage(now())


def service_long_down() -> None:
    """As long as the warning, and nobody has said why."""
    new_outage(now() - WARNING)


def new_outage(began: datetime) -> None:
    Outage.objects.create(
        service="console",
        began_at=began,
        last_down_at=now(),
        downs=1,
        returns=0,
        unseen=timedelta(0),
        ended_unseen=False,
    )


def service_not_measured() -> None:
    Sample.objects.filter(service="console").delete()


def unwatched_kind() -> None:
    RuleStatus.objects.filter(kind=5).delete()


def kind_that_sees_nothing() -> None:
    RuleStatus.objects.filter(kind=5).update(needs={"least": 1, "of": ["payments-of-nobody"]})


def removed_rule_file() -> None:
    RuleFile.objects.create(file="bureau/sshd/own.yml", loaded="aa" * 32)


def changed_rule_file() -> None:
    RuleFile.objects.create(file="bureau/sshd/own.yml", loaded="aa" * 32, found="bb" * 32)


def added_rule_file() -> None:
    RuleFile.objects.create(file="bureau/sshd/own.yml", found="bb" * 32)


def nobody_on_call() -> None:
    Duty.objects.update(ended_at=now())


def pager_stands_still() -> None:
    Beat.objects.filter(process=PAGER[0], part=PAGER[1]).update(at=now() - LATER)


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
        (unanalysed_source, "What is read of the source “sshd” is not analysed since", True),
        (source_not_come_round_to, "The source “sshd” is not in order since", True),
        (lost_lines, "1 loss of lines of the source “sshd” waits for a person", True),
        (missing_numbers, "1 loss of lines of the source “sshd” waits for a person", True),
        (unspoken_source, "Nothing is known of the source “sshd”", False),
        (refused_rule, "1 detection rule is refused", True),
        (no_rules, "No detection rule is in use", False),
        (lines_missing_from_history, "2 lines are missing from the event history", True),
        (history_behind, "The event history is behind", True),
        (history_of_which_nothing_is_known, "The event history is behind", False),
        (history_without_room, "The event history is behind", True),
        (no_history, "There is no event history yet", False),
        (frame_set_aside, "1 frame of lines could not be analysed", True),
        (service_down, "“Console of the security office” does not answer: 0 min", True),
        (service_long_down, "“Console of the security office” does not answer: 45 min", True),
        (service_not_measured, "Nothing is known of the service “Console of the security office”", False),
        (unwatched_kind, "No rule in use watches for 1 kind of incident: R228/81-1(5)", True),
        (kind_that_sees_nothing, "The rules for 1 kind of incident see nothing: R228/81-1(5)", True),
        (removed_rule_file, "1 rule file was removed since detection read it: bureau/sshd/own.yml", True),
        (changed_rule_file, "1 rule file was changed since detection read it: bureau/sshd/own.yml", True),
        (added_rule_file, "1 rule file was added and is not in use yet: bureau/sshd/own.yml", True),
        (nobody_on_call, "Nobody is on call", True),
        (pager_stands_still, "Who wakes people does not come round", True),
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
@pytest.mark.parametrize(
    ("fault", "says", "address"),
    [
        (unread_source, "The source “sshd”", "/en/sources/sshd/"),
        (lost_lines, "of the source “sshd”", "/en/sources/sshd/"),
        (all_unanalysed, "is not analysed", "/en/sources/"),
        (service_down, "does not answer", "/en/services/console/"),
        (service_long_down, "does not answer", "/en/services/console/"),
        (service_not_measured, "of the service", "/en/services/console/"),
        (history_behind, "The event history is behind", "/en/events/gaps/"),
        (waiting_alert, "waits for a person", "/en/alerts/?state=waiting"),
        (nobody_on_call, "Nobody is on call", "/en/oncall/"),
        (unwatched_kind, "No rule in use watches", "/en/coverage/"),
        (removed_rule_file, "1 rule file was removed", "/en/coverage/"),
    ],
)
def test_a_finding_leads_to_the_rows_it_speaks_of(
    account: Account, fault: Callable[[], None], says: str, address: str
) -> None:
    fault()
    (told,) = [each for each in seen(account).findings if says in each.what]
    assert told.address == address


@pytest.mark.usefixtures("order")
@pytest.mark.parametrize("name", NAMES)
def test_a_process_that_does_not_run_is_named(account: Account, processes: Processes, name: str) -> None:
    processes.end(name)
    assert f"The process {name} does not run" in {each.what for each in seen(account).amiss}


@pytest.mark.usefixtures("order")
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("silent_for", "is_named"), [(SILENT_AFTER, False), (SILENT_AFTER + MOMENT, True)])
def test_a_process_that_runs_and_does_nothing_is_named(
    account: Account, name: str, silent_for: timedelta, *, is_named: bool
) -> None:
    moment = now() + LATER
    beat_at(moment - silent_for, name)
    told = f"The process {name} runs and does nothing since"
    assert any(told in each.what for each in standing(account, now=moment).amiss) is is_named


@pytest.mark.usefixtures("order")
@pytest.mark.parametrize("how", ["ends", "stands still"])
def test_without_the_collector_no_source_counts_as_read(account: Account, processes: Processes, how: str) -> None:
    if how == "ends":
        processes.end("collector")
    else:
        beat_at(now() - LATER, "collector")
    assert {source.sight for source in seen(account).sources} == {"unknown"}


@pytest.mark.usefixtures("order")
def test_what_stops_all_sources_is_said_once(account: Account) -> None:
    all_unanalysed()
    (told,) = [each for each in seen(account).amiss if "not analysed" in each.what]
    assert all(f"“{name}”" in told.what for name in ("platform", "sshd"))


@pytest.mark.usefixtures("order")
def test_a_loss_that_somebody_has_looked_at_is_no_fault_any_more(account: Account) -> None:
    lost_lines()
    missing_numbers()
    SeenLoss.objects.create(notice=Notice.objects.get(kind=NoticeKind.TRUNCATED), note="a disk was full", by=account)
    assert not seen(account).is_well
    SeenLoss.objects.create(ledger=Ledger.objects.get(source="sshd"), first=4, last=9, note="the same", by=account)
    assert seen(account).is_well


@pytest.mark.usefixtures("order")
@pytest.mark.parametrize(("after", "is_well"), [(timedelta(0), True), (MOMENT, False)])
def test_news_has_its_time_to_the_microsecond(account: Account, after: timedelta, is_well: bool) -> None:
    moment = now()
    new_alert(raised_at=moment)
    assert standing(account, now=moment + PATIENCE + after).is_well is is_well


@pytest.mark.usefixtures("order")
def test_what_was_heard_is_no_fault(account: Account) -> None:
    event = Event.objects.create(tag="detection:alert:raised", subject="alert:1")
    Handled.objects.create(event=event, handler="incidents.handlers.open_from_alert")
    assert seen(account).is_well


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
