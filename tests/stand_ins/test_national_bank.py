"""The stand-in of the National Bank's object, a program: it carries both ways, opens nothing, misbehaves as told."""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from subprocess import CalledProcessError, Popen
from typing import Any

import pytest

from stand_ins.asoi.behaviour import Behaviour, Mode
from stand_ins.asoi.store import Store
from tests.ports import free_port
from tests.stand_ins.bureau import CHECKOUT, Answer, Bureau, digest, identifier, message, program, request
from tests.stand_ins.conftest import StandIn, answers


class Bank:
    """The program, between a bureau and the stand-in of ASOI."""

    def __init__(self, stand_in: StandIn) -> None:
        self.home, self.port = stand_in.bureau.folder / "bank", free_port()
        self.bureau = replace(stand_in.bureau, port=self.port)
        onward = f"https://127.0.0.1:{stand_in.bureau.port}/messages"
        words = ("serve", "--home", str(self.home), "--port", str(self.port), "--asoi", onward)
        self.process = Popen([sys.executable, "-m", "stand_ins.national_bank", *words], cwd=CHECKOUT)
        self.wait(listening=True)

    def wait(self, *, listening: bool) -> None:
        """Return when bureaus find it listening, or not any more."""
        for _ in range(600):
            assert self.process.poll() is None
            if answers(self.port) == listening:
                return
            time.sleep(0.05)
        raise AssertionError(f"listening is still not {listening}")

    def misbehave(self, mode: str) -> None:
        assert program("stand_ins.national_bank", "misbehave", "--home", self.home, mode).returncode == 0

    def passed(self) -> list[dict[str, Any]]:
        """What it says of what it passed on."""
        told = program("stand_ins.national_bank", "list", "--home", self.home)
        found: list[dict[str, Any]] = json.loads(told.stdout)
        return found

    def post(self, sealed: bytes, content: bytes, **headers: str) -> Answer:
        """The answer to one delivery, named as the bureau names it."""
        return self.bureau.post(sealed, Senim_Message=identifier(content), **headers)

    def carry(self, content: bytes) -> Answer:
        return self.post(self.bureau.seal(content), content)


@pytest.fixture(scope="module")
def running(stand_in: StandIn) -> Iterator[Bank]:
    bank = Bank(stand_in)
    yield bank
    bank.process.terminate()
    assert bank.process.wait(10) == 0


@pytest.fixture
def bank(running: Bank, bureau: Bureau) -> Iterator[Bank]:
    yield running
    running.misbehave("well")
    running.wait(listening=True)


def test_the_receipt_that_comes_back_is_the_regulators_and_unchanged(bank: Bank, bureau: Bureau, store: Store) -> None:
    content = message()
    sealed = bureau.seal(content)
    answer = bank.post(sealed, content)
    receipt = bureau.open_receipt(answer.body)
    assert (receipt["message"], receipt["sha256"]) == (identifier(content), digest(content))
    (kept,) = (one for one in store.all() if str(one.message.id) == identifier(content))
    assert (kept.sealed, kept.receipt) == (sealed, answer.body)
    last = bank.passed()[-1]
    told = {"named": identifier(content), "bytes": len(sealed), "sha256": sha256(sealed).hexdigest(), "status": 200}
    assert last.items() >= {**told, "answer_sha256": sha256(answer.body).hexdigest()}.items()


def test_it_cannot_see_the_kind_so_the_yearly_information_would_pass_unnoticed(bank: Bank, bureau: Bureau) -> None:
    """That it does not go this way is the bureau's to watch over; the bank has no key that opens a message."""
    content = message(kind="AnnualReport", purpose="R228/79")
    sealed = bureau.seal(content)
    assert not any(word in sealed for word in (b"AnnualReport", b"R228/79", b"000140000002"))
    assert bank.post(sealed, content).status == 200
    told = json.dumps(bank.passed()[-1])
    assert "Annual" not in told
    assert not list(bank.home.rglob("*encryption*"))


def test_what_asoi_refuses_comes_back_as_asoi_said_it(bank: Bank, bureau: Bureau) -> None:
    direct = bureau.post(b"garbage")
    assert bank.bureau.post(b"garbage") == direct
    assert direct.status == 400


