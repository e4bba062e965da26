"""Files are carried by themselves: carried is not delivered, what fails is told and tried again, receipts come once."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from senim.asoi import channel_checks, operations, queries
from senim.asoi.carriers import HostNotTrusted, OutOfReach, Visit
from senim.asoi.channel_checks import CHECKS
from senim.asoi.electronic_format import incoming
from senim.asoi.internal import carrying as module
from senim.asoi.internal.carrying import Carrying
from senim.asoi.models import Carriage, CarrierVisit, Message
from senim.asoi.settings import AsoiSettings, ElectronicFormat, SftpSettings
from senim.audit.models import AuditRow
from senim.kit.checks import Asked, Fault
from senim.kit.clock import now
from senim.kit.instance import Instance
from tests.asoi.conftest import TESTER
from tests.asoi.copies import copy_of
from tests.asoi.regulator import Regulator

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81")]
WANTED = SftpSettings("sftp.example", "bureau", "in", "out")


class Here(ThreadPoolExecutor):
    """A lane in the test's own thread, whose transaction no other thread sees."""

    def submit(self, task: Callable[..., Any], /, *words: Any, **more: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(task(*words, **more))
        return done


@dataclass
class Hand:
    """A carrier that puts everything, unless it is told to fail after some."""

    way: str = "sftp://bureau@sftp.example:22/in"
    visits: list[tuple[dict[str, bytes], bool]] = field(default_factory=list)
    lies_there: dict[str, bytes] = field(default_factory=dict)
    failure: OutOfReach | HostNotTrusted | None = None
    puts: int | None = None

    def visit(self, files: Mapping[str, bytes], *, fetch: bool) -> Visit:
        self.visits.append((dict(files), fetch))
        put = tuple(files)[: self.puts] if self.failure is None or self.puts else ()
        return Visit(put, self.lies_there if fetch and self.failure is None else {}, self.failure)


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def here(instance: Instance, tmp_path: Path) -> Instance:
    copy = copy_of(instance, tmp_path / "copy")
    incoming(copy).mkdir(parents=True)
    return copy


@pytest.fixture
def carrying(db: None, here: Instance, hand: Hand) -> Carrying:
    return Carrying(here, hand, WANTED, Here(1))


@pytest.fixture
def written(sealed: Message) -> Message:
    """A message that waits as a file."""
    operations.export(sealed.pk, actor=TESTER)
    return queries.message(sealed.pk)


@pytest.fixture
def receipt(written: Message, regulator: Regulator) -> bytes:
    """Of that message, by the regulator."""
    return regulator.receipt(regulator.open(bytes(written.sealed or b"")))


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let the lane's clock go on."""
    passed = 0.0
    real = module.time.monotonic

    def go_on(seconds: float) -> None:
        nonlocal passed
        passed += seconds
        monkeypatch.setattr(module.time, "monotonic", lambda: real() + passed)

    return go_on


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Fault]]:
    """What a check finds where the settings name the carrier."""
    known = AsoiSettings(electronic_format=ElectronicFormat(carrier="sftp", sftp=WANTED))
    monkeypatch.setattr(channel_checks, "asoi_settings", lambda _instance: known)

    def find(name: str, after: timedelta = timedelta(0)) -> list[Fault]:
        (check,) = (each for each in CHECKS if each.name == name)
        return list(check.find(Asked(settings.SENIM_INSTANCE, now() + after)))

    return find


def test_what_waits_is_carried_and_still_waits_for_its_receipt(
    carrying: Carrying, hand: Hand, written: Message
) -> None:
    carrying.work()
    assert hand.visits == [({f"{written.pk}.p7m": bytes(written.sealed or b"")}, True)]
    carriage = Carriage.objects.get(message=written)
    assert (carriage.way, carriage.by) == (hand.way, "asoi")
    assert queries.message(written.pk).state == Message.State.EXPORTED
    assert AuditRow.objects.filter(subject=written.subject, action="asoi:message:carried").count() == 1
    assert [(one.outcome, one.put, one.fetched) for one in CarrierVisit.objects.all()] == [("done", 1, 0)]


