"""Delivered is what the regulator signed for."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta

import pytest

from senim.asoi import adapters, operations, pinned, queries
from senim.asoi.errors import ReceiptOutOfTime
from senim.asoi.internal import outbox
from senim.asoi.internal.channel import Channel
from senim.asoi.internal.content import SKEW
from senim.asoi.internal.pause import pause_after
from senim.asoi.internal.receipts import open_receipt, require_receipt_for
from senim.asoi.models import Message, Outcome
from senim.asoi.settings import AsoiSettings
from senim.audit.models import AuditRow
from senim.events.models import Event
from senim.kit import canonical
from senim.kit.clock import now
from senim.kit.crypto import cms, keys
from senim.kit.ids import new_id
from tests.asoi.conftest import BODY, TESTER
from tests.asoi.regulator import Content, Regulator
from tests.kit.certificates import DAY, Identity

HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
LONGEST, HALF = timedelta(seconds=AsoiSettings().retry_longest), timedelta(seconds=30)
Enqueue = Callable[..., Message]


def news_of(message: Message) -> list[str]:
    return list(Event.objects.filter(subject=message.subject).values_list("tag", flat=True))


def test_the_signed_bytes_name_sender_recipient_purpose_and_message(
    sealed: Message, channel: Channel, regulator: Regulator
) -> None:
    content = regulator.open(bytes(sealed.sealed))
    assert (content, canonical.sha256(content)) == (bytes(sealed.content), sealed.sha256)
    says = canonical.loads(content)
    assert says.pop("made_at").endswith("Z")
    assert says == {
        "version": 1,
        "id": str(sealed.pk),
        "kind": "IncidentNotice",
        "purpose": "R228/81-1",
        "sender": {"bin": "000140000002", "name": "«Үлгі» кредиттік бюросы"},
        "recipient": "ASOI",
        "sequence": 1,
        "about": sealed.about,
        "corrects": None,
        "exercise": False,
        "checkpoint": None,
        "body": BODY,
    }


@pytest.mark.clause("R228/81")
@pytest.mark.refusal
def test_what_leaves_opens_for_the_regulator_alone(enqueue: Enqueue, channel: Channel, regulator: Regulator) -> None:
    message = enqueue()
    channel.seal(message)
    sealed = bytes(queries.message(message.pk).sealed or b"")
    assert cms.is_enveloped(sealed)
    assert BODY["target"].encode() not in sealed
    with pytest.raises(cms.CannotOpen):
        cms.decrypt(sealed, channel.credentials.receipt_key, channel.credentials.receipt)
    assert BODY["target"].encode() in regulator.open(sealed)


@pytest.mark.clause("R228/81")
class TestDelivery:
    """Guaranteed: tried until the regulator has signed for exactly this."""

    def test_with_a_receipt_it_is_delivered(self, delivered: Message) -> None:
        assert delivered.state == Message.State.DELIVERED
        receipt = delivered.receipt
        assert (receipt.came_by, receipt.accepted_at) == ("https", delivered.delivered_at)
        assert delivered.first_sent_at == delivered.attempts.get().started_at
        assert news_of(delivered) == ["asoi:message:delivered"]
        actions = AuditRow.objects.filter(subject=delivered.subject).values_list("action", flat=True)
        assert list(actions) == ["asoi:message:queued", "asoi:message:sealed", "asoi:receipt:accepted"]
        assert list(queries.waiting()) == []

    @pytest.mark.refusal
    @pytest.mark.parametrize(
        ("twist", "code"),
        [
            (lambda says: {**says, "message": str(new_id())}, "asoi:receipt-for-another"),
            (lambda says: {**says, "sha256": "0" * 64}, "asoi:receipt-for-another"),
            (lambda says: {**says, "status": "received"}, "asoi:receipt-for-another"),
            (lambda says: {**says, "version": 2}, "asoi:receipt-not-as-agreed"),
            (lambda says: {**says, "more": 1}, "asoi:receipt-not-as-agreed"),
            (lambda says: {**says, "received_at": "2026-11-22T10:00:00"}, "asoi:receipt-not-as-agreed"),
            (lambda says: {**says, "received_at": "0001-01-01T00:00:00+23:59"}, "asoi:receipt-not-as-agreed"),
            (lambda says: {**says, "message": "\u0000"}, "asoi:receipt-not-as-agreed"),
            (lambda says: {**says, "received_at": "0001-01-01T00:00:00.000Z"}, "asoi:receipt-out-of-time"),
            (lambda says: {**says, "received_at": "9999-12-31T23:59:59.000Z"}, "asoi:receipt-out-of-time"),
        ],
    )
    def test_a_receipt_that_says_something_else_delivers_nothing(
        self, sealed: Message, channel: Channel, regulator: Regulator, twist: Callable[[Content], Content], code: str
    ) -> None:
        regulator.twists = twist
        channel.deliver(sealed.pk)
        self._is_refused(sealed, code)
        regulator.twists = dict
        channel.deliver(sealed.pk)
        assert queries.message(sealed.pk).state == Message.State.DELIVERED

    @pytest.mark.refusal
    def test_a_strangers_receipt_delivers_nothing(
        self, sealed: Message, channel: Channel, regulator: Regulator
    ) -> None:
        stranger = Identity(keys.new_ec(), "signing")
        regulator.signs_with = (stranger.key, stranger.certificate)
        channel.deliver(sealed.pk)
        self._is_refused(sealed, "asoi:receipt-of-stranger")

    @pytest.mark.refusal
    def test_an_expired_regulator_signs_for_nothing(
        self, sealed: Message, channel: Channel, regulator: Regulator
    ) -> None:
        expired = Identity(keys.new_ec(), "signing", starts=-2 * DAY, ends=-DAY)
        regulator.signs_with = (expired.key, expired.certificate)
        trusting = replace(channel.credentials, regulator_signing=(expired.certificate,))
        replace(channel, credentials=trusting).deliver(sealed.pk)
        self._is_refused(sealed, "asoi:receipt-of-stranger")

    @pytest.mark.refusal
    @pytest.mark.parametrize("answer", [b"", b"OK", b"\x30" * 70_000])
    def test_no_receipt_delivers_nothing(
        self, sealed: Message, channel: Channel, regulator: Regulator, answer: bytes
    ) -> None:
        regulator.answers = answer
        channel.deliver(sealed.pk)
        self._is_refused(sealed, "asoi:receipt-unreadable")

    @pytest.mark.refusal
    @pytest.mark.parametrize(("since_sealed", "holds"), [(-SKEW, True), (-SKEW - TICK, False), (HOUR, True)])
    def test_what_is_acknowledged_was_sealed_before(
        self, sealed: Message, channel: Channel, regulator: Regulator, since_sealed: timedelta, *, holds: bool
    ) -> None:
        moment = sealed.sealed_at + since_sealed
        receipt = open_receipt(regulator.receipt(regulator.open(bytes(sealed.sealed))), channel.credentials)
        receipt = replace(receipt, signed_at=moment, received_at=moment)
        with nullcontext() if holds else pytest.raises(ReceiptOutOfTime):
            require_receipt_for(sealed, receipt, now=sealed.sealed_at + HOUR)

    @pytest.mark.refusal
    @pytest.mark.parametrize(("since_now", "holds"), [(SKEW, True), (SKEW + TICK, False)])
    def test_nothing_is_acknowledged_after_today(
        self, sealed: Message, channel: Channel, regulator: Regulator, since_now: timedelta, *, holds: bool
    ) -> None:
        today = sealed.sealed_at + HOUR
        receipt = open_receipt(regulator.receipt(regulator.open(bytes(sealed.sealed))), channel.credentials)
        with nullcontext() if holds else pytest.raises(ReceiptOutOfTime):
            require_receipt_for(sealed, replace(receipt, signed_at=today + since_now), now=today)

    @pytest.mark.refusal
    @pytest.mark.parametrize(("since_signed", "holds"), [(SKEW, True), (SKEW + TICK, False)])
    def test_nothing_is_received_after_it_was_acknowledged(
        self, sealed: Message, channel: Channel, regulator: Regulator, since_signed: timedelta, *, holds: bool
    ) -> None:
        receipt = open_receipt(regulator.receipt(regulator.open(bytes(sealed.sealed))), channel.credentials)
        receipt = replace(receipt, received_at=receipt.signed_at + since_signed)
        with nullcontext() if holds else pytest.raises(ReceiptOutOfTime):
            require_receipt_for(sealed, receipt, now=now() + HOUR)

    @pytest.mark.refusal
    def test_a_receipt_of_another_message_delivers_nothing(
        self, delivered: Message, channel: Channel, regulator: Regulator, enqueue: Enqueue
    ) -> None:
        other = enqueue()
        channel.seal(other)
        regulator.answers = bytes(delivered.receipt.sealed)
        channel.deliver(other.pk)
        self._is_refused(other, "asoi:receipt-for-another")

    def _is_refused(self, message: Message, code: str) -> None:
        message = queries.message(message.pk)
        assert message.state == Message.State.SEALED
        assert message.next_try_at > now() - timedelta(seconds=1)
        attempt = message.attempts.get()
        assert (attempt.outcome, attempt.detail.split()[0]) == (Outcome.RECEIPT_REFUSED, code)
        assert news_of(message) == ["asoi:receipt:refused"]
        row = AuditRow.objects.get(subject=message.subject, action="asoi:receipt:refused")
        assert row.detail["problem"] == code


class TestTrying:
    """Again and again, with the same bytes."""

    def test_every_try_sends_the_same_bytes(self, sealed: Message, channel: Channel, regulator: Regulator) -> None:
        regulator.fails_with = adapters.TimedOut("silence")
        channel.deliver(sealed.pk)
        channel.seal(sealed)
        regulator.fails_with = None
        channel.deliver(sealed.pk)
        assert regulator.received == [(sealed.pk, bytes(sealed.sealed))] * 2
        outcomes = [attempt.outcome for attempt in queries.message(sealed.pk).attempts.all()]
        assert outcomes == [Outcome.TIMED_OUT, Outcome.DELIVERED]

    def test_a_failure_waits_and_is_told_at_growing_distances(
        self, sealed: Message, channel: Channel, regulator: Regulator
    ) -> None:
        regulator.fails_with = adapters.Unreachable("nobody there")
        for _try in range(9):
            channel.deliver(sealed.pk)
        message = queries.message(sealed.pk)
        assert (message.state, message.tries, message.first_sent_at) == (Message.State.SEALED, 9, None)
        assert message.next_try_at > now()
        assert queries.to_send() == []
        told = Event.objects.filter(tag="asoi:delivery:failed").values_list("payload__tries", flat=True)
        assert list(told) == [1, 2, 4, 8]

    @pytest.mark.parametrize(
        ("tries", "away", "is_due"),
        [
            (0, LONGEST, True),  # never failed: it waits for nothing
            (3, -TICK, True),
            (3, LONGEST - HALF, False),
            # Whoever set the clock back by an hour meanwhile did not lengthen the pause.
            (3, LONGEST + HALF, True),
        ],
    )
    def test_no_pause_is_longer_than_the_longest(
        self, enqueue: Enqueue, sealed: Message, tries: int, away: timedelta, *, is_due: bool
    ) -> None:
        queued = enqueue()
        Message.objects.update(tries=tries, next_try_at=now() + away)
        assert (sealed.pk in queries.to_send()) is is_due
        assert (queued.pk in [message.pk for message in queries.to_seal()]) is is_due

    def test_a_delivered_message_is_not_sent_again(
        self, delivered: Message, channel: Channel, regulator: Regulator
    ) -> None:
        channel.deliver(delivered.pk)
        assert len(regulator.received) == 1

    def test_the_pause_grows_to_its_cap_and_leaves_half_to_chance(self) -> None:
        settings = AsoiSettings(retry_first=1, retry_longest=60)
        for tries, longest in [(0, 1), (1, 2), (5, 32), (6, 60), (7, 60), (10_000, 60)]:
            pauses = {pause_after(tries, settings).total_seconds() for _ in range(50)}
            assert longest / 2 <= min(pauses) < max(pauses) <= longest

    def test_tries_that_an_ended_process_left_open_are_closed(self, sealed: Message, channel: Channel) -> None:
        outbox.begin_attempts([sealed.pk], channel.credentials)
        assert outbox.end_interrupted() == 1
        assert queries.message(sealed.pk).attempts.get().outcome == Outcome.INTERRUPTED
        assert queries.to_send() == [sealed.pk]

    def test_without_a_good_certificate_nothing_is_sealed_and_it_is_told(
        self, enqueue: Enqueue, channel: Channel
    ) -> None:
        message = enqueue()
        expired = Identity(keys.new_rsa(), "encryption", starts=-2 * DAY, ends=-DAY, demonstration=True)
        poor = replace(channel, credentials=replace(channel.credentials, regulator_encryption=(expired.certificate,)))
        poor.seal(message)
        message = queries.message(message.pk)
        assert (message.state, message.attempts.get().outcome) == (Message.State.QUEUED, Outcome.NOT_SEALABLE)
        assert news_of(message) == ["asoi:delivery:failed"]
        assert queries.to_seal() == []
        channel.seal(message)
        assert queries.message(message.pk).state == Message.State.SEALED


class TestConflict:
    """The regulator has other content under our identifier."""

    def test_is_told_and_not_tried_for_ever(self, sealed: Message, channel: Channel, regulator: Regulator) -> None:
        regulator.fails_with = adapters.InConflict("known with other content")
        channel.deliver(sealed.pk)
        channel.deliver(sealed.pk)
        message = queries.message(sealed.pk)
        assert (message.state, message.refusal) == (Message.State.REFUSED, "asoi:identifier-in-conflict")
        assert len(regulator.received) == 1
        assert news_of(message) == ["asoi:message:refused", "asoi:identifier:in-conflict"]
        assert list(queries.waiting()) == [message]


class TestOrder:
    """About one thing in sequence; one that is stuck holds up no other thing."""

    def test_the_second_waits_for_the_first(self, enqueue: Enqueue, channel: Channel) -> None:
        about = f"incident:{new_id()}"
        second, first, other = enqueue(about, 2), enqueue(about, 1), enqueue()
        for message in queries.to_seal():
            channel.seal(message)
        assert set(queries.to_send()) == {first.pk, other.pk}
        channel.deliver(first.pk)
        assert set(queries.to_send()) == {second.pk, other.pk}

    @pytest.mark.clause("R228/81")
    def test_an_exported_first_is_followed_as_a_file_and_overtaken_on_no_lane(
        self, enqueue: Enqueue, channel: Channel
    ) -> None:
        about = f"incident:{new_id()}"
        first, second = enqueue(about, 1), enqueue(about, 2)
        for message in queries.to_seal():
            channel.seal(message)
        operations.export(first.pk, actor=TESTER)
        assert set(queries.to_send()) == {first.pk}
        assert [one.pk for one in queries.to_hand_over(now())] == [second.pk]
        operations.export(second.pk, actor=TESTER)
        assert set(queries.to_send()) == {first.pk}
        channel.deliver(first.pk)
        assert set(queries.to_send()) == {second.pk}

    def test_late_is_what_waits_longer_than_our_patience(self, sealed: Message) -> None:
        patience = timedelta(seconds=AsoiSettings().late_after)
        assert list(queries.late(now=sealed.created_at + patience)) == []
        assert list(queries.late(now=sealed.created_at + patience + timedelta(microseconds=1))) == [sealed]


def test_the_pinned_certificates_are_the_stand_ins(channel: Channel, instance: object) -> None:
    assert channel.credentials.regulator_signing == pinned.certificates(instance, pinned.SIGNING)
    with pytest.raises(cms.NotTheSigner):
        cms.verify(
            cms.sign(b"x", channel.credentials.signing_key, channel.credentials.signing[0]),
            trusted=channel.credentials.regulator_signing,
        )
