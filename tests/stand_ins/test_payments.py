"""The payment stand-in: its controls hold, its old paths do not, and its journal survives every end."""

import contextlib
import json
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any

import pytest

from stand_ins.payments.journal import Journal
from stand_ins.payments.store import Store
from tests.stand_ins.bureau import CHECKOUT, program

REFUND_LIMIT, DAY_LIMIT = 500, 1000
ACCOUNT, OTHER = "KZ86125KZT5004100100", "KZ86125KZT5004100101"


class PaymentSystem:
    """A running stand-in and its people."""

    def __init__(self, folder: Path) -> None:
        self.home, self.journal = folder / "payments", folder / "journal.jsonl"
        assert program("stand_ins.payments", "init", "--home", self.home).returncode == 0
        order = (self.home / "tls.csr", "tls-server", self.home / "tls.crt")
        assert program("stand_ins.ca", "--ca", folder / "ca.crt", *order).returncode == 0
        self.trust = ssl.create_default_context(cafile=str(folder / "ca.crt"))
        self.people = json.loads(program("stand_ins.payments", "people", "--home", self.home).stdout)
        self.process: subprocess.Popen[str] | None = None
        self.port = 0

    def start(self) -> "PaymentSystem":
        limits = ["--refund-limit", str(REFUND_LIMIT), "--day-limit", str(DAY_LIMIT)]
        where = ["--home", str(self.home), "--journal", str(self.journal), "--port", str(self.port)]
        command = [sys.executable, "-m", "stand_ins.payments", "serve", *where, *limits]
        self.process = subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        said = self.process.stderr.readline()
        assert said.startswith("serving"), said
        self.port = int(said.rstrip("/\n").rpartition(":")[2])
        return self

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        with self.process as process:
            process.send_signal(how)
            return process.wait(30)

    def ask(self, who: str, method: str, place: str, wish: object = None, token: str | None = None) -> tuple[int, Any]:
        connection = HTTPSConnection("127.0.0.1", self.port, context=self.trust, timeout=20)
        known = self.people[who]["token"] if token is None else token
        with contextlib.closing(connection):
            body = wish if isinstance(wish, str) else json.dumps(wish or {})
            connection.request(method, place, body, {"Authorization": f"Bearer {known}"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())

    def post(self, who: str, place: str, **wish: object) -> tuple[int, Any]:
        return self.ask(who, "POST", place, wish)

    def refund(self, amount: int = 100, *, who: str = "aliya", ledger: str = "main", account: str = ACCOUNT) -> str:
        status, made = self.post(who, "/refunds", ledger=ledger, amount=amount, recipient="client", account=account)
        assert status == 201, made
        return str(made["refund"])

    def approved(self, amount: int = 100, **more: str) -> tuple[str, str]:
        refund = self.refund(amount, **more)
        status, made = self.post("bolat", f"/refunds/{refund}/approval")
        assert status == 201, made
        return refund, made["approval"]

    def balance(self, account: str = ACCOUNT) -> int:
        return int(self.ask("timur", "GET", f"/accounts/{account}")[1]["balance"])

    @property
    def said(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.journal.read_text().splitlines()]

    @property
    def events(self) -> list[str]:
        return [line["event"].removeprefix("refund-") for line in self.said]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PaymentSystem]:
    running = PaymentSystem(tmp_path_factory.mktemp("payments")).start()
    yield running
    assert running.end() == 0


@pytest.fixture
def system(shared: PaymentSystem, request: pytest.FixtureRequest) -> PaymentSystem:
    """The shared one, with a ledger `main` that is open."""
    shared.post("timur", "/ledgers", name="main")
    shared.post("timur", "/ledgers", name=_own(request))
    return shared


@pytest.fixture
def own(request: pytest.FixtureRequest) -> str:
    """A ledger of this test alone, whose day nobody else has spent."""
    return _own(request)


def _own(request: pytest.FixtureRequest) -> str:
    return "of-" + "".join(c if c.isalnum() else "-" for c in request.node.name)[:50]


