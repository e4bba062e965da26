"""The detection process: takes frames from the durable stream and acknowledges them once their effect has committed.

Killed at any line it loses nothing and doubles nothing: a frame that was not acknowledged comes again, and the ledger
knows which of its lines were taken (`telemetry.operations.accept`). While database or stream are away it waits, and
says so once.
"""

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import cycle
from typing import ParamSpec, TypeVar

import nats.errors
from django.db import InterfaceError, OperationalError, connection
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from senim.detection import aside, operations, places, rulefiles, rules
from senim.detection.internal.engine import Engine
from senim.detection.internal.lateness import LATENESS_S
from senim.detection.internal.memory import Rows
from senim.detection.models import Alert
from senim.kit import tasks
from senim.kit.clock import now
from senim.kit.process import Process, announce_ready
from senim.kit.tasks import unless_stopped
from senim.pulse.operations import Pulse
from senim.telemetry import stream
from senim.telemetry.frames import BadFrame, Frame, decode
from senim.telemetry.parsers import UnknownKind

MOST_TOGETHER = 20
"""Frames in one transaction."""
_LISTEN = 0.5
_TIDY_EVERY = 10.0
"""Seconds in which every rule has its turn: all at once would hold up what comes meanwhile."""
_LOOK_EVERY = 2.0
"""Seconds between two looks at the rule files."""
_WAIT = 0.5
_TRIES = 5
"""Failures after which a frame on which detection fails is set aside."""
_LONGEST_WAIT = timedelta(seconds=LATENESS_S)
"""How long what may be missing is waited for at most, whatever hinders its coming."""
_AWAY = (OperationalError, InterfaceError)

log = logging.getLogger(__name__)
Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


def run(process: Process) -> None:
    """Detect until asked to stop."""
    with contextlib.suppress(asyncio.CancelledError):  # asked to stop while the database was away
        tasks.run(_run(process))


async def _run(process: Process) -> None:
    with ThreadPoolExecutor(1, "database") as thread:
        detector = Detector(process, rules.engine(process.instance), thread)
        await detector.say_rules()
        await detector.in_database(detector.try_again)
        client = await unless_stopped(process, stream.connect(process))
        if client is None:
            return
        try:
            frames = await client.jetstream().pull_subscribe_bind(stream.CONSUMER, stream=stream.STREAM)
            announce_ready()
            while not process.stopping.is_set():
                await detector.beat()
                await detector.look_at_files()
                await detector.take(await detector.waiting(frames))
                await detector.judge(frames)
        finally:
            await client.close()
            await detector.close()


