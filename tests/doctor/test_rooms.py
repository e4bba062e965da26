"""What the rooms' own checks say: each with a house in order and one that truly is not.

Checks that *Now* has shown from the first are tried there (`tests/doors/console/test_now.py`).
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from senim.asoi import channel_checks as asoi
from senim.asoi.internal.channel import Channel
from senim.asoi.internal.endings import note
from senim.asoi.models import Message, Receipt
from senim.audit import checks as audit
from senim.detection import checks as detection
from senim.detection import places, rulefiles
from senim.detection.models import RuleStatus
from senim.doctor import collection, database
from senim.doctor.diagnosis import Result, examine
from senim.events import checks as events
from senim.events.models import Event
from senim.identity.models import Account
from senim.identity.permissions import Role
from senim.kit.checks import Asked, Check, Fault
from senim.kit.clock import now
from senim.kit.instance import BadSettings, Instance
from senim.oncall import checks as oncall
from senim.oncall import operations, roster
from senim.oncall.models import Attempt, Contact, Duty, Letter
from senim.telemetry.models import Ledger, Notice, SeenLoss
from senim.telemetry.notices import NoticeKind
from tests.asoi.conftest import channel, delivered, enqueue, regulator, sealed
from tests.asoi.copies import copy_of
from tests.audit.log import Log
from tests.oncall.conftest import TESTER, put_on_call
from tests.reading import read_until
from tests.staff import new_staff

__all__ = ["channel", "delivered", "enqueue", "regulator", "sealed"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(instance: Instance) -> Asked:
    return Asked(instance, now())


def check(name: str, *, at_machine: bool = False) -> Check:
    known = collection.OF_ROOMS_AT_MACHINE if at_machine else collection.HOUSE
    return next(each for each in known if each.name == name)


def result(name: str, asked: Asked, *, at_machine: bool = False) -> Result:
    (found,) = examine([check(name, at_machine=at_machine)], asked)
    return found


def test_every_check_has_a_name_of_its_own_and_words() -> None:
    known = [*collection.HOUSE, *collection.OF_ROOMS_AT_MACHINE]
    assert len({each.name for each in known}) == len(known) > 20
    assert all(str(each.about) and str(each.good).endswith(".") for each in known)


class TestDiagnosis:
    """A check that could not be made is not well, and says why."""

    @pytest.mark.parametrize("failure", [OSError("no such thing"), BadSettings("no such table")])
    def test_what_fails_is_not_known(self, asked: Asked, failure: Exception) -> None:
        def fail(_asked: Asked) -> Iterator[Fault]:
            raise failure
            yield

        (found,) = examine([Check("x:y", "x", "Good.", fail)], asked)
        assert (found.ok, found.is_known) == (False, False)
        assert str(failure) in found.reason

    def test_our_own_mistake_is_not_hidden_as_a_finding(self, asked: Asked) -> None:
        def fail(_asked: Asked) -> Iterator[Fault]:
            raise TypeError("ours")
            yield

        with pytest.raises(TypeError):
            list(examine([Check("x:y", "x", "Good.", fail)], asked))

    def test_where_one_fault_is_not_known_the_whole_is_not(self, asked: Asked) -> None:
        faults = [Fault("a", "do b"), Fault("c", is_known=False)]
        (found,) = examine([Check("x:y", "x", "Good.", lambda _asked: faults)], asked)
        assert not found.is_known
        assert found.reason == "a. do b. c."


class TestJobs:
    """A handler that fails again and again is told of."""

    @pytest.mark.parametrize(
        ("attempts", "status", "is_well"), [(2, "todo", True), (3, "todo", False), (9, "succeeded", True)]
    )
    def test_from_the_third_time_on(self, asked: Asked, attempts: int, status: str, is_well: bool) -> None:
        from django.db import connection

        event = Event.objects.create(tag="detection:alert:raised", subject="alert:1")
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES ('news', 'events.deliver', %s)",
                [json.dumps({"event_id": str(event.pk), "handler": "incidents.handlers.open_from_alert"})],
            )
            cursor.execute("UPDATE procrastinate_jobs SET status = %s, attempts = %s", [status, attempts])
        assert ProcrastinateJob.objects.count() == 1
        assert result("events:jobs", asked).ok is is_well
        assert events.CHECKS[1].wakes


@pytest.mark.clause("R228/81-1")
@pytest.mark.usefixtures("processes")
class TestKinds:
    """A kind that no rule in use watches for, or none that sees anything, is named."""

    @pytest.fixture(autouse=True)
    def everything_read(self, asked: Asked) -> None:
        read_until(asked.instance, asked.now, begun_at=asked.now)

    def use(self, *kinds: int) -> None:
        for kind in kinds:
            name, needs = f"{kind}.yml", {"least": 1, "of": ["sshd"]}
            RuleStatus.objects.create(
                key=name, file=name, line=1, state="loaded", kind=kind, title=name, alerts=True, needs=needs
            )

    def test_six_are_well(self, asked: Asked) -> None:
        self.use(1, 2, 3, 4, 5, 6)
        assert result("detection:kinds", asked).ok

    @pytest.mark.refusal
    @pytest.mark.parametrize("missing", range(1, 7))
    def test_each_that_is_missing_is_named(self, asked: Asked, missing: int) -> None:
        self.use(*{1, 2, 3, 4, 5, 6} - {missing})
        found = result("detection:kinds", asked)
        assert not found.ok
        assert found.reason.count("R228/81-1(") == 1
        assert f"R228/81-1({missing})" in found.reason

    @pytest.mark.refusal
    def test_a_refused_rule_watches_for_nothing(self, asked: Asked) -> None:
        self.use(1, 2, 3, 4, 5, 6)
        RuleStatus.objects.filter(kind=4).update(state="refused")
        assert "R228/81-1(4)" in result("detection:kinds", asked).reason
        assert timedelta(minutes=10) > detection.SETTLES

    @pytest.mark.refusal
    def test_rules_whose_source_stands_still_see_nothing(self, asked: Asked) -> None:
        self.use(1, 2, 3, 4, 5, 6)
        RuleStatus.objects.filter(kind=2).update(needs={"least": 1, "of": ["auditd"]})
        Notice.objects.create(source="auditd", epoch="e", seq=2, kind=NoticeKind.FILE_MISSING, at=asked.now)
        found = result("detection:kinds", asked)
        assert found.is_known
        assert "The rules for 1 kind of incident see nothing: R228/81-1(2)" in found.reason

    @pytest.mark.refusal
    def test_of_rules_whose_source_nobody_knows_of_nobody_knows(self, asked: Asked) -> None:
        self.use(1, 2, 3, 4, 5, 6)
        Notice.objects.filter(source="sshd").delete()
        Ledger.objects.filter(source="sshd").delete()
        found = result("detection:kinds", asked)
        assert (found.ok, found.is_known) == (False, False)
        assert "6 kinds of incident" in found.reason


@pytest.mark.clause("R228/81-1")
class TestRuleFiles:
    """A rule file that does not lie there as it was read is named until detection has read it."""

    OWN = "bureau/sshd/own.yml"

    @pytest.fixture
    def own(self, instance: Instance) -> Iterator[Path]:
        """A rule of the bureau, read by detection."""
        path = instance.home / "rules" / "sshd" / "own.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("title: Own")
        RuleStatus.objects.create(key="x", file=self.OWN, line=1, state="loaded")
        rulefiles.take(places.digests(places.folders(instance)))
        yield path
        path.unlink(missing_ok=True)

    @pytest.mark.usefixtures("own")
    def test_as_it_was_read_it_is_well(self, asked: Asked) -> None:
        assert result("detection:rules", asked).ok
        assert result("detection:files", asked, at_machine=True).ok

    @pytest.mark.refusal
    def test_one_that_is_gone_is_told_at_the_machine_at_once_and_everywhere_once_detection_has_looked(
        self, own: Path, asked: Asked
    ) -> None:
        own.unlink()
        told = f"1 rule file was removed since detection read it: {self.OWN}"
        assert told in result("detection:files", asked, at_machine=True).reason
        assert result("detection:rules", asked).ok
        rulefiles.note(places.digests(places.folders(asked.instance)))
        assert told in result("detection:rules", asked).reason
        assert result("detection:files", asked, at_machine=True).ok

    @pytest.mark.refusal
    @pytest.mark.usefixtures("own")
    def test_of_many_some_are_named(self, asked: Asked) -> None:
        rulefiles.note({f"bureau/{number}.yml": "aa" for number in range(9)})
        reason = result("detection:rules", asked).reason
        assert "9 rule files were added" in reason
        assert reason.count("bureau/") == 5 + 1


class TestLosses:
    """Lost lines are told of until somebody has looked at them, however long that is."""

    def test_until_somebody_has_looked(self, asked: Asked) -> None:
        at = asked.now - timedelta(days=30)
        lost = Notice.objects.create(source="sshd", epoch="e", seq=5, kind=NoticeKind.TRUNCATED, at=at)
        found = result("telemetry:losses", asked)
        assert "1 loss of lines of the source “sshd”" in found.reason
        assert [fault.subject for fault in found.faults] == ["sshd"]
        SeenLoss.objects.create(notice=lost, note="a disk was full", by=new_staff(Role.ANALYST).account)
        assert result("telemetry:losses", asked).ok


class TestRegulatorsClock:
    """Receipts name a time between our sending and our receiving, as our clock has it."""

    @pytest.mark.usefixtures("delivered")
    @pytest.mark.parametrize(
        ("apart", "is_well"),
        [(0, True), (30, True), (31, False), (-30, True), (-31, False)],
    )
    def test_half_a_minute_apart_is_well(
        self, asked: Asked, apart: int, is_well: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A receipt is never changed: what the query reads of it is moved instead of the row."""
        from senim.asoi import queries

        receipt = Receipt.objects.select_related("message").get()
        edge = receipt.accepted_at if apart > 0 else receipt.message.first_sent_at
        receipt.received_at = (edge or now()) + timedelta(seconds=apart)
        assert queries.clock_difference() == timedelta(0)

        class One:
            """The newest receipt, as another clock would have dated it."""

            @staticmethod
            def first() -> Receipt:
                return receipt

        monkeypatch.setattr(queries, "_newest_receipts", lambda: One)
        assert result("asoi:clocks", asked).ok is is_well

    def test_without_a_receipt_nothing_is_minded(self, asked: Asked) -> None:
        assert result("asoi:clocks", asked).ok


