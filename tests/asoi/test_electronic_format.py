"""The electronic format: the very same bytes as a file, the receipt as a file, under the same checks."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from senim.asoi import adapters, operations, queries
from senim.asoi.errors import NotSealed, UnknownMessage
from senim.asoi.internal import handed_in
from senim.asoi.internal.channel import Channel
from senim.asoi.internal.content import SKEW
from senim.asoi.models import HandedIn, Message
from senim.audit.models import AuditRow
from senim.events.models import Event
from senim.kit.clock import now
from senim.kit.crypto import cms
from senim.kit.ids import new_id
from tests.asoi.conftest import TESTER
from tests.asoi.regulator import Regulator

Import = Callable[[bytes], HandedIn]


@pytest.fixture
def import_file(db: None, channel: Channel) -> Import:
    """Hands a file in as the operator does and lets the channel's process answer."""

    def do(data: bytes, wish: HandedIn.Wish = HandedIn.Wish.IMPORT) -> HandedIn:
        handed = operations.hand_in(wish, data, actor=TESTER)
        assert handed in queries.unanswered()
        handed_in.answer(handed, channel.credentials)
        assert queries.unanswered() == []
        return queries.handed_in(handed.pk)

    return do


@pytest.mark.clause("R228/81")
class TestExport:
    """A file on our disk is exported, not delivered."""

    def test_writes_the_very_bytes_that_are_sent(self, sealed: Message, channel: Channel, regulator: Regulator) -> None:
        regulator.fails_with = adapters.Unreachable("nobody there")
        channel.deliver(sealed.pk)
        exported = operations.export(sealed.pk, actor=TESTER)
        assert [sent for _id, sent in regulator.received] == [exported]
        message = queries.message(sealed.pk)
        assert (message.state, message.delivered_at) == (Message.State.EXPORTED, None)
        assert list(queries.waiting()) == [message]
        assert AuditRow.objects.filter(subject=message.subject, action="asoi:message:exported").exists()

    @pytest.mark.refusal
    def test_what_is_not_sealed_is_not_exported(self, enqueue: Callable[..., Message]) -> None:
        message = enqueue()
        with pytest.raises(NotSealed):
            operations.export(message.pk, actor=TESTER)
        with pytest.raises(UnknownMessage):
            operations.export(new_id(), actor=TESTER)

    def test_a_second_export_is_the_same_and_leaves_its_row(self, sealed: Message) -> None:
        first, second = (operations.export(sealed.pk, actor=TESTER) for _ in range(2))
        assert first == second
        assert AuditRow.objects.filter(subject=sealed.subject, action="asoi:message:exported").count() == 2

    def test_an_exported_message_is_still_tried(self, sealed: Message, channel: Channel) -> None:
        operations.export(sealed.pk, actor=TESTER)
        channel.deliver(sealed.pk)
        assert queries.message(sealed.pk).state == Message.State.DELIVERED

    def test_a_delivered_message_can_be_exported_and_stays_delivered(self, delivered: Message) -> None:
        assert operations.export(delivered.pk, actor=TESTER) == bytes(delivered.sealed)
        assert queries.message(delivered.pk).state == Message.State.DELIVERED


