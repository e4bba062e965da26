"""Each misbehaviour, over real TLS: what arrives on the wire, what was kept, and that it is over when it is over."""

import datetime
import subprocess
import uuid

import pytest
from asn1crypto import cms

from stand_ins.asoi.behaviour import MEANINGS, Behaviour, Mode
from stand_ins.asoi.clock import now
from stand_ins.asoi.page.words import LANGUAGES, Words
from stand_ins.asoi.store import Store
from tests.stand_ins.bureau import Answer, Bureau, digest, identifier, message, request
from tests.stand_ins.conftest import StandIn, answers


class Delivery:
    """One message sent to a stand-in that misbehaves once, and the same message sent again."""

    def __init__(self, bureau: Bureau, store: Store, mode: Mode, **more: float) -> None:
        self.content = message()
        self.sealed = bureau.seal(self.content)
        self._bureau, self._store = bureau, store
        store.behave(Behaviour(mode, times_left=1, **more))
        self.came = bureau.exchange(request(self.sealed))

    @property
    def answer(self) -> Answer:
        return Answer.read(self.came)

    @property
    def is_kept(self) -> bool:
        return self._store.one(uuid.UUID(identifier(self.content))) is not None

    def again(self) -> dict[str, object]:
        """The receipt when it is delivered once more: the stand-in is well again, and the receipt is right."""
        answer = self._bureau.post(self.sealed)
        assert answer.status == 200
        receipt = self._bureau.open_receipt(answer.body)
        assert (receipt["message"], receipt["sha256"]) == (identifier(self.content), digest(self.content))
        return receipt


def test_cut_after_the_message_is_kept(bureau: Bureau, store: Store) -> None:
    delivery = Delivery(bureau, store, Mode.CUT_AFTER)
    assert (delivery.came, delivery.is_kept) == (b"", True)
    delivery.again()


def test_cut_before_the_message_is_read(bureau: Bureau, store: Store) -> None:
    content = message()
    sealed = request(bureau.seal(content))
    store.behave(Behaviour(Mode.CUT_BEFORE, times_left=1))
    with bureau.connect() as connection:
        connection.sendall(sealed[: sealed.index(b"\r\n\r\n") + 4])  # the headers alone bring it about
        assert connection.recv(1) == b""
    assert store.one(uuid.UUID(identifier(content))) is None


def test_a_full_disk(bureau: Bureau, store: Store, stand_in: StandIn) -> None:
    delivery = Delivery(bureau, store, Mode.DISK_FULL)
    assert (delivery.answer.status, delivery.is_kept) == (507, False)
    assert delivery.answer.body == b"cannot be kept: database or disk is full\n"
    delivery.again()


def test_an_error(bureau: Bureau, store: Store) -> None:
    delivery = Delivery(bureau, store, Mode.ERROR)
    assert (delivery.answer.status, delivery.is_kept) == (503, False)
    delivery.again()


def test_garbage(bureau: Bureau, store: Store) -> None:
    delivery = Delivery(bureau, store, Mode.GARBAGE)
    assert (delivery.answer.status, delivery.is_kept) == (200, True)
    with pytest.raises(subprocess.CalledProcessError):
        bureau.decrypt(delivery.answer.body)
    delivery.again()


def test_half_of_the_receipt(bureau: Bureau, store: Store) -> None:
    delivery = Delivery(bureau, store, Mode.HALF)
    assert len(delivery.answer.body) == delivery.answer.length // 2
    assert delivery.is_kept
    delivery.again()


def test_late(bureau: Bureau, store: Store) -> None:
    """The delay is real: a sender that waits less than it gets nothing."""
    content = message()
    sealed = bureau.seal(content)
    store.behave(Behaviour(Mode.LATE, times_left=1, delay=600))
    with bureau.connect() as connection:
        connection.sendall(request(sealed))
        connection.settimeout(0.5)
        with pytest.raises(TimeoutError):
            connection.recv(1)
    assert store.one(uuid.UUID(identifier(content))) is not None


def test_late_by_nothing_is_a_right_answer(bureau: Bureau, store: Store) -> None:
    delivery = Delivery(bureau, store, Mode.LATE, delay=0.01)
    assert bureau.open_receipt(delivery.answer.body) == delivery.again()


def test_silent_with_the_connection_open(bureau: Bureau, store: Store) -> None:
    content = message()
    sealed = request(bureau.seal(content))
    store.behave(Behaviour(Mode.SILENT, times_left=1))
    with bureau.connect() as connection:
        connection.sendall(sealed)
        connection.settimeout(0.5)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        assert bureau.deliver(message()).status == 200, "others are served meanwhile"
    assert store.one(uuid.UUID(identifier(content))) is None


def test_twice(bureau: Bureau, store: Store) -> None:
    delivery = Delivery(bureau, store, Mode.TWICE)
    second = Answer.read(delivery.answer.rest)
    assert (second.status, second.body, second.rest) == (200, delivery.answer.body, b"")
    delivery.again()