class TestChannel:
    """Certificates are there and fit; the log grew out of what the regulator acknowledged."""

    def test_in_order(self, asked: Asked) -> None:
        assert [each.reason for each in examine(asoi.AT_MACHINE, asked) if not each.ok] == []

    def test_a_missing_pin_is_named(self, instance: Instance, tmp_path: object) -> None:
        copy = copy_of(instance, tmp_path)  # type: ignore[arg-type]
        copy.trust("regulator/signing").unlink()
        faults = {each.check.name: each for each in examine(asoi.AT_MACHINE, Asked(copy, now()))}
        assert "regulator/signing" in faults["asoi:certificates"].reason
        assert not faults["asoi:witness"].is_known

    def test_certificates_that_end_are_named_before(self, instance: Instance) -> None:
        note(instance)
        later = Asked(instance, now() + timedelta(days=70))
        assert len(list(asoi._ending(later))) == 6
        assert list(asoi._ending(Asked(instance, now() + timedelta(days=50)))) == []

    def test_a_log_that_the_regulator_acknowledged_otherwise_is_told(
        self, instance: Instance, tmp_path: object, asked: Asked, enqueue: Callable[..., Message], channel: Channel
    ) -> None:
        log = Log(instance, tmp_path).sealed(4)  # type: ignore[arg-type]
        message = enqueue()
        channel.seal(message)
        channel.deliver(message.pk)
        log.sealed(3)
        assert result("asoi:witness", asked, at_machine=True).ok
        log.lift_protection()
        rewrite(log)
        found = result("asoi:witness", asked, at_machine=True)
        assert found.is_known
        assert "contradicts what the regulator acknowledged" in found.reason


