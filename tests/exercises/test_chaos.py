"""The instrument itself: what it writes, and that its reckoning sees what it is there to see."""

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from senim.exercises.bench.chaos.attacks import Attack, interleaved
from senim.exercises.bench.chaos.log import Log
from senim.exercises.bench.chaos.reckoning import Told, _short
from senim.exercises.bench.chaos.run import FEWEST, MOST, shared
from senim.exercises.bench.chaos.scenarios import SCENARIOS

Message = Callable[..., dict[str, Any]]


class TestAttacks:
    """Each on a machine of its own."""

    @pytest.mark.parametrize("attacks", [FEWEST, FEWEST + 1, 500, MOST])
    def test_each_scenario_has_its_share_and_no_attack_is_in_two(self, attacks: int) -> None:
        parts = shared(attacks)
        assert [scenario for scenario, _own in parts] == list(SCENARIOS)
        assert all(own for _scenario, own in parts)
        numbers = [attack.number for _scenario, own in parts for attack in own]
        assert sorted(numbers) == list(range(attacks))

    def test_what_is_said_of_a_machine_stays_in_its_order_and_is_mixed_with_others(self) -> None:
        attacks = [Attack(number, is_shared=number % 2 == 0) for number in range(20)]
        lines = list(interleaved(attacks, random.Random(1)))  # noqa: S311 - see `run`
        assert [text for machine, text in lines if machine == "chaos-0007"] == attacks[7].texts
        assert len(lines) == 6 * len(attacks)
        assert lines != sorted(lines)

    def test_a_seed_gives_the_same_again(self) -> None:
        attacks = [Attack(number) for number in range(20)]
        first, again, other = (list(interleaved(attacks, random.Random(seed))) for seed in (1, 1, 2))  # noqa: S311 - see `run`
        assert first == again != other

    def test_no_attacker_of_one_machine_attacks_another(self) -> None:
        alone = [Attack(number).texts[0] for number in range(MOST)]
        assert len(set(alone)) == len(alone)


class TestLog:
    """A line that is lost is one that nobody could have read whole."""

    @pytest.fixture
    def log(self, tmp_path: Path) -> Log:
        (tmp_path / "auth.log").touch()
        return Log(tmp_path / "auth.log")

    def test_a_rotation_within_a_line_loses_nothing(self, log: Log) -> None:
        log.write("m", "one")
        log.rotate_within("m", "two")
        log.write("m", "three")
        old, new = log.path.with_name("auth.log.1").read_text(), log.path.read_text()
        assert [line.rpartition(" ")[2] for line in (old + new).splitlines()] == ["one", "two", "three"]
        assert log.hours.total() == 3

    def test_a_cut_within_a_line_loses_that_line_and_does_not_count_it(self, log: Log) -> None:
        log.write("m", "one")
        log.cut_within("m", "two")
        log.write("m", "three")
        rest, *whole = log.path.read_text().splitlines()
        assert not rest.startswith("20")
        assert [line.rpartition(" ")[2] for line in whole] == ["three"]
        assert log.hours.total() == 2

    def test_lines_are_counted_by_the_hour_that_they_name(self, log: Log) -> None:
        log.write("m", "now")
        log.clock = timedelta(hours=-3)
        log.write("m", "three hours behind")
        assert sorted(log.hours.values()) == [1, 1]
        assert {line[:13] for line in log.path.read_text().splitlines()} == set(log.hours)

    def test_an_hour_of_which_a_line_is_missing_is_short(self, log: Log) -> None:
        log.write("m", "one")
        (hour,) = log.hours
        assert _short(log, log.hours.copy()) == set()
        log.write("m", "two")
        assert _short(log, type(log.hours)({hour: 1})) == {hour}


class TestReckoning:
    """What the regulator was told, judged by what it has."""

    @pytest.fixture
    def notice(self) -> Message:
        def made(incident: str, target: str, sequence: int = 1, kind: str = "IncidentNotice") -> dict[str, Any]:
            return {"about": incident, "sequence": sequence, "kind": kind, "content": {"body": {"target": target}}}

        return made

    def test_once_each_and_in_order(self, notice: Message) -> None:
        told = Told([notice("a", "m1"), notice("b", "m2"), notice("a", "m1", 2, "IncidentUpdate")])
        assert (told.doubled, told.out_of_order) == (0, 0)
        assert set(told.targets) == {"m1", "m2"}
        assert len(told.about({"m1"})) == 2

    def test_two_incidents_of_one_attack_are_one_too_many(self, notice: Message) -> None:
        assert Told([notice("a", "m1"), notice("b", "m1")]).doubled == 1

    def test_a_number_told_twice_is_one_too_many(self, notice: Message) -> None:
        update = notice("a", "m1", 2, "IncidentUpdate")
        assert Told([notice("a", "m1"), update, update]).doubled == 1

    def test_a_message_behind_a_later_one_is_out_of_order(self, notice: Message) -> None:
        later, earlier = notice("a", "m1", 3, "IncidentUpdate"), notice("a", "m1", 2, "IncidentUpdate")
        assert Told([notice("a", "m1"), later, earlier]).out_of_order == 1
        assert Told([notice("a", "m1"), earlier, later, notice("b", "m2")]).out_of_order == 0