class TestTheControlledPath:
    """Asked for by one, approved by another, executed within the limits."""

    def test_the_money_arrives_and_the_journal_says_how(self, system: PaymentSystem) -> None:
        before, lines = system.balance(), len(system.said)
        refund, approval = system.approved()
        status, made = system.post("dana", f"/refunds/{refund}/execution")
        assert (status, system.balance() - before) == (201, 100)
        asked, approved, executed = system.said[lines:]
        shared = {"system": "stand-in-payments", "ledger": "main", "refund": refund, "amount": 100}
        assert asked.items() >= {**shared, "event": "refund-requested", "user": "aliya"}.items()
        assert approved.items() >= {"user": "bolat", "maker": "aliya", "approval": approval}.items()
        assert executed.items() >= {"user": "dana", "approval": approval, "execution": made["execution"]}.items()
        assert {line["recipient"] for line in (asked, approved, executed)} == {asked["recipient"]}

    def test_no_account_number_stands_in_the_journal(self, system: PaymentSystem) -> None:
        system.approved()
        assert ACCOUNT not in system.journal.read_text()

    @pytest.mark.refusal
    @pytest.mark.parametrize(
        ("amount", "who", "why"),
        [(100, "aliya", "own-refund"), (REFUND_LIMIT + 1, "bolat", "over-refund-limit"), (REFUND_LIMIT, "bolat", None)],
    )
    def test_approving(self, system: PaymentSystem, amount: int, who: str, why: str | None) -> None:
        refund = system.refund(amount)
        status, answer = system.post(who, f"/refunds/{refund}/approval")
        assert (status, answer.get("refused")) == (403 if why else 201, why)
        last = system.said[-1]
        assert (last["event"], last.get("reason")) == ("refund-refused" if why else "refund-approved", why)

    @pytest.mark.refusal
    def test_nothing_is_approved_or_executed_twice(self, system: PaymentSystem) -> None:
        refund, _ = system.approved()
        assert system.post("dana", f"/refunds/{refund}/approval")[1] == {"refused": "already-approved"}
        assert system.post("dana", f"/refunds/{refund}/execution")[0] == 201
        before = system.balance()
        assert system.post("dana", f"/refunds/{refund}/execution")[1] == {"refused": "already-executed"}
        assert system.balance() == before

    @pytest.mark.refusal
    def test_without_approval_nothing_moves(self, system: PaymentSystem) -> None:
        refund, before = system.refund(), system.balance()
        assert system.post("bolat", f"/refunds/{refund}/execution")[1] == {"refused": "not-approved"}
        assert system.balance() == before
        assert system.said[-1].items() >= {"event": "refund-refused", "step": "execute", "user": "bolat"}.items()

    @pytest.mark.refusal
    def test_a_day_s_limit_is_still_allowed_and_one_tiyn_more_is_not(self, system: PaymentSystem, own: str) -> None:
        for amount in (REFUND_LIMIT, DAY_LIMIT - REFUND_LIMIT):
            refund, _ = system.approved(amount, ledger=own)
            assert system.post("bolat", f"/refunds/{refund}/execution")[0] == 201
        refund, _ = system.approved(1, ledger=own)
        assert system.post("bolat", f"/refunds/{refund}/execution")[1] == {"refused": "over-day-limit"}


class TestTheOldPaths:
    """What nobody took away: the exercise's way, and truthful in the journal."""

    def test_money_moves_without_an_approval(self, system: PaymentSystem) -> None:
        refund, before = system.refund(), system.balance()
        assert system.post("aliya", "/old-batches", items=[{"refund": refund}])[0] == 201
        assert system.balance() - before == 100
        assert system.said[-1].items() >= {"event": "refund-executed", "approval": "", "user": "aliya"}.items()

    def test_amount_and_account_are_whatever_is_said(self, system: PaymentSystem) -> None:
        refund, approval = system.approved()
        before = system.balance(OTHER)
        item = {"refund": refund, "approval": approval, "amount": 10 * REFUND_LIMIT, "account": OTHER}
        assert system.post("aliya", "/old-batches", items=[item])[0] == 201
        assert system.balance(OTHER) - before == 10 * REFUND_LIMIT
        approved, executed = system.said[-2:]
        assert executed["amount"] == 10 * REFUND_LIMIT
        assert executed["recipient"] != approved["recipient"]

    def test_somebody_approves_his_own(self, system: PaymentSystem) -> None:
        refund = system.refund(who="dana")
        assert system.post("dana", "/old-approvals", refund=refund)[0] == 201
        assert system.said[-1].items() >= {"event": "refund-approved", "user": "dana", "maker": "dana"}.items()

    def test_of_a_batch_with_an_unknown_refund_nothing_is_done(self, system: PaymentSystem) -> None:
        refund, lines = system.refund(), len(system.said)
        items = [{"refund": refund}, {"refund": "rf-nobody"}]
        assert system.post("aliya", "/old-batches", items=items) == (404, {"refused": "no-such-refund"})
        assert len(system.said) == lines