def rewrite(log: Log) -> None:
    """Replace the whole log by another one, signed with the true key: what its owner could do."""
    from senim.audit.models import AuditRow, Checkpoint, Leaf, Node, Unsealed

    for model in (Unsealed, Leaf, Node, Checkpoint):
        model.objects.all()._raw_delete("default")  # type: ignore[attr-defined]
    AuditRow.objects.all()._raw_delete("default")  # type: ignore[attr-defined]
    log.write(20)
    log.sealing("forgetful").seal()


class TestAuditLog:
    """The newest rows are proven each time, however long the log is."""

    @pytest.fixture
    def log(self, instance: Instance, tmp_path: object) -> Log:
        return Log(instance, tmp_path).sealed(4, 3, 3)  # type: ignore[arg-type]

    @pytest.mark.usefixtures("log")
    def test_in_order(self, asked: Asked) -> None:
        assert result("audit:log", asked, at_machine=True).ok

    def test_a_changed_row_is_told(self, log: Log, asked: Asked) -> None:
        from senim.audit.models import AuditRow

        log.lift_protection()
        AuditRow.objects.filter(pk=log.rows[-1]).update(subject="incident:other")
        found = result("audit:log", asked, at_machine=True)
        assert found.is_known
        assert "senim audit verify" in found.reason

    @pytest.mark.usefixtures("log")
    def test_without_the_public_key_nothing_is_known(self, instance: Instance, tmp_path: object) -> None:
        copy = copy_of(instance, tmp_path / "copy")  # type: ignore[operator]
        (copy.home / "trust" / "checkpoint.pub").unlink()
        (found,) = examine(audit.AT_MACHINE, Asked(copy, now()))
        assert (found.ok, found.is_known) == (False, False)