@dataclass
class Detector:
    """Takes messages of the stream; all of its database work runs in one thread."""

    process: Process
    engine: Engine
    thread: ThreadPoolExecutor
    memory: Rows = field(default_factory=Rows)
    _failures: Counter[int] = field(default_factory=Counter)
    """Of frames that will be tried again, by their number in the stream."""
    _tidied: float = field(default_factory=time.monotonic)
    _looked: float = field(default_factory=time.monotonic)
    _files: dict[str, str] = field(default_factory=dict)
    """The rule files as they lay there when it looked last."""
    _read_until: datetime | None = None
    _shown_until: datetime | None = None
    """Up to when sources had been read when they gave the newest frame that was taken, be it a sign of life."""
    _stream_away: bool = False

    def __post_init__(self) -> None:
        self._pulse = Pulse(self.process.name)
        self._files = dict(self.engine.rules.files)
        self._turns = cycle(self.engine.rules.correlations.values())

    async def beat(self) -> None:
        """Say that detection has come round, where that is due."""
        if self._pulse.is_due:
            await self.in_database(self._pulse.beat)

    async def say_rules(self) -> None:
        """Write down how the rules stand, and name the refused ones in the log."""
        for one in self.engine.rules.refused:
            log.error("rule refused: %s:%d %s: %s", one.file, one.line, one.title or one.id, one.reason)
        await self.in_database(operations.take_rules, self.engine.rules)

    async def look_at_files(self) -> None:
        """Say where rule files do not lie there as they did: what is changed takes effect at the next start only."""
        if time.monotonic() - self._looked < _LOOK_EVERY:
            return
        self._looked = time.monotonic()
        found = places.digests(places.folders(self.process.instance))
        if found != self._files:
            for file, how in (await self.in_database(rulefiles.note, found)).items():
                log.warning("rule file %s since it was looked at last: %s", how, file)
            self._files = found

    def try_again(self) -> None:
        """Take what an earlier detection had to set aside, where this one can."""
        waiting = aside.untaken()
        stay = 0
        for pk in waiting:
            if self.process.stopping.is_set():
                return
            self._pulse.beat()
            try:
                aside.try_again(pk, self.engine, self.memory)
            except _AWAY:
                raise
            except Exception as error:  # noqa: BLE001 - the outermost edge: what stays impossible stays set aside
                stay += 1
                log.warning("%s stays set aside: %s", pk, _said(error))
        if waiting:
            log.warning("of %d messages set aside before, %d were taken now", len(waiting), len(waiting) - stay)

    async def waiting(self, frames: JetStreamContext.PullSubscription) -> list[Msg]:
        """The messages that wait now, or that come within a moment; none while the stream is away."""
        try:
            messages = await frames.fetch(MOST_TOGETHER, timeout=_LISTEN)
        except (nats.errors.TimeoutError, TimeoutError):
            return []
        except nats.errors.Error as error:
            if not self._stream_away:
                log.warning("the stream is away, waiting: %s", error)
            self._stream_away = True
            await asyncio.sleep(_WAIT)
            return []
        if self._stream_away:
            log.warning("the stream answers again")
        self._stream_away = False
        return messages

    async def take(self, messages: Sequence[Msg]) -> None:
        """Give every message its effect and acknowledge it, or set it aside by name."""
        good: list[tuple[Msg, Frame]] = []
        for message in messages:
            try:
                good.append((message, decode(message.data)))
            except BadFrame as error:
                await self._set_aside(message, str(error))
        if good:
            await self._observe(good)
        if time.monotonic() - self._tidied > _TIDY_EVERY / max(1, len(self.engine.rules.correlations)):
            await self._tidy()

    async def _observe(self, pairs: Sequence[tuple[Msg, Frame]]) -> None:
        frames = [frame for _, frame in pairs]

        def observe() -> list[Alert]:
            return operations.observe(self.engine, *frames, memory=self.memory)

        try:
            await self.in_database(observe)
        except Exception as error:  # noqa: BLE001 - the outermost edge: one bad frame must not stop all others
            if len(pairs) > 1:  # find out which it is
                for pair in pairs:
                    await self._observe([pair])
            else:
                await self._failed(pairs[0][0], error)
            return
        if read := [frame.read_until for frame in frames if frame.lines]:
            self._read_until = max(read)
        self._shown_until = max([*(frame.read_until for frame in frames), self._shown_until or frames[0].read_until])
        for message, _ in pairs:
            await self._taken(message)

    async def judge(self, frames: JetStreamContext.PullSubscription) -> None:
        """Raise the alerts of what has waited in vain for something that must have come before it."""
        if not await self.in_database(operations.does_anything_wait):
            return
        until = await self._taken_until(frames)
        if until is None:
            return

        def _judge() -> list[Alert]:
            return operations.judge(self.engine, taken_until=until, memory=self.memory)

        await self.in_database(_judge)

    async def _taken_until(self, frames: JetStreamContext.PullSubscription) -> datetime | None:
        """Up to when everything that was read has been taken; None while nobody can say.

        Sources say it with every frame, signs of life included, and the stream keeps their order. Nobody can say it
        while a frame is out that was delivered and not acknowledged: a killed detector's comes again, out of its order.
        Where no frame waits and none comes, or the stream itself is away, what was read five minutes ago counts as
        taken: an approval that nobody can know of is none.
        """
        silent = now() - _LONGEST_WAIT
        try:
            told = await frames.consumer_info()
        except (nats.errors.Error, TimeoutError):
            return silent
        if told.num_ack_pending:
            return None
        return self._shown_until if told.num_pending else max(silent, self._shown_until or silent)

    async def _taken(self, message: Msg) -> None:
        number = message.metadata.sequence.stream
        self._failures.pop(number, None)
        with _unless_away():
            await message.ack()

    async def _failed(self, message: Msg, error: Exception) -> None:
        """Detection itself fails on this frame: again a few times, then aside, loudly; the others go on."""
        number = message.metadata.sequence.stream
        self._failures[number] += 1
        tries = self._failures[number]
        if tries >= _TRIES or isinstance(error, UnknownKind):
            del self._failures[number]
            await self._set_aside(message, _said(error))
            return
        log.error("frame %s failed, try %d of %d", number, tries, _TRIES, exc_info=error)
        with _unless_away():
            await message.nak(delay=_WAIT * tries)

    async def _set_aside(self, message: Msg, reason: str) -> None:
        number = message.metadata.sequence.stream
        log.error("message %d on %s set aside: %s", number, message.subject, reason)

        def keep() -> None:
            aside.keep(message.data, subject=message.subject, stream_seq=number, reason=reason)

        await self.in_database(keep)
        with _unless_away():
            await message.term()

    async def _tidy(self) -> None:
        self._tidied = time.monotonic()
        until, rule = self._read_until, next(self._turns, None)
        if until is None or rule is None:
            return

        def tidy() -> int:
            return operations.tidy(rule, read_until=until, memory=self.memory)

        if let_go := await self.in_database(tidy):
            log.warning("%s: too many groups at once: %d were forgotten before their time", rule.about.title, let_go)

    async def in_database(self, work: Callable[Asked, Answer], *arguments: Asked.args, **named: Asked.kwargs) -> Answer:
        """What `work` gives; waits for as long as the database is away. Raises `CancelledError` when asked to stop."""
        said = False
        loop = asyncio.get_running_loop()
        while True:
            try:
                answer = await loop.run_in_executor(self.thread, lambda: work(*arguments, **named))
            except _AWAY as error:
                if not said:
                    log.warning("the database is away, waiting: %s", str(error).strip())
                said = True
                await self.close()
                if self.process.stopping.is_set():
                    raise asyncio.CancelledError from error
                await asyncio.sleep(_WAIT)
                continue
            if said:
                log.warning("the database answers again")
            return answer

    async def close(self) -> None:
        """Give the database connection back."""
        await asyncio.get_running_loop().run_in_executor(self.thread, _close)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _close() -> None:
    """Close the connection of the thread that runs this: every thread has its own."""
    connection.close()


@contextlib.contextmanager
def _unless_away() -> Iterator[None]:
    """An acknowledgement that does not get through is no loss: the frame comes again and has no effect again."""
    try:
        yield
    except nats.errors.Error as error:
        log.warning("an acknowledgement did not get through: %s", error)