class TestImport:
    """The receipt as a file, opened by the process that may."""

    def test_a_receipt_delivers(self, sealed: Message, regulator: Regulator, import_file: Import) -> None:
        exported = operations.export(sealed.pk, actor=TESTER)
        handed = import_file(regulator.receipt(regulator.open(exported)))
        assert (handed.problem, handed.answer["receipt"]["message"]) == ("", str(sealed.pk))
        message = queries.message(sealed.pk)
        assert (message.state, message.receipt.came_by) == (Message.State.DELIVERED, "file")
        row = AuditRow.objects.get(subject=message.subject, action="asoi:receipt:accepted")
        assert row.actor_name == TESTER.name

    def test_the_same_receipt_again_changes_nothing(self, delivered: Message, import_file: Import) -> None:
        handed = import_file(bytes(delivered.receipt.sealed))
        assert handed.problem == ""
        assert queries.message(delivered.pk).receipt == delivered.receipt
        assert AuditRow.objects.filter(action="asoi:receipt:accepted").count() == 1

    def test_a_receipt_that_comes_long_afterwards_is_judged_by_when_it_was_signed(
        self, sealed: Message, regulator: Regulator, import_file: Import, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        receipt = regulator.receipt(regulator.open(operations.export(sealed.pk, actor=TESTER)))
        monkeypatch.setattr(handed_in, "now", lambda: now() + timedelta(days=400))
        assert import_file(receipt).problem == ""
        assert queries.message(sealed.pk).state == Message.State.DELIVERED

    @pytest.mark.refusal
    @pytest.mark.clause("R228/81")
    def test_a_receipt_from_the_future_is_refused(
        self, sealed: Message, regulator: Regulator, import_file: Import, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        receipt = regulator.receipt(regulator.open(bytes(sealed.sealed)))
        monkeypatch.setattr(handed_in, "now", lambda: now() - SKEW - timedelta(seconds=2))
        assert import_file(receipt).problem == "asoi:receipt-out-of-time"
        assert queries.message(sealed.pk).state == Message.State.SEALED

    @pytest.mark.refusal
    @pytest.mark.clause("R228/81")
    def test_another_receipt_is_refused_by_name(
        self, sealed: Message, regulator: Regulator, import_file: Import
    ) -> None:
        regulator.twists = lambda says: {**says, "sha256": "0" * 64}
        handed = import_file(regulator.receipt(regulator.open(bytes(sealed.sealed))))
        assert handed.problem == "asoi:receipt-for-another"
        assert queries.message(sealed.pk).state == Message.State.SEALED
        assert Event.objects.filter(tag="asoi:receipt:refused", subject=f"file:{handed.pk}").exists()
        assert AuditRow.objects.filter(action="asoi:receipt:refused", subject=f"file:{handed.pk}").exists()

    def test_a_receipt_for_a_message_that_is_not_ours_is_refused(
        self, regulator: Regulator, import_file: Import
    ) -> None:
        regulator.twists = lambda _says: {**_says, "message": str(new_id())}
        assert import_file(regulator.receipt(b'{"id":""}')).problem == "asoi:unknown-message"

    @pytest.mark.parametrize("data", [b"", b"not a receipt", b"\x00" * 100_000])
    def test_garbage_is_refused(self, data: bytes, import_file: Import) -> None:
        assert import_file(data).problem == "asoi:receipt-unreadable"

    def test_after_a_conflict_a_signed_receipt_still_counts(
        self, sealed: Message, channel: Channel, regulator: Regulator, import_file: Import
    ) -> None:
        regulator.fails_with = adapters.InConflict("")
        channel.deliver(sealed.pk)
        assert queries.message(sealed.pk).state == Message.State.REFUSED
        import_file(regulator.receipt(regulator.open(bytes(sealed.sealed))))
        assert queries.message(sealed.pk).state == Message.State.DELIVERED


class TestOpen:
    """Looking inside changes nothing but the audit log."""

    def test_shows_the_receipt(self, sealed: Message, regulator: Regulator, import_file: Import) -> None:
        handed = import_file(regulator.receipt(regulator.open(bytes(sealed.sealed))), HandedIn.Wish.OPEN)
        assert handed.answer["receipt"]["sha256"] == sealed.sha256
        assert queries.message(sealed.pk).state == Message.State.SEALED
        assert AuditRow.objects.filter(action="asoi:file:opened", subject=f"file:{handed.pk}").exists()

    def test_our_own_message_does_not_open_for_us(self, sealed: Message, import_file: Import) -> None:
        assert import_file(bytes(sealed.sealed), HandedIn.Wish.OPEN).problem == "asoi:receipt-unreadable"
        assert queries.sealed_as(bytes(sealed.sealed)) == sealed
        assert queries.sealed_as(b"other") is None

    def test_what_was_handed_in_and_answered_stays(self, import_file: Import) -> None:
        import_file(b"x")
        for change in ("UPDATE asoi_handedin SET problem = ''", "DELETE FROM asoi_handedin"):
            with pytest.raises(DatabaseError, match="never"), transaction.atomic():
                connection.cursor().execute(change)


def test_the_signed_file_carries_its_signers_certificate(sealed: Message, channel: Channel) -> None:
    assert cms.enclosed_certificate(bytes(sealed.signed)) == channel.credentials.signing[0]
    with pytest.raises(cms.NotSignedData):
        cms.enclosed_certificate(bytes(sealed.sealed))
