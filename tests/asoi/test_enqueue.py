"""The outbox takes a message in the transaction that it tells of."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from pytest_django import Settings

from senim.asoi import operations, queries
from senim.asoi.errors import ExerciseToRealRegulator, UnsendableBody
from senim.asoi.internal.channel import Channel
from senim.asoi.internal.credentials import Credentials
from senim.asoi.kinds import MessageKind
from senim.asoi.models import Message
from senim.audit.models import AuditRow
from senim.kit.instance import Instance
from tests.asoi.conftest import BODY, TESTER
from tests.asoi.copies import copy_of, pin_real
from tests.asoi.regulator import Regulator

Enqueue = Callable[..., Message]


def test_a_message_waits_with_its_audit_row_and_keeps_its_body_to_the_letter(enqueue: Enqueue) -> None:
    message = enqueue()
    assert queries.message(message.pk).body == BODY
    assert list(queries.waiting()) == [message]
    row = AuditRow.objects.get(subject=message.subject)
    assert (row.action, row.detail["about"]) == ("asoi:message:queued", message.about)


def test_outside_a_transaction_it_is_refused() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        operations.enqueue(MessageKind.INCIDENT_NOTICE, BODY, about="incident:1", sequence=1, actor=TESTER)


def test_a_sequence_is_given_once(enqueue: Enqueue) -> None:
    enqueue("incident:1", 1)
    with pytest.raises(IntegrityError):
        enqueue("incident:1", 1)


@pytest.mark.django_db
@pytest.mark.parametrize("body", [{"when": object()}, {"n": 2**60}, {"n": 1e20}, {"n": float("nan")}, {"t": "\ud800"}])
def test_what_has_no_canonical_form_is_refused_by_name(body: dict[str, object]) -> None:
    with pytest.raises(UnsendableBody):
        operations.enqueue(MessageKind.INCIDENT_NOTICE, body, about="incident:1", sequence=1, actor=TESTER)
    assert not Message.objects.exists()


@pytest.mark.clause("R228/81-1")
class TestAnExercise:
    """It is marked, and reaches a stand-in only."""

    def test_goes_out_where_the_recipient_is_a_stand_in(self, enqueue: Enqueue) -> None:
        assert queries.recipient_is_stand_in()
        assert enqueue(exercise=True).exercise

    @pytest.mark.refusal
    @pytest.mark.parametrize("real", [("signing",), ("encryption",), ("signing", "encryption")])
    def test_is_refused_where_a_certificate_of_the_recipient_is_real(
        self, enqueue: Enqueue, instance: Instance, tmp_path: Path, settings: Settings, real: tuple[str, ...]
    ) -> None:
        settings.SENIM_INSTANCE = copy_of(instance, tmp_path)
        pin_real(settings.SENIM_INSTANCE, *real)
        assert not queries.recipient_is_stand_in()
        with pytest.raises(ExerciseToRealRegulator):
            enqueue(exercise=True)
        assert enqueue(exercise=False).state == Message.State.QUEUED

    @pytest.mark.refusal
    @pytest.mark.parametrize("when", ["sealing", "sending"])
    def test_is_refused_again_at_sealing_and_sending(
        self, enqueue: Enqueue, channel: Channel, instance: Instance, tmp_path: Path, when: str
    ) -> None:
        """The bureau has pinned the real regulator since the exercise was queued."""
        exercise, real = enqueue(exercise=True), enqueue()
        if when == "sending":
            channel.seal(exercise)
        renewed = copy_of(instance, tmp_path)
        pin_real(renewed)
        regulator = Regulator(renewed)
        channel = replace(channel, credentials=Credentials.load(renewed), adapter=regulator)
        for message in (exercise, real):
            channel.seal(message)
            channel.deliver(message.pk)
        exercise.refresh_from_db()
        real.refresh_from_db()
        assert (exercise.state, exercise.refusal) == (Message.State.REFUSED, ExerciseToRealRegulator.code)
        assert real.state == Message.State.DELIVERED
        assert [sent for sent, _bytes in regulator.received] == [real.pk]


class TestWhatWasSaidStays:
    """Whoever asks, short of the table's owner dropping the trigger."""

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE asoi_message SET told = '{}'",
            "UPDATE asoi_message SET exercise = NOT exercise",
            "UPDATE asoi_message SET sealed = 'x'",
            "UPDATE asoi_message SET sha256 = repeat('0', 64)",
            "UPDATE asoi_message SET state = 'delivered', delivered_at = now()",
            "UPDATE asoi_message SET state = 'queued'",
            "DELETE FROM asoi_message",
            "TRUNCATE asoi_message CASCADE",
        ],
    )
    def test_of_a_sealed_message(self, sealed: Message, change: str) -> None:
        _refused(change)
        assert queries.message(sealed.pk).content == sealed.content

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE asoi_receipt SET content = 'x'",
            "DELETE FROM asoi_receipt",
            "TRUNCATE asoi_receipt",
            "UPDATE asoi_message SET state = 'refused', delivered_at = NULL",
            "UPDATE asoi_message SET delivered_at = now() + interval '1 s'",
            "UPDATE asoi_message SET first_sent_at = NULL",
            "UPDATE asoi_attempt SET outcome = 'refused'",
            "DELETE FROM asoi_attempt",
        ],
    )
    def test_of_a_delivered_message(self, delivered: Message, change: str) -> None:
        _refused(change)
        assert queries.message(delivered.pk).state == Message.State.DELIVERED

    @pytest.mark.django_db
    def test_and_nothing_is_born_sealed(self) -> None:
        with pytest.raises(DatabaseError, match="begins in the queue"), transaction.atomic():
            Message.objects.create(kind="IncidentNotice", about="x:1", sequence=1, told="{}", state="sealed")


def _refused(change: str) -> None:
    connection.check_constraints()
    with pytest.raises(DatabaseError, match=r"never|no receipt|does not go"), transaction.atomic():
        connection.cursor().execute(change)
