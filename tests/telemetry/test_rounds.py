"""The collector says of itself and of each source that it comes round, and hears how far detection is."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError

from senim.kit.clock import now
from senim.kit.tasks import end
from senim.telemetry.internal import rounds
from senim.telemetry.internal.ledger_notes import LedgerNotes
from senim.telemetry.internal.rounds import Rounds
from senim.telemetry.internal.signs import Signs


class Loop:
    """Stands where a carrier goes round."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.came_round: datetime | None = None
        self.signs = Signs()
        self.heard: list[datetime | None] = []
        self.signs.taken = self.heard.append  # type: ignore[method-assign]


class Heard(LedgerNotes):
    """Keeps what is said instead of writing it; away for the first `away` times."""

    def __init__(self, away: int = 0) -> None:
        super().__init__()
        self.away = away
        self.said: list[dict[str, datetime]] = []
        self.has_said = asyncio.Event()

    async def beat(self, _process: str, came_round: Mapping[str, datetime]) -> dict[str, datetime]:
        if self.away > 0:
            self.away -= 1
            raise OperationalError("gone")
        self.said.append(dict(came_round))
        self.has_said.set()
        return {"sshd": LONG_AGO}


LONG_AGO = now() - timedelta(hours=1)


def go(notes: Heard, *loops: Loop, until: int, then: dict[int, Loop] | None = None) -> None:
    """Let rounds go until something was said `until` times; let a loop come round when that often was said."""
    waiting = dict(then or {})

    async def work() -> None:
        task = asyncio.create_task(Rounds("collector", loops, notes).go())  # type: ignore[arg-type]
        while len(notes.said) < until:
            assert not task.done(), task.exception()
            if loop := waiting.pop(len(notes.said), None):
                loop.came_round = now()
            await asyncio.sleep(0.001)
        await end([task])

    asyncio.run(asyncio.wait_for(work(), 60))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "_LOOK", 0.001)


def test_what_has_not_come_round_is_not_said_and_what_does_for_the_first_time_is_said_at_once() -> None:
    hanging, late, notes = Loop("hanging"), Loop("sshd"), Heard()
    go(notes, hanging, late, until=2, then={1: late})
    assert [sorted(said) for said in notes.said] == [[""], ["", "sshd"]]


def test_of_a_source_it_says_what_its_own_loop_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "EVERY", 0.0)
    hanging, notes = Loop("hanging"), Heard()
    hanging.came_round = LONG_AGO
    go(notes, hanging, until=3)
    assert {said["hanging"] for said in notes.said} == {LONG_AGO}
    assert notes.said[0][""] < notes.said[2][""]


def test_who_was_stopped_lets_its_sources_come_round_before_it_says_how_they_are() -> None:
    resumed, notes = Loop("sshd"), Heard()
    resumed.came_round = LONG_AGO

    async def work() -> None:
        task = asyncio.create_task(Rounds("collector", [resumed], notes).go())  # type: ignore[list-item]
        await asyncio.sleep(0)
        resumed.came_round = now()
        await notes.has_said.wait()
        await end([task])

    asyncio.run(asyncio.wait_for(work(), 60))
    assert notes.said[0]["sshd"] > LONG_AGO


def test_each_source_hears_how_far_the_ledger_has_it() -> None:
    known, unknown, notes = Loop("sshd"), Loop("other"), Heard()
    go(notes, known, unknown, until=1)
    assert (known.heard[0], unknown.heard[0]) == (LONG_AGO, None)


@pytest.mark.refusal
def test_a_database_that_is_away_is_named_once_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    notes = Heard(away=3)
    with caplog.at_level(logging.WARNING):
        go(notes, until=1)
    assert [record.message for record in caplog.records] == [
        "the database is away: that the collector works is not said: gone"
    ]
