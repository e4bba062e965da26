"""The regulator's channel broken between real processes: some of what `senim bench chaos` tries."""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from senim.exercises.bench.chaos.channel import run
from senim.kit.instance import Instance
from senim.site.database.connections import Administrator
from senim.site.embedded.postgres import Postgres
from senim.site.layout import CHECKOUT

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]
KILLED = ("request-kept", "receipt-committing", "file-receipt-committing")
ANSWERS = ("new-schema",)
CHOSEN = {
    *(f"asoi-killed-{step}" for step in KILLED),
    *(f"asoi-answers-{name}" for name in ANSWERS),
    *("asoi-receipts-reversed", "asoi-silent-for-days"),
}
"""What no other test brings about between real processes."""
HOURS = 9


def database(home: Path) -> Administrator:
    return Postgres(Instance.load(home)).connect()


@pytest.mark.clause("R228/81", "R228/81-1", "R228/81-2")
@pytest.mark.refusal
def test_each_message_arrives_once_in_its_turn_and_every_refusal_has_a_name(
    record_testsuite_property: Callable[[str, object], None],
) -> None:
    said: list[str] = []
    found = run.measure(CHECKOUT, database, say=said.append, chosen=CHOSEN.__contains__, hours=HOURS)
    record_testsuite_property("chaos-channel", json.dumps(msgspec.to_builtins(found.outcomes)))
    assert {one.name for one in found.outcomes} == CHOSEN
    assert [one for one in found.outcomes if not one.ok] == []
    assert sum(one.lost + one.doubled + one.out_of_order + one.unnamed for one in found.outcomes) == 0
    assert found.kills > len(KILLED)
    refusals = {one.name: set(one.refusals) for one in found.outcomes}
    assert refusals["asoi-answers-new-schema"] == {"asoi:receipt-not-as-agreed"}
