"""The sender's rounds: what came together is written together, and nothing of the order or of the record is lost."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from senim.asoi import adapters, operations, queries
from senim.asoi.internal import outbox, sealing
from senim.asoi.internal.channel import Channel
from senim.asoi.internal.content import compose
from senim.asoi.models import Attempt, Message, Outcome
from senim.asoi.sender import Sender
from senim.asoi.settings import AsoiSettings
from senim.audit.models import AuditRow, Unsealed
from senim.events.models import Event
from senim.kit import canonical
from senim.kit.crypto import keys
from senim.kit.ids import new_id
from tests.asoi.conftest import TESTER
from tests.asoi.regulator import Regulator
from tests.asoi.test_stamping import Here
from tests.kit.certificates import DAY, Identity

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81")]
Enqueue = Callable[..., Message]


@pytest.fixture
def sender(channel: Channel) -> Sender:
    return Sender(lambda: channel, Here(1))


def state_of(message: Message) -> str:
    return queries.message(message.pk).state


def outcomes(message: Message) -> list[str]:
    return [attempt.outcome for attempt in queries.message(message.pk).attempts.all()]


@dataclass
class Forgetful(Regulator):
    """Gives no receipt for these."""

    without: tuple[UUID, ...] = ()

    def send(self, message: UUID, sealed: bytes) -> bytes:
        if message in self.without:
            raise adapters.Unreachable("nobody there")
        return super().send(message, sealed)


class Held(ThreadPoolExecutor):
    """Lanes on which nothing comes to an end."""

    def submit(self, *_words: Any, **_more: Any) -> Future[Any]:
        return Future()


def test_a_round_settles_receipts_and_failures_that_came_together(enqueue: Enqueue, channel: Channel) -> None:
    good, bad, better = enqueue(), enqueue(), enqueue()
    regulator = Forgetful(channel.adapter.instance, without=(bad.pk,))  # type: ignore[attr-defined]
    channel = replace(channel, adapter=regulator)
    channel.seal_all([good, bad, better])
    begun = outbox.begin_attempts([good.pk, bad.pk, better.pk], channel.credentials)
    channel.settle([channel.attempt(each) for each in begun])
    assert [state_of(each) for each in (good, bad, better)] == ["delivered", "sealed", "delivered"]
    assert [outcomes(each) for each in (good, bad, better)] == [["delivered"], ["unreachable"], ["delivered"]]
    for message in (good, better):
        message = queries.message(message.pk)  # noqa: PLW2901
        assert message.first_sent_at == message.attempts.get().started_at
        assert Event.objects.filter(subject=message.subject, tag="asoi:message:delivered").count() == 1
        rows = AuditRow.objects.filter(subject=message.subject, action="asoi:receipt:accepted")
        assert Unsealed.objects.filter(row__in=rows).count() == 1


def test_a_try_is_on_record_before_a_byte_leaves(enqueue: Enqueue, channel: Channel, regulator: Regulator) -> None:
    message, seen = enqueue(), []

    class Watching(Regulator):
        """Looks at the record while it is sent to."""

        def send(self, message: UUID, sealed: bytes) -> bytes:
            seen.append(Attempt.objects.get(message_id=message).ended_at)
            return super().send(message, sealed)

    channel = replace(channel, adapter=Watching(regulator.instance))
    sender = Sender(lambda: channel, Here(1))
    sender.work()
    assert seen == [None]
    assert state_of(message) == Message.State.SEALED  # a receipt that is not written down delivers nothing
    sender.work()
    assert state_of(message) == Message.State.DELIVERED


def test_what_came_back_last_is_written_down_at_the_end(enqueue: Enqueue, sender: Sender) -> None:
    message = enqueue()
    sender.work()
    assert state_of(message) == Message.State.SEALED
    sender.put_down()
    assert state_of(message) == Message.State.DELIVERED


def test_no_more_tries_begin_than_there_are_lanes(enqueue: Enqueue, channel: Channel) -> None:
    messages = [enqueue() for _ in range(7)]
    channel = replace(channel, settings=AsoiSettings(lanes=3))
    sender = Sender(lambda: channel, Held(1))
    sender.work()
    sender.work()
    assert Attempt.objects.count() == 3
    assert {state_of(each) for each in messages} == {Message.State.SEALED}


def test_the_second_about_one_thing_goes_only_when_the_first_has_gone(
    enqueue: Enqueue, sender: Sender, regulator: Regulator
) -> None:
    about = f"incident:{new_id()}"
    second, first = enqueue(about, 2), enqueue(about, 1)
    others = [enqueue() for _ in range(3)]
    for _round in range(4):
        sender.work()
    sent = [pk for pk, _ in regulator.received]
    assert sent.index(first.pk) < sent.index(second.pk)
    assert len(sent) == len(set(sent)) == 5
    assert {state_of(each) for each in (first, second, *others)} == {Message.State.DELIVERED}


def test_what_got_its_receipt_otherwise_is_not_tried_again(
    enqueue: Enqueue, channel: Channel, regulator: Regulator
) -> None:
    message = enqueue()
    channel.seal(message)
    (begun,) = outbox.begin_attempts([message.pk], channel.credentials)
    result = channel.attempt(begun)
    assert result.opened is not None
    outbox.accept_receipt(result.opened, came_by="file", actor=TESTER)
    channel.settle([result])  # a further receipt changes nothing but the record of the try
    assert outcomes(message) == [Outcome.DELIVERED]
    assert queries.message(message.pk).first_sent_at == begun.attempt.started_at
    assert queries.message(message.pk).receipt.came_by == "file"
    assert outbox.begin_attempts([message.pk], channel.credentials) == []
    assert Event.objects.filter(subject=message.subject, tag="asoi:message:delivered").count() == 1


class TestSealing:
    """Many in one transaction, each of them whole."""

    def test_all_are_sealed_as_one_would_be(self, enqueue: Enqueue, channel: Channel, regulator: Regulator) -> None:
        messages = [enqueue() for _ in range(3)]
        assert channel.seal_all(messages) == [each.pk for each in messages]
        for message in map(queries.message, [each.pk for each in messages]):
            said = compose(message, sender=channel.sender, recipient="ASOI", checkpoint=None)
            assert regulator.open(bytes(message.sealed)) == bytes(message.content) == said
            assert message.sha256 == canonical.sha256(said)
            assert AuditRow.objects.filter(subject=message.subject, action="asoi:message:sealed").count() == 1

    def test_the_first_that_cannot_be_sealed_ends_it_and_takes_nothing_from_the_others(
        self, enqueue: Enqueue, channel: Channel
    ) -> None:
        messages = [enqueue() for _ in range(3)]
        expired = Identity(keys.new_rsa(), "encryption", starts=-2 * DAY, ends=-DAY, demonstration=True)
        poor = replace(channel, credentials=replace(channel.credentials, regulator_encryption=(expired.certificate,)))
        assert poor.seal_all(messages) == []
        assert [outcomes(each) for each in messages] == [[Outcome.NOT_SEALABLE], [], []]
        assert queries.to_seal() == messages[1:]
        assert channel.seal_all(messages) == [each.pk for each in messages]

    def test_it_ends_after_a_while_so_that_what_is_sealed_can_go(
        self, enqueue: Enqueue, channel: Channel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sealing, "TOGETHER_FOR", 0.0)
        first, second = enqueue(), enqueue()
        assert channel.seal_all([first, second]) == [first.pk]
        assert channel.seal_all([first, second]) == [second.pk]

    def test_what_is_exported_meanwhile_is_left_as_it_is(self, enqueue: Enqueue, channel: Channel) -> None:
        first, second = enqueue(), enqueue()
        channel.seal(first)
        operations.export(first.pk, actor=TESTER)
        assert channel.seal_all([first, second]) == [second.pk]
        assert state_of(first) == Message.State.EXPORTED
