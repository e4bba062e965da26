"""Three days without the regulator, by the clock itself: what piles up waits as files and goes once each, in order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from functools import partial
from uuid import UUID

import pytest
from django.db import transaction

from senim.asoi import adapters, operations, queries
from senim.asoi.electronic_format import outgoing
from senim.asoi.internal import files
from senim.asoi.internal.channel import Channel
from senim.asoi.internal.files import Files
from senim.asoi.kinds import MessageKind
from senim.asoi.models import Attempt, Message
from senim.asoi.sender import Sender
from senim.kit import clock
from senim.kit.crypto import cms, keys
from senim.kit.instance import Instance
from tests.asoi.conftest import BODY, TESTER
from tests.asoi.regulator import Regulator
from tests.asoi.test_stamping import Here
from tests.kit.certificates import DAY, Identity

HOUR = timedelta(hours=1)
HOURS, BETWEEN, MESSAGES = 72, 12, 3
INCIDENTS = HOURS // BETWEEN


@dataclass
class Time:
    """How far the clock is behind the true one."""

    behind: timedelta = HOURS * HOUR


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """The one clock of the house, which the test turns on until it is right: the database takes no message of later."""
    moved = Time()

    class Moved(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) - moved.behind

    monkeypatch.setattr(clock, "datetime", Moved)
    monkeypatch.setattr(files, "ROUND_SECONDS", 0.0)
    return moved


def _of_days(new: Callable[[], keys.PrivateKey], usage: str) -> Identity:
    return Identity(new(), usage, starts=-4 * DAY, ends=4 * DAY, demonstration=True)


@dataclass
class Kept(Regulator):
    """Has had its certificate for days, and remembers what it answered, in the order of arrival."""

    ours: Identity = field(default_factory=partial(_of_days, keys.new_ec, "signing"))
    theirs: Identity = field(default_factory=partial(_of_days, keys.new_rsa, "encryption"))
    arrived: list[UUID] = field(default_factory=list)

    def send(self, message: UUID, sealed: bytes) -> bytes:
        answer = super().send(message, sealed)
        self.arrived.append(message)
        return answer

    def open(self, sealed: bytes) -> bytes:
        signed = cms.decrypt(sealed, self.theirs.key, [self.theirs.certificate])
        return cms.verify(signed, trusted=[self.ours.certificate]).content


@pytest.fixture
def regulator(instance: Instance) -> Kept:
    return Kept(instance, fails_with=adapters.Unreachable("nobody there"))


@pytest.fixture
def sender(instance: Instance, channel: Channel, regulator: Kept) -> Iterator[Sender]:
    certificates = {"signing": (regulator.ours.certificate,), "regulator_encryption": (regulator.theirs.certificate,)}
    credentials = replace(channel.credentials, signing_key=regulator.ours.key, **certificates)
    channel = replace(channel, credentials=credentials)
    yield Sender(lambda: channel, Here(1), files=Files(instance))
    for path in outgoing(instance).iterdir():
        path.unlink()


@pytest.fixture
def told(time: Time, sender: Sender, enqueue: Callable[..., Message]) -> list[Message]:
    """What is told in three days, an hour after the other; at their end everything waits."""
    told = []
    for hour in range(HOURS):
        if hour % BETWEEN == 0:
            first = enqueue()
            told += [first, *(enqueue(first.about, sequence) for sequence in range(2, MESSAGES + 1))]
            with transaction.atomic():
                kind, number = MessageKind.EVENT_BATCH, hour // BETWEEN + 1
                told.append(operations.enqueue(kind, BODY, about="event-feed", sequence=number, actor=TESTER))
        for _look in range(1 if hour % BETWEEN else MESSAGES):
            sender.work()
        # What came back is written down before the clock is turned on: a pause counts from when it is.
        sender.put_down()
        time.behind -= HOUR
    return told


def standing(kind: MessageKind | None = None) -> list[str]:
    """The states of all batches of events, or of all else."""
    batches = Message.objects.filter(kind=MessageKind.EVENT_BATCH.value)
    found = batches if kind else Message.objects.exclude(pk__in=batches.values("pk"))
    return list(found.values_list("state", flat=True))


@pytest.mark.django_db
@pytest.mark.clause("R228/81", "R228/81-1")
class TestThreeDays:
    """An outage of the regulator's loses nothing, however long."""

    def test_messages_wait_as_files_and_events_wait(
        self, told: list[Message], instance: Instance, regulator: Kept
    ) -> None:
        assert regulator.arrived == []
        assert queries.is_silent(clock.now())
        assert standing() == ["exported"] * INCIDENTS * MESSAGES
        names = {f"{one.pk}.p7m" for one in told if one.kind != MessageKind.EVENT_BATCH}
        assert {path.name for path in outgoing(instance).iterdir()} == names

    @pytest.mark.refusal
    @pytest.mark.clause("R228/81-2")
    @pytest.mark.usefixtures("told")
    def test_no_batch_of_events_becomes_a_file(self) -> None:
        states = standing(MessageKind.EVENT_BATCH)
        assert len(states) == INCIDENTS
        assert set(states) <= {"queued", "sealed"}

    def test_all_catches_up_once_each_in_its_turn_and_every_try_has_its_name(
        self, told: list[Message], sender: Sender, instance: Instance, regulator: Kept
    ) -> None:
        regulator.fails_with = None
        for _look in range(10 * INCIDENTS):
            sender.work()
        assert set(standing() + standing(MessageKind.EVENT_BATCH)) == {"delivered"}
        sequence = {one.pk: (one.about, one.sequence) for one in told}
        come = [sequence[pk] for pk in regulator.arrived]
        assert sorted(come) == sorted(sequence.values())
        for about in {about for about, _number in come}:
            numbers = [number for each, number in come if each == about]
            assert numbers == sorted(numbers)
        assert set(Attempt.objects.values_list("outcome", flat=True)) == {"unreachable", "delivered"}
        assert list(outgoing(instance).iterdir()) == []