@pytest.mark.refusal
class TestAskedAmiss:
    """What is not clear is not done."""

    @pytest.mark.parametrize("token", ["", "x", "é"])
    def test_nobody_without_a_token(self, system: PaymentSystem, token: str) -> None:
        assert system.ask("aliya", "POST", "/refunds", token=token.encode().decode("latin-1"))[0] == 401

    def test_only_the_treasurer_opens_ledgers(self, system: PaymentSystem) -> None:
        assert system.post("aliya", "/ledgers", name="another")[1] == {"refused": "treasurer-only"}
        assert system.post("timur", "/ledgers", name="main") == (409, {"refused": "ledger-is-open"})

    @pytest.mark.parametrize(
        ("change", "why"),
        [
            ({"amount": 0}, "unclear-amount"),
            ({"amount": "100"}, "unclear-amount"),
            ({"amount": True}, "unclear-amount"),
            ({"account": "KZ1"}, "unclear-account"),
            ({"recipient": "friend"}, "unclear-recipient"),
            ({"ledger": "../etc"}, "unclear-ledger"),
            ({"more": 1}, "unclear-fields"),
        ],
    )
    def test_a_refund_is_read_strictly(self, system: PaymentSystem, change: dict[str, object], why: str) -> None:
        wish = {"ledger": "main", "amount": 1, "recipient": "client", "account": ACCOUNT}
        assert system.post("aliya", "/refunds", **{**wish, **change}) == (422, {"refused": why})

    @pytest.mark.parametrize(
        ("method", "place"), [("GET", "/"), ("POST", "/"), ("POST", "/refunds/x/y"), ("GET", "/refunds")]
    )
    def test_there_is_nothing_else(self, system: PaymentSystem, method: str, place: str) -> None:
        assert system.ask("aliya", method, place)[0] == 404

    def test_what_is_no_json(self, system: PaymentSystem) -> None:
        assert system.ask("aliya", "POST", "/refunds", "{") == (422, {"refused": "unclear-json"})


def test_killed_again_and_again_it_loses_no_line_and_writes_none_twice(tmp_path: Path) -> None:
    system = PaymentSystem(tmp_path).start()
    system.post("timur", "/ledgers", name="main")
    acknowledged: list[str] = []
    done = threading.Event()

    def work() -> None:
        while not done.is_set():
            with contextlib.suppress(OSError, HTTPException, ValueError):
                refund = system.refund()
                acknowledged.append(refund)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for round_ in range(1, 4):
        while len(acknowledged) < 15 * round_:
            time.sleep(0.01)
        system.end(signal.SIGKILL)
        system.start()
    done.set()
    for thread in threads:
        thread.join()
    told = [line["refund"] for line in system.said]
    assert set(acknowledged) <= set(told)
    assert len(told) == len(set(told))
    moments = [line["at"] for line in system.said]
    assert moments == sorted(moments)
    assert system.end() == 0


@pytest.mark.parametrize("left", [0, 7])
def test_what_the_journal_lacks_is_added_at_the_next_start(tmp_path: Path, left: int) -> None:
    """Killed between the books and the journal, or in the middle of a line."""
    system = PaymentSystem(tmp_path).start()
    system.post("timur", "/ledgers", name="main")
    refunds = [system.refund() for _ in range(3)]
    system.end(signal.SIGKILL)
    whole = system.journal.read_bytes()
    first = whole.index(b"\n") + 1
    with system.journal.open("r+b") as file:
        file.truncate(first + left)
    system.start()
    assert system.journal.read_bytes() == whole
    assert [line["refund"] for line in system.said] == refunds
    system.end()


@pytest.mark.refusal
def test_a_journal_that_somebody_else_wrote_is_not_gone_on_with(tmp_path: Path) -> None:
    system = PaymentSystem(tmp_path)
    system.journal.write_text("somebody else's\n")
    command = ["serve", "--home", system.home, "--journal", system.journal, "--port", "0"]
    refused = program("stand_ins.payments", *command, "--refund-limit", "1", "--day-limit", "1")
    assert refused.returncode == 2
    assert "holds what this program did not write" in refused.stderr
    assert system.journal.read_text() == "somebody else's\n"


@pytest.mark.refusal
def test_while_somebody_else_writes_into_the_journal_no_money_moves(tmp_path: Path) -> None:
    system = PaymentSystem(tmp_path).start()
    system.post("timur", "/ledgers", name="main")
    refund, _approval = system.approved()
    before = system.journal.read_bytes()
    with system.journal.open("ab") as file:
        file.write(b"somebody else's\n" * 100)
    assert system.post("dana", f"/refunds/{refund}/execution") == (507, {"refused": "cannot-be-kept"})
    system.journal.write_bytes(before)
    assert system.balance() == 0
    assert system.post("dana", f"/refunds/{refund}/execution")[0] == 201
    assert (system.balance(), system.events) == (100, ["requested", "approved", "executed"])
    system.end()


@pytest.mark.refusal
def test_without_key_or_people_it_does_not_serve(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    command = ["serve", "--home", tmp_path / "home", "--journal", tmp_path / "j", "--port", "0"]
    refused = program("stand_ins.payments", *command, "--refund-limit", "1", "--day-limit", "1")
    assert refused.returncode == 2
    assert "run init" in refused.stderr


def test_the_same_account_has_the_same_name_after_a_restart(tmp_path: Path) -> None:
    for ledger in ("first", "second"):
        with (
            contextlib.closing(Journal(tmp_path / "j")) as journal,
            contextlib.closing(Store(tmp_path, journal)) as store,
        ):
            with store.writing() as books:
                books.open_ledger(ledger, "timur")
                books.request(ledger, 1, "client", ACCOUNT, "aliya")
    told = [json.loads(line)["recipient"] for line in (tmp_path / "j").read_text().splitlines()]
    assert len(told) == 2
    assert len(set(told)) == 1
