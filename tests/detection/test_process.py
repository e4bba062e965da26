"""The process: what it does when database, stream or a frame is not as it should be."""

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nats.errors
import pytest
from django.db import OperationalError

from senim.detection import aside, operations, places, process, rulefiles
from senim.detection.internal.engine import Engine
from senim.detection.process import Detector
from senim.detection.rulefiles import Difference
from senim.kit.instance import Instance
from senim.kit.process import Process
from senim.kit.secrets import Secrets
from senim.telemetry.frames import Frame, encode
from tests.detection.watch import READ_AT, frame_of
from tests.detection.writing import base, written


@dataclass
class Delivered:
    """A message as the stream delivers it, and what became of it."""

    data: bytes
    tries: int = 1
    subject: str = "ev.sshd"
    became: list[str] = field(default_factory=list)

    @property
    def metadata(self) -> SimpleNamespace:
        return SimpleNamespace(num_delivered=self.tries, sequence=SimpleNamespace(stream=7))

    async def ack(self) -> None:
        self.became.append("acknowledged")

    async def term(self) -> None:
        self.became.append("ended")

    async def nak(self, delay: float) -> None:
        assert delay > 0
        self.became.append("again")


@dataclass
class Work:
    """Stands where the database's work is done, and remembers what was asked."""

    fail: list[Exception] = field(default_factory=list)
    bad: tuple[str, ...] = ()
    observed: list[tuple[str, ...]] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)

    def observe(self, _engine: Engine, *frames: Frame, **_kept: object) -> None:
        if self.fail:
            raise self.fail.pop(0)
        hosts = tuple(frame.host for frame in frames)
        if set(hosts) & set(self.bad):
            raise ValueError("this frame is too much")
        self.observed.append(hosts)

    def set_aside(self, _data: bytes, *, reason: str, **_named: Any) -> None:
        self.aside.append(reason)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    found = Work()
    monkeypatch.setattr(operations, "observe", found.observe)
    monkeypatch.setattr(aside, "keep", found.set_aside)
    monkeypatch.setattr(process, "_WAIT", 0.001)
    return found


@pytest.fixture
def detector(instance: Instance, tmp_path: Path) -> Iterator[Detector]:
    engine = Engine(written(tmp_path, base("a", {"s": {"x": 1}, "condition": "s"})))
    with ThreadPoolExecutor(1) as thread:
        yield Detector(Process("detection", instance, Secrets()), engine, thread)


def delivered(host: str, tries: int = 1) -> Delivered:
    return Delivered(encode(frame_of(["x"], host=host)), tries)


def take(detector: Detector, *messages: Delivered) -> None:
    asyncio.run(detector.take(messages))  # type: ignore[arg-type]


def test_frames_that_wait_go_together_and_are_acknowledged_behind_the_commit(detector: Detector, work: Work) -> None:
    messages = [delivered("a"), delivered("b")]
    take(detector, *messages)
    assert work.observed == [("a", "b")]
    assert [message.became for message in messages] == [["acknowledged"]] * 2


