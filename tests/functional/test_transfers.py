"""Money moves past the controls of a payment system: the regulator knows; and refunds as they should be raise nothing.

Detection is killed in the middle: what it waited for is decided by the next one.
"""

import json
import os
import signal
import threading
from dataclasses import dataclass, field
from typing import Any

import pytest

from senim.exercises.repertoire import ATTACKS
from senim.exercises.scenario import Stage
from senim.exercises.transfers.office import new_accounts, office
from tests.functional.house import House, wait_until

pytestmark = pytest.mark.real
MADE_UP = "ap-madeup"
PLAYED = [scenario.name for scenario in ATTACKS if scenario.kind == 5]


@dataclass
class Drilled:
    """What was played, and what the house made of it."""

    report: dict[str, Any] = field(default_factory=dict)
    killed: int = 0
    """The detection that was killed while something waited."""
    late: str = ""
    """To whom money went, on an approval that nobody gave, right before it was killed."""


@pytest.fixture(scope="module")
def drilled(house: House) -> Drilled:
    """The exercise of kind 5 by its own command; a further transfer of its first attack; a kill."""
    found = Drilled()
    playing = threading.Thread(target=lambda: found.report.update(house.senim("drill", "--kind", "5")))
    playing.start()
    wait_until(lambda: len(refused(house, "over-day-limit")) == 2, what="the last attack")
    first = next(line for line in journal(house) if line.get("approval") == MADE_UP)
    (account,) = new_accounts(1)
    with office(Stage(house.instance)) as payments:
        ledger = payments.open_ledger(f"{first['ledger']}-again")
        refund = payments.ask("aliya", ledger, 1, account)
        payments.batch("aliya", {"refund": refund, "account": account, "approval": "ap-never"})
    found.late = next(line["recipient"] for line in journal(house) if line.get("approval") == "ap-never")
    wait_until(lambda: taken(house) == len(journal(house)), what="detection to have taken it")
    found.killed = house.pid_of("detection")
    os.kill(found.killed, signal.SIGKILL)
    playing.join(120)
    return found


def journal(house: House) -> list[dict[str, Any]]:
    """What the payment stand-in has said it did."""
    return [json.loads(line) for line in Stage(house.instance).log_of("payments").read_text().splitlines()]


def taken(house: House) -> int:
    """How many lines of it detection has taken."""
    sources = json.loads(house.command("sources", "--json").stdout)
    return next(int(one["lines"]) for one in sources if one["source"] == "payments")


def refused(house: House, why: str) -> list[dict[str, Any]]:
    return [line for line in journal(house) if line.get("reason") == why]


def told(house: House, number: str) -> list[dict[str, Any]]:
    """What the regulator's side holds about the incident `number`, as it was sent."""
    messages = [one["content"] for one in house.regulator("list", "--full")]
    about = [one for one in messages if one["body"].get("number") == number]
    return sorted(about, key=lambda one: int(one["sequence"]))


@pytest.mark.clause("R228/81-1(5)", "R228/81-1")
class TestUnauthorisedTransfer:
    """Each way past the controls: one incident of kind 5, told of itself."""

    @pytest.mark.parametrize("number", range(len(PLAYED)), ids=PLAYED)
    def test_it_is_detected_graded_sent_and_receipted(self, drilled: Drilled, number: int) -> None:
        result = drilled.report["results"][number]
        assert (result["scenario"], result["graded_kind"], result["detected"]) == (PLAYED[number], 5, True)
        assert result["event_to_incident_s"] <= result["event_to_send_s"] <= result["receipt_s"]

    def test_the_regulator_s_side_holds_a_notice_of_each(self, house: House, drilled: Drilled) -> None:
        numbers = [result["incident"] for result in drilled.report["results"]]
        assert len(set(numbers)) == len(PLAYED)
        for number in numbers:
            first = told(house, number)[0]
            assert first["exercise"] is True
            assert first["body"]["kind"]["clause"] == "R228/81-1(5)"
            assert first["body"]["target"] == "stand-in-payments"

    def test_no_account_number_leaves_the_payment_system(self, house: House, drilled: Drilled) -> None:
        assert "KZ00TEST" not in json.dumps([told(house, each["incident"]) for each in drilled.report["results"]])

    @pytest.mark.refusal
    def test_refunds_as_they_should_be_raise_nothing(self, drilled: Drilled) -> None:
        """Watched for longer than anything waits for its approval."""
        assert drilled.report["benign"] == {"alerts": 0, "incidents": 0}

    def test_an_approval_that_nobody_gave_is_found_though_detection_was_killed(
        self, house: House, drilled: Drilled
    ) -> None:
        number = drilled.report["results"][0]["incident"]

        def accounts() -> set[str]:
            shown = house.senim("incidents", "show", number)
            return {party["name"] for party in shown["parties"] if party["role"] == "account"}

        wait_until(lambda: drilled.late in accounts(), seconds=90, what="the transfer made right before the kill")
        made_up = [line["recipient"] for line in journal(house) if line.get("approval") == MADE_UP]
        assert set(made_up) <= accounts()
        assert house.pid_of("detection") != drilled.killed
