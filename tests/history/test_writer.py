"""The writer gives each line once, however frames come again and wherever it is killed."""

import asyncio
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nats.aio.msg import Msg

from senim.history import standing
from senim.history.history import PROCESS
from senim.history.internal.keeping import Keeper
from senim.history.internal.table import Reading, Table
from senim.history.settings import HistorySettings
from senim.history.writer import Writer
from senim.kit.instance import Instance, Profile
from senim.kit.process import Process
from senim.kit.secrets import Secrets
from senim.telemetry.frames import encode
from tests.history.writing import frame

pytestmark = pytest.mark.clause("R228/81-2")


@dataclass
class Stream:
    """What a stream promises: a frame is shown again, in any order, until it is acknowledged."""

    waiting: dict[int, bytes] = field(default_factory=dict)

    def message(self, number: int) -> Msg:
        async def ack() -> None:
            self.waiting.pop(number, None)

        metadata = SimpleNamespace(sequence=SimpleNamespace(stream=number))
        return cast("Msg", SimpleNamespace(data=self.waiting[number], ack=ack, metadata=metadata))


FRAMES = {
    1: encode(frame(1, ["one", "two"])),
    2: encode(frame(3, ["three"])),
    3: encode(frame(2, ["two", "three", "four"])),  # cut otherwise, as after the collector lost its place
    4: encode(frame(1, ["another"], source="web", epoch="e9", kind="web")),  # of a kind that nobody here can read
    5: encode(frame(9, ["nine"])),
    6: encode(frame(5, ["five", "six", "seven", "eight"])),  # late: above it others came
    7: b"not a frame",
}
EXPECTED = sorted([*(("sshd", number) for number in range(1, 10)), ("web", 1)])


@contextmanager
def writer_in(home: Path) -> Iterator[Writer]:
    instance = Instance(home, Profile.DEMONSTRATION, {})
    state = instance.state(PROCESS)
    state.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(1) as thread:
        told = HistorySettings(reserve_megabytes=0)
        yield Writer(Process(PROCESS, instance, Secrets()), told, thread, Table(state), Keeper(told))


def held(home: Path) -> list[tuple[str, int]]:
    table = Reading(home / "state" / PROCESS)
    batches = table.ask("SELECT source, seq FROM events")
    columns = [(batch["source"].to_pylist(), batch["seq"].to_pylist()) for batch in batches]
    return sorted(pair for sources, numbers in columns for pair in zip(sources, numbers, strict=True))


class Killed(BaseException):
    """Stands for SIGKILL: nothing of the process runs on."""


def _killed(*_arguments: object) -> Any:
    raise Killed


async def _life(home: Path, stream: Stream, shown: list[int], how: str) -> None:
    """One life of the writer: takes what is shown, and ends as `how` says."""
    with writer_in(home) as writer:
        writer.take([stream.message(number) for number in shown if number in stream.waiting])
        if how == "before the commit":
            return
        if how == "between commit and acknowledgement":
            for message in writer.basket.messages:
                message.ack = _killed  # type: ignore[method-assign]
            try:
                await writer.commit()
            except Killed:
                return
        await writer.commit()


_ends = st.sampled_from(["before the commit", "between commit and acknowledgement", "in good order"])
_lives = st.lists(st.tuples(st.lists(st.sampled_from(sorted(FRAMES)), max_size=9), _ends), max_size=5)