def test_while_the_database_is_away_it_waits_and_says_so_once(
    detector: Detector, work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    work.fail = [OperationalError("gone"), OperationalError("gone")]
    message = delivered("a")
    with caplog.at_level(logging.WARNING):
        take(detector, message)
    assert message.became == ["acknowledged"]
    assert [record.message for record in caplog.records] == [
        "the database is away, waiting: gone",
        "the database answers again",
    ]


def test_asked_to_stop_while_the_database_is_away_it_stops_and_acknowledges_nothing(
    detector: Detector, work: Work
) -> None:
    work.fail = [OperationalError("gone")] * 3
    detector.process.stopping.set()
    message = delivered("a")
    with pytest.raises(asyncio.CancelledError):
        take(detector, message)
    assert message.became == []


def test_what_is_no_frame_is_set_aside_by_name_and_the_others_go_on(detector: Detector, work: Work) -> None:
    rubbish, good = Delivered(b"\xc1"), delivered("a")
    take(detector, rubbish, good)
    assert rubbish.became == ["ended"]
    assert "not a frame" in work.aside[0]
    assert good.became == ["acknowledged"]


def test_a_frame_on_which_detection_fails_is_found_among_the_others_and_tried_again(
    detector: Detector, work: Work
) -> None:
    work.bad = ("b",)
    messages = [delivered("a"), delivered("b"), delivered("c")]
    take(detector, *messages)
    assert [message.became for message in messages] == [["acknowledged"], ["again"], ["acknowledged"]]
    assert work.aside == []


def test_it_is_set_aside_at_its_last_try(detector: Detector, work: Work) -> None:
    work.bad = ("b",)
    message = delivered("b", tries=50)  # deliveries that were no failures of ours do not count
    for _ in range(5):
        take(detector, message)
    assert message.became == ["again"] * 4 + ["ended"]
    assert work.aside == ["ValueError: this frame is too much"]


def test_while_the_stream_is_away_it_waits_and_says_so_once(
    detector: Detector, work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    answers: list[Any] = [
        nats.errors.NoRespondersError(),
        nats.errors.NoRespondersError(),
        nats.errors.TimeoutError(),
        ["m"],
    ]

    async def fetch(*_arguments: object, **_named: object) -> list[str]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return list(answer)

    frames: Any = SimpleNamespace(fetch=fetch)
    with caplog.at_level(logging.WARNING):
        found = [asyncio.run(detector.waiting(frames)) for _ in range(4)]
    assert found == [[], [], [], ["m"]]
    said = [record.message for record in caplog.records]
    assert said[0].startswith("the stream is away, waiting")
    assert said[1:] == ["the stream answers again"]


@pytest.mark.usefixtures("work")
class TestHowFarEverythingWasTaken:
    """Nothing is called missing before what may bring it has been taken."""

    READ = READ_AT - 60.0

    def until(
        self,
        detector: Detector,
        monkeypatch: pytest.MonkeyPatch,
        *,
        unacknowledged: int = 0,
        waiting: int = 0,
        away: Exception | None = None,
        judged_at: float = READ_AT,
    ) -> float | None:
        """Up to when it judges, after a frame that was read at `READ`; None where it does not."""
        judged: list[datetime] = []
        monkeypatch.setattr(operations, "does_anything_wait", lambda: True)
        monkeypatch.setattr(operations, "judge", lambda _engine, *, taken_until, **_kept: judged.append(taken_until))
        monkeypatch.setattr(process, "now", lambda: datetime.fromtimestamp(judged_at, tz=UTC))

        async def info() -> SimpleNamespace:
            if away is not None:
                raise away
            return SimpleNamespace(num_ack_pending=unacknowledged, num_pending=waiting)

        frames: Any = SimpleNamespace(consumer_info=info)
        asyncio.run(detector.judge(frames))
        return judged[0].timestamp() if judged else None

    def taken(self, detector: Detector, read_at: float = READ) -> None:
        take(detector, Delivered(encode(frame_of(["x"], read_at=read_at))))

    def test_what_sources_say_with_their_frames_is_what_counts(
        self, detector: Detector, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.taken(detector)
        assert self.until(detector, monkeypatch) == self.READ
        sign = Frame(source="sshd", kind="sshd", host="h", epoch="e1", lines=(), next=2, at=self.READ + 5)
        take(detector, Delivered(encode(sign)))
        self.taken(detector, self.READ + 1)  # another source, read a little earlier
        assert self.until(detector, monkeypatch) == self.READ + 5

    def test_not_while_a_frame_is_out_that_nobody_acknowledged(
        self, detector: Detector, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.taken(detector)
        assert self.until(detector, monkeypatch, unacknowledged=1, judged_at=READ_AT + 3600) is None

    @pytest.mark.parametrize(("waiting", "until"), [(0, READ_AT + 3300), (1, READ)])
    def test_where_nothing_comes_any_more_five_minutes_are_enough(
        self, detector: Detector, monkeypatch: pytest.MonkeyPatch, waiting: int, until: float
    ) -> None:
        self.taken(detector)
        assert self.until(detector, monkeypatch, waiting=waiting, judged_at=READ_AT + 3600) == until

    def test_a_stream_that_is_away_hides_nothing_for_ever(
        self, detector: Detector, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.taken(detector)
        away = nats.errors.TimeoutError()
        assert self.until(detector, monkeypatch, away=away, judged_at=READ_AT + 3600) == READ_AT + 3300

    def test_where_nothing_was_taken_yet_what_waits_in_the_stream_comes_first(
        self, detector: Detector, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert self.until(detector, monkeypatch, waiting=1, judged_at=READ_AT + 3600) is None

    def test_nothing_is_asked_while_nothing_waits(self, detector: Detector, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(operations, "does_anything_wait", lambda: False)
        asyncio.run(detector.judge(None))  # type: ignore[arg-type]


class TestRuleFiles:
    """Detection looks at its rule files while it works."""

    @pytest.fixture
    def noted(self, detector: Detector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
        """What it wrote down of the files in its folder."""
        found: list[dict[str, str]] = []

        def note(files: dict[str, str]) -> dict[str, Difference]:
            found.append(files)
            return {"test/sshd/rules.yml": Difference.REMOVED} if not files else {}

        monkeypatch.setattr(rulefiles, "note", note)
        monkeypatch.setattr(places, "folders", lambda _instance: {"test": tmp_path})
        monkeypatch.setattr(process, "_LOOK_EVERY", 0.0)
        assert detector.engine.rules.files
        return found

    def test_as_long_as_nothing_differs_it_writes_nothing(
        self, detector: Detector, noted: list[dict[str, str]]
    ) -> None:
        asyncio.run(detector.look_at_files())
        assert noted == []

    def test_what_is_gone_is_written_down_and_logged_once(
        self, detector: Detector, noted: list[dict[str, str]], tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (tmp_path / "sshd" / "rules.yml").unlink()
        with caplog.at_level(logging.WARNING):
            asyncio.run(detector.look_at_files())
            asyncio.run(detector.look_at_files())
        assert noted == [{}]
        assert [record.message for record in caplog.records] == [
            "rule file removed since it was looked at last: test/sshd/rules.yml"
        ]

    def test_it_does_not_look_all_the_time(
        self, detector: Detector, noted: list[dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(process, "_LOOK_EVERY", 3600.0)
        (tmp_path / "sshd" / "rules.yml").unlink()
        asyncio.run(detector.look_at_files())
        assert noted == []
