"""The instrument itself: its scenarios, and that its reckoning sees what it is there to see."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from senim.exercises.bench.chaos.channel.outbox import Told
from senim.exercises.bench.chaos.channel.reckoning import Ends, outcome
from senim.exercises.bench.chaos.channel.run import Measured, scenarios
from senim.exercises.bench.chaos.channel.steps import FILES, NETWORK
from senim.exercises.bench.chaos.run import Chaos
from stand_ins.asoi.behaviour import Mode

TOLD = [Told("m1", "incident:a", 1), Told("m2", "incident:a", 2), Told("m3", "incident:b", 1)]


def come(one: Told, **more: object) -> dict[str, Any]:
    return {"id": one.id, "about": one.about, "sequence": one.sequence, "conflicts": 0, **more}


@pytest.fixture
def ends() -> Ends:
    """All is as it should be, after a receipt that was refused by name."""
    tries = {("delivered", ""): 3, ("receipt-refused", "asoi:receipt-unreadable"): 2, ("interrupted", ""): 1}
    return Ends(TOLD, [come(one) for one in TOLD], set(), tries)


class TestReckoning:
    """Once each, in its turn, every refusal named; else the scenario has failed, and the count says by what."""

    def test_all_is_well(self, ends: Ends) -> None:
        found = outcome("s", ends, happened=True)
        assert (found.ok, found.messages) == (True, 3)
        assert found.refusals == {"asoi:receipt-unreadable": 2, "interrupted": 1}

    def test_what_did_not_happen_shows_nothing(self, ends: Ends) -> None:
        assert not outcome("s", ends, happened=False).ok

    @pytest.mark.clause("R228/81")
    @pytest.mark.refusal
    @pytest.mark.parametrize(
        ("wrong", "count"),
        [
            ({"received": [come(one) for one in TOLD[1:]]}, "lost"),
            ({"without": {"m3"}}, "lost"),
            ({"received": [come(TOLD[0], id="m4"), *map(come, TOLD)]}, "doubled"),
            ({"received": [come(TOLD[0], conflicts=1), *map(come, TOLD[1:])]}, "doubled"),
            ({"received": [come(one) for one in (TOLD[1], TOLD[0], TOLD[2])]}, "out_of_order"),
            ({"tries": {("", ""): 1}}, "unnamed"),
            ({"tries": {("receipt-refused", ""): 1}}, "unnamed"),
        ],
    )
    def test_what_went_wrong_is_counted(self, ends: Ends, wrong: dict[str, Any], count: str) -> None:
        found = outcome("s", replace(ends, **wrong), happened=True)
        assert not found.ok
        assert {name: getattr(found, name) for name in ("lost", "doubled", "out_of_order", "unnamed")} == {
            **dict.fromkeys(("lost", "doubled", "out_of_order", "unnamed"), 0),
            count: 1,
        }

    def test_the_report_adds_it_to_what_the_attacks_came_to(self, ends: Ends) -> None:
        lost = outcome("s", replace(ends, without={"m1", "m2"}), happened=True)
        found = Chaos.without_attacks(7).with_channel(Measured(kills=5, outcomes=[lost]))
        assert (found.seed, found.kills, found.lost, found.doubled, found.scenarios) == (7, 5, 2, 0, [lost])


class TestScenarios:
    """Each by its name, and everything that the stand-in can do wrong is among them."""

    def test_no_name_stands_for_two(self) -> None:
        assert [name for name, n in Counter(each.name for each in scenarios()).items() if n > 1] == []

    def test_no_two_steps_are_looked_for_in_the_same_way(self) -> None:
        ways = [(step.hold, step.mode, step.is_frozen, step.is_carried) for step in (*NETWORK, *FILES)]
        assert len(set(ways)) == len(ways)

    def test_every_misbehaviour_is_tried(self) -> None:
        tried = {each.name.removeprefix("asoi-answers-") for each in scenarios()}
        elsewhere = {Mode.WELL, Mode.DOWN}
        assert {mode for mode in set(Mode) - elsewhere if not any(name.startswith(mode) for name in tried)} == set()
