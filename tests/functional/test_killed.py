"""Everything that can go wrong while attacks run: none is lost, none is told twice (`senim bench chaos`)."""

import json
import os
import random
from collections.abc import Callable

import msgspec
import pytest

from senim.exercises.bench.chaos import run
from senim.exercises.bench.chaos.scenarios import SCENARIOS
from senim.site.layout import CHECKOUT

pytestmark = [pytest.mark.real, pytest.mark.timeout(900)]


@pytest.mark.clause("R228/81-1", "R228/81")
def test_nothing_is_lost_and_nothing_is_told_twice(record_testsuite_property: Callable[[str, object], None]) -> None:
    seed = int(os.environ.get("SENIM_TEST_SEED") or random.SystemRandom().randrange(2**32))
    record_testsuite_property("seed", seed)
    said: list[str] = []
    found = run.measure(CHECKOUT, attacks=run.FEWEST, seed=seed, say=said.append)
    record_testsuite_property("chaos", json.dumps(msgspec.to_builtins(found)))
    assert (found.lost, found.doubled, found.out_of_order, found.silent_hours) == (0, 0, 0, 0), (found, said)
    assert (found.incidents, found.messages) == (run.FEWEST, run.FEWEST)
    assert [one.name for one in found.scenarios if not one.ok] == [], (found, said)
    assert {each.name for each in SCENARIOS} < {one.name for one in found.scenarios}
    assert found.kills > 2 * len(SCENARIOS)
