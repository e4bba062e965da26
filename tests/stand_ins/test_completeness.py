"""The stand-in says up to which event number it has everything, and which numbers are missing."""

import json
from typing import Any

import pytest

from stand_ins.asoi.completeness import chains
from stand_ins.asoi.message import read
from tests.stand_ins.bureau import asoi, message
from tests.stand_ins.conftest import StandIn

pytestmark = pytest.mark.clause("R228/81-2")
ABOUT = "event-feed:events"


def batch(sequence: int, first: int, last: int, **more: Any) -> bytes:
    """A batch of the events `first` to `last`, as a bureau would write it."""
    events = [{"number": number} for number in range(first, last + 1)]
    body = {"schema": "urn:senim:event-batch:1", "first": first, "last": last, "events": events, "missing": []}
    told = {"kind": "EventBatch", "purpose": "R228/81-2", "about": ABOUT, "sequence": sequence, "exercise": False}
    return message(**{**told, "body": {**body, **more}})


BATCHES = [batch(1, 1, 3), batch(2, 4, 4), batch(3, 5, 7), batch(4, 8, 8)]


def test_everything_is_here_in_whatever_order_it_came() -> None:
    (chain,) = chains(map(read, [BATCHES[2], BATCHES[0], BATCHES[3], BATCHES[1], message()]))
    assert (chain.about, chain.batches, chain.events, chain.complete_up_to) == (ABOUT, 4, 8, 8)
    assert (chain.missing_events, chain.missing_batches, chain.wrong) == ((), (), ())


@pytest.mark.parametrize(
    ("taken", "up_to", "events", "batches"),
    [
        (0, 0, ((1, 3),), ((1, 1),)),
        (1, 3, ((4, 4),), ((2, 2),)),
        (2, 4, ((5, 7),), ((3, 3),)),
        (3, 7, (), ()),  # that a newest one was on its way nobody can know yet
    ],
)
def test_a_batch_taken_away_is_missed_by_its_numbers(taken: int, up_to: int, events: object, batches: object) -> None:
    (chain,) = chains(read(one) for number, one in enumerate(BATCHES) if number != taken)
    assert (chain.complete_up_to, chain.missing_events, chain.missing_batches) == (up_to, events, batches)


@pytest.mark.refusal
def test_a_batch_that_does_not_hold_what_it_names_is_told() -> None:
    (chain,) = chains([read(batch(1, 1, 3, events=[{"number": 1}, {"number": 3}]))])
    assert (chain.wrong, chain.missing_events, chain.complete_up_to) == ((1,), ((2, 2),), 1)


def test_what_the_bureau_never_had_is_counted() -> None:
    lost = [{"source": "sshd", "epoch": "a" * 64, "first": 2, "last": 4}]
    (chain,) = chains([read(batch(1, 1, 0, missing=lost))])
    assert (chain.lost_lines, chain.wrong, chain.complete_up_to) == (3, (), 0)


def test_the_command_says_so(own_stand_in: StandIn) -> None:
    own_stand_in.start()
    for content in (BATCHES[0], BATCHES[2]):
        assert own_stand_in.bureau.deliver(content).status == 200
    told = asoi("completeness", "--home", own_stand_in.home, "--json")
    assert told.returncode == 1
    (chain,) = json.loads(told.stdout)
    assert (chain["complete_up_to"], chain["missing_events"]) == (3, [[4, 4]])
    assert "missing: events 4 to 4" in asoi("completeness", "--home", own_stand_in.home).stdout
    assert own_stand_in.bureau.deliver(BATCHES[1]).status == 200
    assert asoi("completeness", "--home", own_stand_in.home).returncode == 0