def test_what_was_carried_is_not_carried_again(
    carrying: Carrying, hand: Hand, written: Message, later: Callable[[float], None]
) -> None:
    carrying.work()
    carrying.work()
    later(WANTED.every + 1)
    carrying.work()
    assert [list(files) for files, _fetch in hand.visits] == [[f"{written.pk}.p7m"], []]


def test_receipts_go_where_receipts_are_looked_for_each_once(
    carrying: Carrying, hand: Hand, receipt: bytes, here: Instance, later: Callable[[float], None]
) -> None:
    hand.lies_there = {"r.p7m": receipt}
    carrying.work()
    assert (incoming(here) / "r.p7m").read_bytes() == receipt
    (incoming(here) / "r.p7m").rename(incoming(here) / "r.p7m.moved")
    later(WANTED.every + 1)
    carrying.work()
    assert not (incoming(here) / "r.p7m").exists()
    assert [one.fetched for one in CarrierVisit.objects.all()] == [1, 0]


@pytest.mark.usefixtures("written")
def test_what_came_before_a_restart_comes_no_more_and_what_is_corrected_does(hand: Hand, here: Instance) -> None:
    (incoming(here) / "refused").mkdir()
    (incoming(here) / "refused" / "r.p7m").write_bytes(b"wrong")
    hand.lies_there = {"r.p7m": b"wrong"}
    Carrying(here, hand, WANTED, Here(1)).work()
    assert not (incoming(here) / "r.p7m").exists()
    hand.lies_there = {"r.p7m": b"right"}
    Carrying(here, hand, WANTED, Here(1)).work()
    assert (incoming(here) / "r.p7m").read_bytes() == b"right"


def test_of_the_same_name_none_is_overwritten(carrying: Carrying, hand: Hand, written: Message, here: Instance) -> None:
    (incoming(here) / "r.p7m").write_bytes(b"brought by hand")
    hand.lies_there = {"r.p7m": b"another"}
    carrying.work()
    assert (incoming(here) / "r.p7m").read_bytes() == b"brought by hand"
    assert (incoming(here) / "r-2.p7m").read_bytes() == b"another"


class TestPauses:
    """Often while something waits, seldom while nothing does, and after a failure by its own measure."""

    def test_while_nothing_waits_the_way_is_tried_now_and_then(
        self, carrying: Carrying, hand: Hand, later: Callable[[float], None]
    ) -> None:
        carrying.work()
        later(WANTED.every + 1)
        carrying.work()
        assert hand.visits == [({}, False)]
        later(WANTED.idle)
        carrying.work()
        assert hand.visits == [({}, False)] * 2

    def test_what_comes_to_wait_meanwhile_does_not_wait_for_that(
        self, carrying: Carrying, hand: Hand, sealed: Message
    ) -> None:
        carrying.work()
        operations.export(sealed.pk, actor=TESTER)
        carrying.work()
        assert [list(files) for files, _fetch in hand.visits] == [[], [f"{sealed.pk}.p7m"]]

    def test_a_failure_is_tried_again_after_its_pause(
        self, carrying: Carrying, hand: Hand, written: Message, later: Callable[[float], None]
    ) -> None:
        hand.failure = OutOfReach("nobody there")
        for _time in range(2):
            carrying.work()
            carrying.work()
            later(WANTED.retry_longest + 1)
        assert len(hand.visits) == 2
        assert not Carriage.objects.exists()
        hand.failure = None
        carrying.work()
        assert Carriage.objects.filter(message=written).count() == 1


