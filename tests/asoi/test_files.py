"""While the regulator is silent messages wait as files by themselves; receipts that come as files are taken in."""

import os
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction

from senim.asoi import adapters, operations, queries
from senim.asoi.channel_checks import CHECKS
from senim.asoi.electronic_format import file_of, incoming, outgoing
from senim.asoi.errors import CarriageRefused, NoFileForm, NotSealed
from senim.asoi.internal import files as module
from senim.asoi.internal.channel import Channel
from senim.asoi.internal.files import SETTLED, Files
from senim.asoi.kinds import MessageKind
from senim.asoi.models import Attempt, Carriage, Message
from senim.asoi.settings import ElectronicFormat
from senim.audit.models import AuditRow
from senim.events.models import Event
from senim.kit.checks import Asked, Fault
from senim.kit.clock import now
from senim.kit.instance import Instance
from tests.asoi.conftest import BODY, TESTER
from tests.asoi.regulator import Regulator

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81")]
AFTER = timedelta(seconds=ElectronicFormat().after)
TICK = timedelta(microseconds=1)


class Here(Files):
    """The folders of the test's own channel."""

    def __init__(self, instance: Instance, channel: Channel) -> None:
        super().__init__(instance)
        self.credentials = channel.credentials

    def judge(self) -> None:
        """Take in what has come."""
        self.take_in(self.credentials)


@pytest.fixture
def files(instance: Instance, channel: Channel) -> Here:
    for folder in (outgoing(instance), incoming(instance)):
        for path in [each for each in folder.rglob("*") if each.is_file()]:
            path.unlink()
    return Here(instance, channel)