def test_the_receipt_of_another_message(bureau: Bureau, store: Store) -> None:
    other = message()
    receipt = bureau.deliver(other).body
    delivery = Delivery(bureau, store, Mode.ANOTHER_RECEIPT)
    assert delivery.answer.body == receipt
    delivery.again()


def test_a_receipt_for_another_content(bureau: Bureau, store: Store) -> None:
    delivery = Delivery(bureau, store, Mode.WRONG_HASH)
    receipt = bureau.open_receipt(delivery.answer.body)
    assert receipt["message"] == identifier(delivery.content)
    assert receipt["sha256"] != digest(delivery.content)
    delivery.again()


def test_a_receipt_for_another_message_id(bureau: Bureau, store: Store) -> None:
    delivery = Delivery(bureau, store, Mode.WRONG_ID)
    receipt = bureau.open_receipt(delivery.answer.body)
    assert receipt["message"] != identifier(delivery.content)
    assert receipt["sha256"] == digest(delivery.content)
    delivery.again()


def test_a_receipt_signed_by_an_impostor(bureau: Bureau, store: Store) -> None:
    """It opens, says the right things, names the regulator: only the signature is nobody's."""
    delivery = Delivery(bureau, store, Mode.WRONG_SIGNATURE)
    assert identifier(delivery.content).encode() in bureau.decrypt(delivery.answer.body)
    with pytest.raises(subprocess.CalledProcessError) as refused:
        bureau.open_receipt(delivery.answer.body)
    assert b"Verification failure" in refused.value.stderr
    delivery.again()


def test_a_receipt_of_another_form(bureau: Bureau, store: Store) -> None:
    delivery = Delivery(bureau, store, Mode.NEW_SCHEMA)
    receipt = bureau.open_receipt(delivery.answer.body)
    assert (receipt["version"], receipt["message"]["id"]) == (2, identifier(delivery.content))
    delivery.again()


def test_a_clock_that_is_ahead_signs_ahead(bureau: Bureau, store: Store) -> None:
    delivery = Delivery(bureau, store, Mode.CLOCK_AHEAD, delay=3600)
    receipt = bureau.open_receipt(delivery.answer.body)
    ahead = datetime.datetime.fromisoformat(receipt["received_at"]) - now()
    assert datetime.timedelta(minutes=59) < ahead <= datetime.timedelta(hours=1)
    signed = cms.ContentInfo.load(bureau.decrypt(delivery.answer.body))["content"]["signer_infos"][0]
    (at,) = (each["values"][0].native for each in signed["signed_attrs"] if each["type"].native == "signing_time")
    assert at - now() > datetime.timedelta(minutes=59)
    assert delivery.again() == receipt


@pytest.mark.parametrize(("seconds", "status"), [(240, 200), (3600, 403)])
def test_a_clock_that_is_behind_takes_what_can_be_true_by_it(
    bureau: Bureau, store: Store, seconds: float, status: int
) -> None:
    delivery = Delivery(bureau, store, Mode.CLOCK_BEHIND, delay=seconds)
    assert (delivery.answer.status, delivery.is_kept) == (status, status == 200)
    delivery.again()


def test_down_refuses_connections_and_comes_back(bureau: Bureau, stand_in: StandIn) -> None:
    stand_in.misbehave("down")
    stand_in.wait(listening=False)
    with pytest.raises(ConnectionRefusedError):
        bureau.connect()
    assert answers(stand_in.page_port), "people can still look"
    stand_in.misbehave("well")
    stand_in.wait(listening=True)
    assert bureau.deliver(message()).status == 200


def test_down_holds_for_connections_that_are_open_already(bureau: Bureau, stand_in: StandIn) -> None:
    sealed = bureau.seal(message())
    with bureau.connect() as connection:
        stand_in.misbehave("down")
        connection.sendall(request(sealed))
        assert connection.recv(1) == b""
    stand_in.misbehave("well")
    stand_in.wait(listening=True)


def test_it_misbehaves_as_often_as_asked(bureau: Bureau, stand_in: StandIn) -> None:
    stand_in.misbehave("error", "--times", "2")
    assert [bureau.deliver(message()).status for _ in range(3)] == [503, 503, 200]


def test_it_misbehaves_until_told_otherwise(bureau: Bureau, stand_in: StandIn) -> None:
    stand_in.misbehave("error")
    assert [bureau.deliver(message()).status for _ in range(3)] == [503] * 3
    stand_in.misbehave("well")
    assert bureau.deliver(message()).status == 200


def test_it_misbehaves_until_the_time_is_over() -> None:
    until = now()
    second = datetime.timedelta(seconds=1)
    behaviour = Behaviour(Mode.ERROR, until=until)
    assert behaviour.at(until - second).mode is Mode.ERROR
    assert behaviour.at(until).mode is Mode.WELL


def test_every_mode_is_explained_in_every_language() -> None:
    assert set(MEANINGS) == set(Mode)
    for language in LANGUAGES:
        assert len({Words(language).mode(mode) for mode in Mode}) == len(Mode)
