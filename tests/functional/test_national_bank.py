"""A bureau with state participation: incidents and events reach the regulator through the National Bank's object.

Between real processes: ours, the stand-in of the bank and the stand-in of ASOI behind it.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, LiteralString

import pytest

from senim.asoi.electronic_format import file_of, incoming, outgoing
from senim.kit.clock import iso, now
from senim.site.certificates import national_bank
from senim.site.layout import CHECKOUT
from tests.functional.conftest import unplayed
from tests.functional.house import House, wait_until
from tests.functional.outbox import Outbox
from tests.functional.test_electronic_format import receive
from tests.ports import free_port

pytestmark = [
    pytest.mark.real,
    pytest.mark.clause("R228/81/state-participation"),
    pytest.mark.clause("R228/81-1/state-participation"),
    pytest.mark.clause("R228/81-2/state-participation"),
]
_BANK = '\n[asoi.national_bank]\nurl = "https://127.0.0.1:{port}/messages"\n\n[asoi.electronic_format]\nafter = 3\n'
_ROUTE = '[asoi]\nroute = "national-bank"\nretry_longest = 2.0\n'


def by_bank(house: House, *, participates: bool) -> House:
    """`house`, not running yet, as one whose settings name the route through the bank."""
    path = house.home / "senim.toml"
    said = path.read_text(encoding="utf-8").replace("[asoi]\n", _ROUTE)
    if participates:
        said = said.replace("[bureau]\n", "[bureau]\nstate_participation = true\n")
    path.write_text(said + _BANK.format(port=free_port()), encoding="utf-8")
    return house


class Bank(Outbox):
    """The outbox of such a house, and the bank behind it."""

    def bank(self, *arguments: str) -> str:
        """A command of the bank's stand-in."""
        command, *more = arguments
        home = str(national_bank(self.house.instance))
        called = [sys.executable, "-m", "stand_ins.national_bank", command, "--home", home, *more]
        done = subprocess.run(called, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def passed(self) -> dict[str, dict[str, Any]]:
        """What the bank says of each message that it passed on: the last time."""
        return {one["named"]: one for one in json.loads(self.bank("list"))}

    def ours(self, message: str) -> tuple[str, str]:
        """Digests of the sealed message and of its receipt, as the bureau has them."""
        question: LiteralString = """
            SELECT m.sealed, r.sealed FROM asoi_message m JOIN asoi_receipt r ON r.message_id = m.id WHERE m.id = %s
        """
        ((sealed, receipt),) = self.asked(question, message)
        return sha256(sealed).hexdigest(), sha256(receipt).hexdigest()

    def first_failure(self, message: str) -> tuple[str, str]:
        """How the first try ended, and what is written of it."""
        question: LiteralString = """
            SELECT outcome, detail FROM asoi_attempt WHERE message_id = %s AND ended_at IS NOT NULL
            ORDER BY started_at, id LIMIT 1
        """
        wait_until(lambda: bool(self.asked(question, message)), what="the end of a first try")
        ((outcome, detail),) = self.asked(question, message)
        return str(outcome), str(detail)


@pytest.fixture(scope="module")
def bureau() -> Iterator[House]:
    for house in unplayed():
        yield by_bank(house, participates=True).start()


@pytest.fixture
def outbox(bureau: House) -> Iterator[Bank]:
    outbox = Bank(bureau)
    yield outbox
    outbox.bank("misbehave", "well")


def test_an_incident_and_the_events_go_through_the_bank_and_get_the_regulators_receipt(outbox: Bank) -> None:
    """From lines in a server's log to receipts, everything by the house itself."""
    with outbox.house.log.open("a", encoding="utf-8") as log:
        for what in (*["Failed"] * 8, "Accepted"):
            log.write(f"{iso(now())} app-7 sshd[9]: {what} password for nurlan from 198.51.100.7 port 4242 ssh2\n")
    kinds = {"IncidentNotice", "EventBatch"}
    wait_until(lambda: {one["kind"] for one in outbox.received().values()} >= kinds, seconds=180, what="both kinds")
    received = outbox.received()
    outbox.wait_for("delivered", list(received))
    passed = outbox.passed()
    assert set(received) <= set(passed)
    for message in received:
        # The very bytes that the bureau sealed went on, and the very receipt of the regulator came back.
        assert outbox.ours(message) == (passed[message]["sha256"], passed[message]["answer_sha256"])
    assert outbox.house.command("audit", "verify").returncode == 0


@pytest.mark.refusal
@pytest.mark.clause("R228/79")
def test_the_yearly_information_goes_to_the_regulator_itself(outbox: Bank) -> None:
    (report,) = outbox.enqueue(kind="AnnualReport")
    outbox.wait_for("delivered", [report])
    assert outbox.received()[report]["kind"] == "AnnualReport"
    assert report not in outbox.passed()


@pytest.mark.refusal
def test_while_the_bank_is_away_it_alone_goes(outbox: Bank) -> None:
    """Each kind keeps to its way: what belongs to the bank waits for it, or goes as a file."""
    outbox.bank("misbehave", "down")
    (notice,) = outbox.enqueue()
    (report,) = outbox.enqueue(kind="AnnualReport")
    outbox.wait_for("delivered", [report])
    outbox.wait_for("exported", [notice])
    assert notice not in outbox.received()


@pytest.mark.refusal
@pytest.mark.parametrize(
    ("mode", "outcome", "detail"),
    [
        ("changed-message", "refused", "400 cannot be opened"),
        ("changed-receipt", "receipt-refused", "asoi:receipt-unreadable"),
        ("own-signature", "receipt-refused", "asoi:receipt-of-stranger"),
        ("cut", "unreachable", ""),
        ("silent", "timed-out", ""),
    ],
)
def test_whatever_the_bank_does_nothing_is_called_delivered_and_it_arrives_once(
    outbox: Bank, mode: str, outcome: str, detail: str
) -> None:
    outbox.bank("misbehave", mode)
    (message,) = outbox.enqueue()
    found, said = outbox.first_failure(message)
    assert (found, said[: len(detail)]) == (outcome, detail)
    assert outbox.state(message) != "delivered"
    outbox.bank("misbehave", "well")
    outbox.wait_for("delivered", [message])
    assert outbox.outcomes(message)[-1] == "delivered"
    theirs = outbox.received()[message]
    assert (theirs["sha256"], theirs["conflicts"]) == (outbox.told()[message]["sha256"], 0)


def test_when_the_bank_is_down_the_electronic_format_takes_over(outbox: Bank) -> None:
    outbox.bank("misbehave", "down")
    carried, waiting = outbox.enqueue(2)
    outbox.wait_for("exported", [carried, waiting])
    assert outbox.first_failure(carried)[0] == "unreachable"
    instance = outbox.house.instance
    receive(outbox.house, file_of(instance, carried), incoming(instance) / "by-courier.p7m")
    outbox.wait_for("delivered", [carried])
    assert waiting not in outbox.received()
    outbox.bank("misbehave", "well")
    outbox.wait_for("delivered", [waiting])
    wait_until(lambda: not list(outgoing(instance).iterdir()), what="no file left")
    assert outbox.ours(waiting)[1] == outbox.passed()[waiting]["answer_sha256"]


@pytest.mark.refusal
def test_a_bureau_without_state_participation_has_no_such_way(fresh_house: House) -> None:
    refused = by_bank(fresh_house, participates=False).command("up")
    assert refused.returncode != 0
    assert "asoi:route" in refused.stderr + refused.stdout
