"""A drill reports what was played, whatever becomes of the rest; its code may become too old on the way."""

from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from senim.exercises import drill as drilling
from senim.exercises.console import ConsoleClient
from senim.exercises.drill import Drill, Player, drill
from senim.exercises.errors import CodeTooOld, ConsoleAway, DoorRefused, NotPlayed
from senim.exercises.scenario import Played, Scenario, Stage

DETECTED = {"number": "2026-000001", "kind": 2, "event_to_incident_s": 0.1, "event_to_send_s": 0.2, "receipt_s": 0.3}


@dataclass
class Console:
    """A console that detects what it is told to, and refuses in turn what stands in `refusals`."""

    detects: bool = True
    refusals: list[NotPlayed | None] = field(default_factory=list)
    declared: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)

    def declare_exercise(self, _kind: int, *, near_miss: bool, scenario: str) -> dict[str, Any]:
        if self.refusals and (refusal := self.refusals.pop(0)):
            raise refusal
        self.declared.append(scenario)
        return {"id": scenario, "marker": "exercise-0123456789abcdef", "near_miss": near_miss}

    def exercise(self, _pk: str) -> dict[str, Any]:
        return {"alerts": int(self.detects), "incidents": [DETECTED] if self.detects else []}

    def end_exercise(self, pk: str) -> None:
        self.ended.append(pk)


@dataclass(frozen=True)
class Attack:
    """An attack that comes to something, or to nothing."""

    name: str
    kind: int = 2
    about: str = ""
    fails: bool = False

    def play(self, _stage: Stage, _marker: str) -> Played:
        if self.fails:
            raise NotPlayed("no log")
        return Played()


@dataclass
class House:
    """Who plays, and how often he was asked for another code."""

    console: Console
    codes: int = 0

    def renew(self) -> None:
        self.codes += 1

    def drill(self, *attacks: Attack) -> Drill:
        player = Player(cast("ConsoleClient", self.console), cast("Stage", None), lambda _text: None, self.renew)
        return drill(player, [cast("Scenario", each) for each in attacks], [])


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drilling, "_PATIENCE", 0.0)
    monkeypatch.setattr(drilling, "_QUIET", 0.0)


FIRST, SECOND, THIRD = Attack("first"), Attack("second"), Attack("third")


def test_each_attack_is_declared_by_its_name_and_ended() -> None:
    house = House(Console())
    report = house.drill(FIRST, SECOND)
    assert report.went_well
    assert house.console.declared == house.console.ended == ["first", "second"]


def test_what_is_not_detected_is_ended_as_well() -> None:
    house = House(Console(detects=False))
    report = house.drill(FIRST)
    assert [result.detected for result in report.results] == [False]
    assert not report.went_well
    assert house.console.ended == ["first"]


def test_a_code_that_became_too_old_is_asked_for_again() -> None:
    house = House(Console(refusals=[None, CodeTooOld("old"), None]))
    report = house.drill(FIRST, SECOND)
    assert (len(report.results), report.broken_off, house.codes) == (2, None, 1)


@pytest.mark.refusal
@pytest.mark.parametrize("refusal", [DoorRefused("no"), ConsoleAway("away"), CodeTooOld("old")])
def test_what_was_played_before_a_refusal_is_told(refusal: NotPlayed) -> None:
    refusals: list[NotPlayed | None] = [None, refusal, refusal]
    report = House(Console(refusals=refusals)).drill(FIRST, SECOND, THIRD)
    assert [result.scenario for result in report.results] == ["first"]
    assert report.broken_off == refusal.detail
    assert not report.went_well


@pytest.mark.refusal
def test_an_attack_that_comes_to_nothing_breaks_off() -> None:
    report = House(Console()).drill(FIRST, Attack("none", fails=True), THIRD)
    assert (len(report.results), report.broken_off) == (1, "no log")


@pytest.mark.refusal
def test_where_nothing_was_played_it_is_not_played() -> None:
    with pytest.raises(DoorRefused):
        House(Console(refusals=[DoorRefused("no")])).drill(FIRST)