def test_where_asoi_is_away_it_says_so(bank: Bank, store: Store, stand_in: StandIn) -> None:
    store.behave(Behaviour(Mode.DOWN))
    stand_in.wait(listening=False)
    try:
        answer = bank.carry(message())
    finally:
        store.behave(Behaviour())
        stand_in.wait(listening=True)
    assert (answer.status, answer.body) == (502, b"the National Bank does not reach ASOI\n")


@pytest.mark.parametrize(
    ("words", "status"),
    [({"path": "/"}, 404), ({"Content_Type": "text/plain"}, 415), ({"Content_Length": "99999999"}, 413)],
)
def test_what_has_not_the_form_is_refused(bank: Bank, words: dict[str, str], status: int) -> None:
    assert Answer.read(bank.bureau.exchange(request(b"x", **words))).status == status


def test_nobody_is_served_without_a_certificate(bank: Bank) -> None:
    with bank.bureau.connect(client=None) as connection, pytest.raises(OSError, match="certificate required"):
        connection.recv(1)


class TestMisbehaviour:
    """Each way, as the bureau meets it; the message arrives when it is over."""

    def again(self, bank: Bank, bureau: Bureau, sealed: bytes, content: bytes) -> None:
        bank.misbehave("well")
        assert bureau.open_receipt(bank.post(sealed, content).body)["sha256"] == digest(content)

    def test_a_changed_message_does_not_open_and_is_not_kept(self, bank: Bank, bureau: Bureau, store: Store) -> None:
        content = message()
        sealed = bureau.seal(content)
        bank.misbehave("changed-message")
        answer = bank.post(sealed, content)
        assert (answer.status, answer.body[:16]) == (400, b"cannot be opened")
        assert identifier(content) not in {str(one.message.id) for one in store.all()}
        self.again(bank, bureau, sealed, content)

    def test_a_changed_receipt_does_not_open(self, bank: Bank, bureau: Bureau) -> None:
        content = message()
        sealed = bureau.seal(content)
        bank.misbehave("changed-receipt")
        answer = bank.post(sealed, content)
        assert answer.status == 200
        with pytest.raises((AssertionError, CalledProcessError)):
            bureau.open_receipt(answer.body)
        self.again(bank, bureau, sealed, content)

    def test_a_receipt_of_its_own_opens_and_is_signed_by_nobody_who_counts(self, bank: Bank, bureau: Bureau) -> None:
        content = message()
        sealed = bureau.seal(content)
        bank.misbehave("own-signature")
        answer = bank.post(sealed, content)
        assert identifier(content).encode() in bureau.decrypt(answer.body)
        with pytest.raises((AssertionError, CalledProcessError)):
            bureau.open_receipt(answer.body)
        self.again(bank, bureau, sealed, content)

    def test_cut_after_passing_on_the_regulator_has_it(self, bank: Bank, bureau: Bureau, store: Store) -> None:
        content = message()
        sealed = bureau.seal(content)
        bank.misbehave("cut")
        assert bank.bureau.exchange(request(sealed)) == b""
        assert identifier(content) in {str(one.message.id) for one in store.all()}
        self.again(bank, bureau, sealed, content)

    def test_silent_it_holds_the_connection(self, bank: Bank, bureau: Bureau) -> None:
        content = message()
        sealed = bureau.seal(content)
        bank.misbehave("silent")
        with bank.bureau.connect() as connection:
            connection.sendall(request(sealed))
            connection.settimeout(0.5)
            with pytest.raises(TimeoutError):
                connection.recv(1)
        self.again(bank, bureau, sealed, content)

    def test_down_nobody_listens(self, bank: Bank, bureau: Bureau) -> None:
        bank.misbehave("down")
        bank.wait(listening=False)
        bank.misbehave("well")
        bank.wait(listening=True)
        content = message()
        self.again(bank, bureau, bureau.seal(content), content)


def test_without_its_files_it_says_what_is_missing(tmp_path: Path) -> None:
    where = ("--home", tmp_path, "--port", str(free_port()), "--asoi", "https://127.0.0.1:1/")
    refused = program("stand_ins.national_bank", "serve", *where)
    assert refused.returncode == 2
    assert "client.crt" in refused.stderr
    insecure = program("stand_ins.national_bank", "serve", *where[:-1], "http://127.0.0.1:1/")
    assert "https://" in insecure.stderr