class TestStream:
    """The server greets whoever comes."""

    @pytest.fixture
    def port(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
        with socket.create_server(("127.0.0.1", 0)) as server:
            monkeypatch.setenv("SENIM_NATS_URL", f"nats://127.0.0.1:{server.getsockname()[1]}")
            yield server

    def greet(self, server: socket.socket, says: bytes) -> threading.Thread:
        def serve() -> None:
            with server.accept()[0] as connection:
                connection.sendall(says)

        thread = threading.Thread(target=serve)
        thread.start()
        return thread

    @pytest.mark.parametrize(("says", "is_well"), [(b'INFO {"server_id":"x"}\r\n', True), (b"HTTP/1.1 400\r\n", False)])
    def test_who_greets_as_one_is_one(self, asked: Asked, port: socket.socket, says: bytes, is_well: bool) -> None:
        thread = self.greet(port, says)
        found = result("telemetry:stream", asked, at_machine=True)
        thread.join()
        assert (found.ok, found.is_known) == (is_well, True)

    def test_who_does_not_answer_is_told(self, asked: Asked, port: socket.socket) -> None:
        port.close()
        found = result("telemetry:stream", asked, at_machine=True)
        assert "does not answer" in found.reason


class TestDatabase:
    """It answers, is new enough, leads, and keeps what it confirms."""

    def test_ours_is_well(self, asked: Asked) -> None:
        assert result("doctor:database", asked).ok

    @pytest.mark.parametrize(
        ("facts", "faults"),
        [
            ((150000, False, True), 0),
            ((149999, False, True), 1),
            ((150000, True, True), 1),
            ((150000, False, False), 1),
            ((90600, True, False), 3),
        ],
    )
    def test_what_it_says_of_itself_is_judged(self, facts: tuple[int, bool, bool], faults: int) -> None:
        assert len(list(database._unfit(*facts))) == faults


class TestOncall:
    """Somebody is there, can be reached, and answers; every way works."""

    @pytest.fixture
    def first(self) -> Account:
        return put_on_call("aliya", 1)

    @pytest.mark.usefixtures("first")
    def test_in_order(self, asked: Asked) -> None:
        assert [each.reason for each in examine(oncall.CHECKS, asked) if not each.ok] == []

    def test_nobody_on_call(self, asked: Asked, first: Account) -> None:
        roster.end_duty(Duty.objects.get(account=first), actor=TESTER)
        assert "Nobody is on call" in result("oncall:nobody", asked).reason

    def test_somebody_who_cannot_be_reached(self, asked: Asked, first: Account) -> None:
        put_on_call("berik", 2, Role.HEAD_OF_IS)
        Contact.objects.filter(account=first).delete()
        found = result("oncall:nobody", asked)
        assert found.reason.startswith("Aliya is on call and cannot be reached")

    def test_a_page_that_nobody_answered_until_somebody_does(self, asked: Asked, first: Account) -> None:
        cause = operations.wake_for_trouble("asoi:late", "Messages")
        assert cause is not None
        assert "1 person was woken" in result("oncall:unanswered", asked).reason
        operations.answer(first, cause)
        assert result("oncall:unanswered", asked).ok

    @pytest.mark.parametrize(("outcome", "is_well"), [("failed", False), ("sent", True), ("interrupted", True)])
    def test_a_way_that_failed_last(self, asked: Asked, first: Account, outcome: str, is_well: bool) -> None:
        letter = Letter.objects.create(account=first)
        for ended, how in ((2, "failed" if outcome == "sent" else "sent"), (1, outcome)):
            at = asked.now - timedelta(minutes=ended)
            Attempt.objects.create(letter=letter, port="sms", ended_at=at, outcome=how, detail="HTTP 503")
        found = result("oncall:ports", asked)
        assert found.ok is is_well
        assert is_well or "sms: HTTP 503" in found.reason

    def test_pages_that_cannot_say_where_the_console_is(self, instance: Instance, tmp_path: object) -> None:
        copy = copy_of(instance, tmp_path)  # type: ignore[arg-type]
        settings = copy.home / "senim.toml"
        lines = [line for line in settings.read_text().splitlines() if not line.startswith("console =")]
        settings.write_text("\n".join(lines))
        found = result("oncall:ports", Asked(Instance.load(copy.home), now()))
        assert "[oncall] console" in found.reason