@pytest.fixture
def tried(sealed: Message, channel: Channel, regulator: Regulator) -> Message:
    """A message that the regulator did not answer, and goes on not answering."""
    regulator.fails_with = adapters.Unreachable("nobody there")
    channel.deliver(sealed.pk)
    return queries.message(sealed.pk)


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Let the rounds look at a later moment."""

    def last(length: timedelta) -> None:
        monkeypatch.setattr(module, "now", lambda: now() + length)

    return last


@pytest.fixture
def written(tried: Message, files: Here, silence: Callable[[timedelta], None]) -> Message:
    """A message that waits as a file."""
    silence(AFTER)
    files.hand_over()
    return queries.message(tried.pk)


def first_try(message: Message) -> Attempt:
    return message.attempts.all()[0]


@pytest.fixture
def other(written: Message, channel: Channel, enqueue: Callable[..., Message]) -> Message:
    """Another message, of which a file is due while that one waits."""
    other = enqueue()
    channel.seal(other)
    return other


def put(instance: Instance, name: str, data: bytes, *, age: float = SETTLED + 1) -> Path:
    path = incoming(instance) / name
    path.write_bytes(data)
    then = time.time() - age
    os.utime(path, (then, then))
    return path


def found(name: str, after: timedelta = timedelta(0)) -> list[Fault]:
    (check,) = (each for each in CHECKS if each.name == name)
    return list(check.find(Asked(settings.SENIM_INSTANCE, now() + after)))


@pytest.mark.clause("R228/81-1")
class TestSilence:
    """Counted from the first try in vain, or from the last receipt where that is later."""

    def test_the_boundary(self, tried: Message) -> None:
        since = queries.silent_since()
        assert since == first_try(tried).started_at
        assert not queries.is_silent(since + AFTER - TICK)
        assert queries.is_silent(since + AFTER)

    @pytest.mark.refusal
    @pytest.mark.usefixtures("sealed")
    def test_nobody_was_asked_and_so_nobody_is_silent(self) -> None:
        assert queries.silent_since() is None
        assert queries.to_hand_over(now() + timedelta(days=3)) == []

    def test_a_receipt_for_another_message_ends_it_and_what_is_stuck_is_written_all_the_same(
        self, tried: Message, channel: Channel, regulator: Regulator, enqueue: Callable[..., Message]
    ) -> None:
        regulator.fails_with = None
        other = enqueue()
        channel.seal(other)
        channel.deliver(other.pk)
        since = queries.silent_since()
        assert since == queries.message(other.pk).receipt.accepted_at
        moment = first_try(tried).started_at + AFTER
        assert not queries.is_silent(moment)
        assert queries.to_hand_over(moment - TICK) == []
        assert queries.to_hand_over(moment) == [tried]

    def test_while_it_lasts_what_was_never_tried_is_written_at_once(
        self, tried: Message, channel: Channel, enqueue: Callable[..., Message]
    ) -> None:
        other = enqueue()
        channel.seal(other)
        assert queries.to_hand_over(first_try(tried).started_at + AFTER) == [tried, other]

    def test_each_in_its_turn(self, tried: Message, channel: Channel, enqueue: Callable[..., Message]) -> None:
        second = enqueue(about=tried.about, sequence=2, corrects=tried.pk)
        channel.seal(second)
        late = now() + AFTER
        assert queries.to_hand_over(late) == [tried]
        operations.export(tried.pk, actor=TESTER)
        assert queries.to_hand_over(late) == [second]


class TestWriting:
    """The very bytes that are sent; exported is not delivered."""

    def test_a_file_with_the_sealed_bytes(self, instance: Instance, written: Message) -> None:
        path = file_of(instance, written.pk)
        assert path.read_bytes() == bytes(written.sealed)
        assert path.stat().st_mode & 0o777 == 0o600
        assert (written.state, written.delivered_at) == (Message.State.EXPORTED, None)
        row = AuditRow.objects.get(subject=written.subject, action="asoi:message:exported")
        assert row.actor_name == "asoi"
        assert Event.objects.filter(tag="asoi:message:exported", subject=written.subject).exists()

    def test_the_channel_goes_on_and_a_receipt_takes_the_file_away(
        self, instance: Instance, written: Message, files: Here, channel: Channel, regulator: Regulator
    ) -> None:
        regulator.fails_with = None
        channel.deliver(written.pk)
        files.tidy()
        assert queries.message(written.pk).state == Message.State.DELIVERED
        assert list(outgoing(instance).iterdir()) == []
        assert {identifier for identifier, _ in regulator.received} == {written.pk}

    def test_a_file_that_somebody_removed_is_written_again_and_a_strangers_goes(
        self, instance: Instance, written: Message, files: Here
    ) -> None:
        file_of(instance, written.pk).unlink()
        (outgoing(instance) / "other.p7m").write_bytes(b"x")
        (outgoing(instance) / f".{written.pk}.p7m.0123abcd").write_bytes(b"half, by somebody who was killed")
        files.tidy()
        assert [path.name for path in outgoing(instance).iterdir()] == [f"{written.pk}.p7m"]

    @pytest.mark.refusal
    def test_what_is_not_on_disk_is_not_exported(
        self, tried: Message, files: Here, silence: Callable[[timedelta], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_path: Path, _data: bytes) -> None:
            raise OSError(28, "No space left on device")

        silence(AFTER)
        monkeypatch.setattr(module, "write_private", full)
        files.work(files.credentials)
        assert queries.message(tried.pk).state == Message.State.SEALED
        monkeypatch.undo()
        silence(AFTER)
        files.hand_over()
        assert queries.message(tried.pk).state == Message.State.EXPORTED

    @pytest.mark.refusal
    def test_a_disk_without_room_for_a_file_keeps_no_receipt_out(
        self, written: Message, other: Message, files: Here, regulator: Regulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_path: Path, _data: bytes) -> None:
            raise OSError(28, "No space left on device")

        put(settings.SENIM_INSTANCE, "receipt.p7m", regulator.receipt(regulator.open(bytes(written.sealed or b""))))
        monkeypatch.setattr(module, "write_private", full)
        files.work(files.credentials)
        assert queries.message(other.pk).state == Message.State.SEALED
        assert queries.message(written.pk).state == Message.State.DELIVERED

    def test_killed_before_the_database_knew_the_same_file_is_written_again(
        self, instance: Instance, tried: Message, files: Here, silence: Callable[[timedelta], None]
    ) -> None:
        file_of(instance, tried.pk).write_bytes(b"half")
        silence(AFTER)
        files.hand_over()
        assert file_of(instance, tried.pk).read_bytes() == bytes(queries.message(tried.pk).sealed or b"")


@pytest.mark.refusal
@pytest.mark.clause("R228/81-2")
class TestEvents:
    """R228/81-2 has events go into ASOI: there is no file of them."""

    @pytest.fixture
    def batch(self, channel: Channel) -> Message:
        with transaction.atomic():
            message = operations.enqueue(MessageKind.EVENT_BATCH, BODY, about="event-feed", sequence=1, actor=TESTER)
        channel.seal(message)
        return message

    def test_they_wait_however_long_the_silence(self, batch: Message, channel: Channel, tried: Message) -> None:
        channel.deliver(batch.pk)
        assert queries.to_hand_over(now() + timedelta(days=3)) == [tried]

    def test_nobody_exports_them(self, batch: Message) -> None:
        with pytest.raises(NoFileForm):
            operations.export(batch.pk, actor=TESTER)
        with pytest.raises(DatabaseError, match="no electronic format"), transaction.atomic():
            Message.objects.filter(pk=batch.pk).update(state="exported", exported_at=now())


class TestReceipts:
    """Judged as those that come over the network; nothing that came is lost."""

    def test_one_that_holds_delivers(
        self, instance: Instance, written: Message, files: Here, regulator: Regulator
    ) -> None:
        put(instance, "receipt.p7m", regulator.receipt(regulator.open(bytes(written.sealed))))
        files.judge()
        message = queries.message(written.pk)
        assert (message.state, message.receipt.came_by) == (Message.State.DELIVERED, "file")
        assert (incoming(instance) / "accepted" / "receipt.p7m").exists()
        assert not list(incoming(instance).glob("*.p7m"))

    @pytest.mark.refusal
    def test_garbage_is_kept_apart_and_on_record(self, instance: Instance, written: Message, files: Here) -> None:
        for _ in range(2):
            put(instance, "receipt.p7m", b"garbage")
            files.judge()
        kept = sorted(path.name for path in (incoming(instance) / "refused").iterdir())
        assert kept == ["receipt-2.p7m", "receipt.p7m"]
        rows = AuditRow.objects.filter(action="asoi:receipt:refused", subject="file:receipt.p7m")
        assert [row.detail["problem"] for row in rows] == ["asoi:receipt-unreadable"] * 2
        assert queries.message(written.pk).state == Message.State.EXPORTED

    @pytest.mark.refusal
    def test_of_another_message_it_delivers_nothing(
        self, instance: Instance, written: Message, files: Here, regulator: Regulator
    ) -> None:
        regulator.twists = lambda says: {**says, "sha256": "0" * 64}
        put(instance, "receipt.p7m", regulator.receipt(regulator.open(bytes(written.sealed))))
        files.judge()
        assert queries.message(written.pk).state == Message.State.EXPORTED

    @pytest.mark.parametrize(("age", "name"), [(0.0, "receipt.p7m"), (60.0, "receipt.p7m.part"), (60.0, "receipt.txt")])
    def test_what_may_still_be_written_is_left_alone(
        self, instance: Instance, files: Here, age: float, name: str
    ) -> None:
        path = put(instance, name, b"half", age=age)
        files.judge()
        assert path.exists()

    @pytest.mark.refusal
    def test_a_link_or_a_folder_is_not_followed(self, instance: Instance, files: Here, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_bytes(b"secret")
        link = incoming(instance) / "link.p7m"
        link.symlink_to(secret)
        (incoming(instance) / "folder.p7m").mkdir(exist_ok=True)
        files.judge()
        assert link.is_symlink()
        link.unlink()
        (incoming(instance) / "folder.p7m").rmdir()

    @pytest.mark.refusal
    def test_one_that_cannot_be_moved_is_judged_once(
        self, instance: Instance, files: Here, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(_come: object, _kept: object) -> None:
            raise OSError(28, "No space left on device")

        put(instance, "receipt.p7m", b"garbage")
        monkeypatch.setattr(module.shutil, "copyfileobj", fails)
        with pytest.raises(OSError, match="No space"):
            files.judge()
        files.judge()
        assert [path.name for path in incoming(instance).rglob("*.p7m")] == ["receipt.p7m"]
        assert AuditRow.objects.filter(action="asoi:receipt:refused").count() == 1


class TestCarrying:
    """Somebody carries it and says so; only the receipt delivers."""

    def carry(self, message: Message, **said: object) -> Carriage:
        given: dict[str, object] = {"carried_at": now(), "way": "by courier, to the office", **said}
        return operations.note_carried(message.pk, actor=TESTER, **given)  # type: ignore[arg-type]

    @pytest.fixture
    def waiting(self, written: Message) -> Message:
        return written

    def test_it_waits_in_sight_until_somebody_has_carried_it(self, waiting: Message) -> None:
        (fault,) = found("asoi:to-carry")
        assert "1 message waits as a file" in str(fault)
        self.carry(waiting)
        assert found("asoi:to-carry") == []
        assert queries.message(waiting.pk).state == Message.State.EXPORTED
        assert AuditRow.objects.get(action="asoi:message:carried").detail["way"] == "by courier, to the office"

    def test_after_a_day_without_a_receipt_somebody_asks_for_it(self, waiting: Message) -> None:
        self.carry(waiting)
        day = timedelta(seconds=ElectronicFormat().receipt_within)
        assert found("asoi:carried", day - timedelta(minutes=1)) == []
        assert len(found("asoi:carried", day + timedelta(seconds=1))) == 1

    @pytest.mark.refusal
    @pytest.mark.parametrize("said", ["before", "later than now", "no way", "too much"])
    def test_what_cannot_be_true_is_not_written_down(self, waiting: Message, said: str) -> None:
        assert waiting.exported_at
        refused: dict[str, dict[str, object]] = {
            "before": {"carried_at": waiting.exported_at.replace(second=0, microsecond=0) - TICK},
            "later than now": {"carried_at": now() + timedelta(minutes=1)},
            "no way": {"way": " "},
            "too much": {"way": "x" * 256},
        }
        with pytest.raises(CarriageRefused):
            self.carry(waiting, **refused[said])
        self.carry(waiting, carried_at=waiting.exported_at.replace(second=0, microsecond=0), way="x" * 255)

    @pytest.mark.refusal
    def test_what_does_not_wait_as_a_file_is_neither_taken_nor_carried(self, sealed: Message) -> None:
        with pytest.raises(CarriageRefused):
            self.carry(sealed)
        with pytest.raises(NotSealed):
            operations.take_file(sealed.pk, actor=TESTER)

    def test_taking_it_is_on_record(self, waiting: Message) -> None:
        assert operations.take_file(waiting.pk, actor=TESTER) == bytes(waiting.sealed)
        assert AuditRow.objects.filter(action="asoi:file:taken", subject=waiting.subject).count() == 1

    @pytest.mark.refusal
    def test_what_was_written_down_stays(self, waiting: Message) -> None:
        self.carry(waiting)
        with pytest.raises(DatabaseError), transaction.atomic():
            Carriage.objects.all().delete()