def test_a_full_disk_holds_up_nothing_and_the_receipt_comes_when_there_is_room(
    carrying: Carrying, hand: Hand, receipt: bytes, here: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_path: Path, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    hand.lies_there = {"r.p7m": receipt}
    with monkeypatch.context() as patch:
        patch.setattr(module, "write_private", full)
        carrying.work()
    assert Carriage.objects.count() == 1
    carrying.visit()
    assert (incoming(here) / "r.p7m").read_bytes() == receipt


class TestWhatIsTold:
    """On *Now*, by `senim doctor`, and to whoever is on call."""

    @pytest.fixture
    def real(self, sealed: Message) -> Message:
        """A message that is no exercise and waits as a file."""
        operations.export(sealed.pk, actor=TESTER)
        assert not sealed.exercise
        return queries.message(sealed.pk)

    @pytest.mark.refusal
    def test_a_visit_in_vain_is_told_with_its_reason_until_one_succeeds(
        self,
        carrying: Carrying,
        hand: Hand,
        real: Message,
        found: Callable[..., list[Fault]],
        later: Callable[..., None],
    ) -> None:
        assert found("asoi:carrier") == []
        hand.failure = HostNotTrusted("it does not have the pinned host key")
        carrying.work()
        (fault,) = found("asoi:carrier")
        assert "whoever answers there does not have the pinned host key" in str(fault.what)
        assert queries.message(real.pk).state == Message.State.EXPORTED
        hand.failure = None
        later(WANTED.retry_longest)
        carrying.work()
        assert found("asoi:carrier") == []

    @pytest.mark.refusal
    @pytest.mark.usefixtures("real")
    def test_what_it_does_not_carry_wakes_somebody_after_a_while(
        self, carrying: Carrying, hand: Hand, found: Callable[..., list[Fault]], later: Callable[..., None]
    ) -> None:
        hand.failure = OutOfReach("nobody there")
        carrying.work()
        assert found("asoi:to-carry") == []
        assert len(found("asoi:to-carry", timedelta(seconds=WANTED.told_after + 1))) == 1
        (check,) = (each for each in CHECKS if each.name == "asoi:to-carry")
        assert check.wakes == timedelta(0)
        hand.failure = None
        later(WANTED.retry_longest)
        carrying.work()
        assert found("asoi:to-carry", timedelta(seconds=WANTED.told_after + 1)) == []

    @pytest.mark.usefixtures("real")
    def test_carried_in_vain_is_told_like_what_people_carried(
        self, carrying: Carrying, found: Callable[..., list[Fault]]
    ) -> None:
        carrying.work()
        patience = timedelta(seconds=ElectronicFormat().receipt_within)
        assert found("asoi:carried", patience - timedelta(minutes=1)) == []
        assert len(found("asoi:carried", patience + timedelta(minutes=1))) == 1

    def test_where_people_carry_nobody_speaks_of_a_carrier(self, carrying: Carrying, hand: Hand) -> None:
        hand.failure = OutOfReach("nobody there")
        carrying.work()
        (check,) = (each for each in CHECKS if each.name == "asoi:carrier")
        assert list(check.find(Asked(settings.SENIM_INSTANCE, now()))) == []

    def test_what_was_put_before_it_failed_counts(self, carrying: Carrying, hand: Hand, real: Message) -> None:
        hand.failure, hand.puts = OutOfReach("it broke"), 1
        carrying.work()
        assert Carriage.objects.filter(message=real).exists()
        assert [(one.outcome, one.put) for one in CarrierVisit.objects.all()] == [("unreachable", 1)]


def test_a_receipt_that_came_first_is_no_trouble(
    here: Instance, written: Message, regulator: Regulator, channel: Any
) -> None:
    class Slow(Hand):
        def visit(self, files: Mapping[str, bytes], *, fetch: bool) -> Visit:
            channel.deliver(written.pk)
            return super().visit(files, fetch=fetch)

    Carrying(here, Slow(), WANTED, Here(1)).work()
    assert queries.message(written.pk).state == Message.State.DELIVERED
    assert not Carriage.objects.exists()


@pytest.mark.refusal
def test_what_is_on_record_of_visits_stays(carrying: Carrying) -> None:
    carrying.work()
    for change in ("UPDATE asoi_carriervisit SET outcome = 'done'", "DELETE FROM asoi_carriervisit"):
        with pytest.raises(DatabaseError, match="never"), transaction.atomic():
            connection.cursor().execute(change)
