"""What fails in one source stops no other, is named, and is tried again."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from senim.kit.instance import Instance
from senim.kit.tasks import end
from senim.telemetry.internal.carrier import Carrier
from senim.telemetry.internal.files import LogSource
from senim.telemetry.internal.keeping import keep
from senim.telemetry.internal.outlet import Outlet
from senim.telemetry.internal.source import Reading
from senim.telemetry.notices import NoticeKind
from tests.telemetry.situation import HeardNotes, Situation, process_of

pytestmark = [pytest.mark.clause("R228/81-2"), pytest.mark.refusal]
TIMES = 3
SECRET = "what stood in the line"


class Broken(LogSource):
    """A file whose reading fails a few times, for no reason that anybody foresaw."""

    def __init__(self, situation: Situation, times: int = TIMES) -> None:
        super().__init__(situation.settings)
        self.left = times

    async def read(self) -> Reading:
        if self.left > 0:
            self.left -= 1
            raise ArithmeticError(SECRET)
        return await super().read()


class Speechless(HeardNotes):
    """Cannot say the first failure."""

    failed = False

    async def say(self, source: str, epoch: str, seq: int, kind: NoticeKind, facts: dict[str, object]) -> None:
        if kind is NoticeKind.COLLECTING_FAILED and not self.failed:
            self.failed = True
            raise LookupError("no words")
        await super().say(source, epoch, seq, kind, facts)


def kept(home: Instance, *sources: tuple[LogSource, Situation], until: Callable[[], bool]) -> list[Carrier]:
    """Keep each source carried, all in one collector, until it is as wanted."""

    async def go() -> list[Carrier]:
        outlet = Outlet(process_of(home, "collector"))
        await outlet.open()
        carriers = [Carrier(source, outlet, one.notebook, one.notes) for source, one in sources]
        tasks = [asyncio.create_task(keep(carrier, first_pause=0.01)) for carrier in carriers]
        while not until() or not all([await has_arrived(outlet, one) for _, one in sources]):
            await asyncio.wait(tasks, timeout=0.02, return_when=asyncio.FIRST_EXCEPTION)
            for task in tasks:
                assert not task.done(), task.exception()
        await end(tasks)
        await outlet.close()
        return carriers

    return asyncio.run(asyncio.wait_for(go(), 60))


async def has_arrived(outlet: Outlet, situation: Situation) -> bool:
    stored = await outlet.last(situation.settings.name)
    return stored is not None and stored.memory.next == 3


@pytest.fixture
def sound(home: Instance, tmp_path: Path) -> Situation:
    folder = tmp_path / "sound"
    folder.mkdir()
    return written(Situation(home, folder, "sound"))


@pytest.fixture
def broken(home: Instance, tmp_path: Path) -> Situation:
    folder = tmp_path / "broken"
    folder.mkdir()
    return written(Situation(home, folder, "broken"))


def written(situation: Situation) -> Situation:
    situation.append(b"1", b"2")
    return situation


def test_the_others_are_carried_and_it_is_carried_as_soon_as_it_can_be(
    home: Instance, sound: Situation, broken: Situation
) -> None:
    source = Broken(broken)
    kept(home, (source, broken), (LogSource(sound.settings), sound), until=lambda: source.left == 0)
    frames = sound.frames()
    assert [line.data for frame in frames for line in frame.lines] == [b"1", b"2"]
    assert sound.notes.heard == [(NoticeKind.FIRST_START, 1)]
    assert [kind for kind, _ in broken.notes.heard].count(NoticeKind.COLLECTING_FAILED) == TIMES


def test_its_lines_get_their_numbers_once(home: Instance, tmp_path: Path) -> None:
    situation = written(Situation(home, tmp_path, "numbers"))
    source = Broken(situation)
    kept(home, (source, situation), until=lambda: source.left == 0)
    assert [(line.seq, line.data) for line in situation.stored()] == [(1, b"1"), (2, b"2")]


def test_the_program_s_fault_is_in_the_log_with_its_trace_and_no_line_in_the_ledger(
    home: Instance, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    situation = written(Situation(home, tmp_path, "trace"))
    with caplog.at_level(logging.ERROR):
        kept(home, (Broken(situation), situation), until=lambda: bool(caplog.records))
    assert caplog.records[0].exc_info is not None
    assert "source trace: collecting failed" in caplog.records[0].getMessage()
    (facts, *_) = [facts for kind, facts in situation.notes.facts if kind is NoticeKind.COLLECTING_FAILED]
    assert (facts["error"], str(facts["where"]).partition(":")[0]) == ("ArithmeticError", "test_keeping.py")
    assert SECRET not in str(facts)


def test_what_cannot_even_be_said_is_tried_again_all_the_same(home: Instance, tmp_path: Path) -> None:
    situation = written(Situation(home, tmp_path, "speechless"))
    situation.notes = Speechless()
    source = Broken(situation)
    kept(home, (source, situation), until=lambda: source.left == 0)
    assert [line.data for line in situation.stored()] == [b"1", b"2"]


def test_while_it_waits_it_comes_round_so_that_the_failure_is_told_and_not_a_standstill(
    home: Instance, tmp_path: Path
) -> None:
    situation = Situation(home, tmp_path, "resting")
    carrier = Failing(LogSource(situation.settings), Outlet(process_of(home, "collector")), situation)
    moments: set[datetime] = set()

    async def go() -> None:
        task = asyncio.create_task(keep(carrier, first_pause=30.0))
        while len(moments) < 2:
            await asyncio.sleep(0.05)
            moments.update([carrier.came_round] if carrier.came_round else [])
        await end([task])

    asyncio.run(asyncio.wait_for(go(), 60))
    assert situation.notes.heard == [(NoticeKind.COLLECTING_FAILED, 1)]


class Failing(Carrier):
    """Fails before it has come round once."""

    def __init__(self, source: LogSource, outlet: Outlet, situation: Situation) -> None:
        super().__init__(source, outlet, situation.notebook, situation.notes)

    async def run(self) -> None:
        raise ArithmeticError(SECRET)