@settings(max_examples=25, deadline=None)
@given(_lives)
def test_any_order_of_redelivery_and_kills_gives_each_line_once(lives: list[tuple[list[int], str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        home, stream = Path(folder), Stream(dict(FRAMES))
        for shown, how in lives:
            asyncio.run(_life(home, stream, shown, how))
        asyncio.run(_life(home, stream, list(stream.waiting), "in good order"))
        assert stream.waiting == {}
        assert held(home) == EXPECTED


def test_a_commit_that_fails_lets_everything_come_again(tmp_path: Path) -> None:
    stream = Stream({1: FRAMES[1], 2: FRAMES[2]})

    async def go() -> None:
        with writer_in(tmp_path) as writer:
            writer.take([stream.message(1)])
            whole = Table.append
            writer.table.append = _full  # type: ignore[method-assign]
            await writer.commit()
            assert set(stream.waiting) == {1, 2}
            assert writer.table.append.__func__ is whole  # opened anew
            writer.take([stream.message(2), stream.message(1)])
            await writer.commit()

    asyncio.run(go())
    assert stream.waiting == {}
    assert held(tmp_path) == [("sshd", 1), ("sshd", 2), ("sshd", 3)]


def _full(*_arguments: object) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.refusal
def test_a_disk_that_is_nearly_full_is_left_to_others(tmp_path: Path) -> None:
    class Frames:
        async def fetch(self, *_arguments: object, **_named: object) -> list[Msg]:
            raise AssertionError("nothing is asked of the stream: what waits there stays there")

    async def go() -> None:
        with writer_in(tmp_path) as writer:
            writer.settings = HistorySettings(reserve_megabytes=2**40)
            writer._kept = float("inf")
            await writer.go_on(cast("Any", Frames()))
            writer.settings = HistorySettings(reserve_megabytes=0)
            with pytest.raises(AssertionError):
                await writer.go_on(cast("Any", Frames()))

    asyncio.run(go())


class Waiting:
    """The consumer of a stream: what waits there, and how many frames are out."""

    def __init__(self, *shown: Msg, out: int) -> None:
        self.shown, self.out = list(shown), out

    async def fetch(self, *_arguments: object, **_named: object) -> list[Msg]:
        shown, self.shown = self.shown, []
        return shown

    async def consumer_info(self) -> object:
        return SimpleNamespace(num_ack_pending=self.out)


async def _go_on(writer: Writer, *shown: Msg, out: int) -> None:
    writer._kept = float("inf")
    await writer.go_on(cast("Any", Waiting(*shown, out=out)))
    await writer.commit()
    await writer.go_on(cast("Any", Waiting(out=out)))


class TestDoubt:
    """What an earlier life took and did not acknowledge is said to come again, until it has."""

    def test_from_a_kill_until_nothing_is_out(self, tmp_path: Path) -> None:
        stream = Stream(dict(FRAMES))
        folder = tmp_path / "state" / PROCESS

        async def _go() -> None:
            with writer_in(tmp_path) as writer:
                writer.believe()
                await _go_on(writer, stream.message(1), out=0)
                before = standing.read(folder)
                assert (before.sure_up_to, before.caught_up_at is None) == (None, False)
                writer.take([stream.message(2)])  # and is killed
            for _ in range(2):  # killed again, before what is out has come
                with writer_in(tmp_path) as writer:
                    writer.doubt()
                    await _go_on(writer, stream.message(5), out=1)
                    told = standing.read(folder)
                    assert told.sure_up_to == {"sshd": {"e1": 2}}
                    assert told.caught_up_at == before.caught_up_at
                    stream.waiting[5] = FRAMES[5]
            with writer_in(tmp_path) as writer:
                writer.doubt()
                await _go_on(writer, stream.message(2), out=0)
            told = standing.read(folder)
            assert told.sure_up_to is None
            assert told.caught_up_at is not None

        asyncio.run(_go())

    def test_a_start_after_which_nothing_is_out_ends_it(self, tmp_path: Path) -> None:
        with writer_in(tmp_path) as writer:
            writer.doubt()
        with writer_in(tmp_path) as writer:
            writer.believe()
        assert standing.read(tmp_path / "state" / PROCESS).sure_up_to is None

    def test_a_commit_that_fails_begins_it(self, tmp_path: Path) -> None:
        stream = Stream(dict(FRAMES))

        async def _go() -> None:
            with writer_in(tmp_path) as writer:
                writer.take([stream.message(1)])
                await writer.commit()
                writer.take([stream.message(2)])
                writer.table.append = _full  # type: ignore[method-assign]
                await writer.commit()

        asyncio.run(_go())
        assert standing.read(tmp_path / "state" / PROCESS).sure_up_to == {"sshd": {"e1": 2}}

    @pytest.mark.refusal
    def test_a_disk_that_is_full_ends_nothing_and_it_is_said_later(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write = standing.write
        with writer_in(tmp_path) as writer:
            monkeypatch.setattr(standing, "write", _full)
            writer.doubt()
            monkeypatch.setattr(standing, "write", write)
            asyncio.run(_go_on(writer, out=1))
        assert standing.read(tmp_path / "state" / PROCESS).sure_up_to == {}
