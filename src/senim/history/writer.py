"""The history's process: takes every frame from the durable stream and acknowledges it when its lines are on disk.

A consumer of its own beside detection, so that neither waits for the other. Exactly once: the table itself says which
numbers of which epoch it holds, a commit adds lines to it whole or not at all, and what a frame brings a second time is
passed over. Killed at any line, the frames that were not acknowledged come again and add what is missing.

What it cannot take for long it does not hold against detection: frames that detection has finished pass the history by
when the stream is nearly full (`telemetry.internal.room`), and the ledger then names the hole (`history.completeness`).
"""

import asyncio
import fcntl
import logging
import shutil
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import nats.errors
from deltalake.exceptions import DeltaError
from django.db import InterfaceError, OperationalError, connection
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from senim.history import standing
from senim.history.history import PROCESS
from senim.history.internal.basket import Basket
from senim.history.internal.keeping import Keeper
from senim.history.internal.table import Table
from senim.history.settings import HistorySettings, history_settings
from senim.history.spans import Spans
from senim.history.standing import Standing
from senim.kit import tasks
from senim.kit.clock import now
from senim.kit.process import Process, announce_ready
from senim.kit.tasks import unless_stopped
from senim.pulse.operations import Pulse
from senim.telemetry import stream
from senim.telemetry.frames import BadFrame, decode

_TOGETHER, _LISTEN, _WAIT = 50, 0.5, 1.0
_KEEP_EVERY = 10.0
_TELL_EVERY = timedelta(seconds=2)

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


def run(process: Process) -> None:
    """Write the history until asked to stop."""
    with _only_one(process.instance.state(PROCESS)):
        tasks.run(_run(process))


@contextmanager
def _only_one(state: Path) -> Iterator[None]:
    """Hold the table for one process. Raises `BlockingIOError` where another, left over from before, still does."""
    with (state / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


async def _run(process: Process) -> None:
    with ThreadPoolExecutor(1, "table") as thread:
        settings = history_settings(process.instance)
        table = await _in(thread, Table, process.instance.state(PROCESS))
        writer = Writer(process, settings, thread, table, Keeper(settings))
        client = await unless_stopped(process, stream.connect(process))
        if client is None:
            return
        try:
            frames = await client.jetstream().pull_subscribe_bind(stream.HISTORY, stream=stream.STREAM)
            if (await frames.consumer_info()).num_ack_pending:
                writer.doubt()
            else:
                writer.believe()
            announce_ready()
            while not process.stopping.is_set():
                await writer.beat()
                await writer.go_on(frames)
            await writer.commit()
        finally:
            await client.close()
            await _in(thread, connection.close)


async def _in(thread: ThreadPoolExecutor, work: Callable[..., Answer], *arguments: object) -> Answer:
    return await asyncio.get_running_loop().run_in_executor(thread, work, *arguments)


@dataclass
class Writer:
    """Takes messages of the stream; all work on the table runs in one thread."""

    process: Process
    settings: HistorySettings
    thread: ThreadPoolExecutor
    table: Table
    keeper: Keeper
    basket: Basket = field(default_factory=Basket)
    _kept: float = 0.0
    _emptied_at: datetime | None = None
    _caught_up_at: datetime | None = None
    _told: Standing = field(init=False)
    _is_untold: bool = False
    _said: str = ""
    _is_database_away: bool = False

    def __post_init__(self) -> None:
        self._pulse = Pulse(self.process.name)
        self._told = standing.read(self._folder)
        self._caught_up_at = self._told.caught_up_at

    @property
    def _folder(self) -> Path:
        return self.process.instance.state(PROCESS)

    async def beat(self) -> None:
        """Say that the loop comes round; without the database it goes on all the same."""
        if self._pulse.is_due:
            await self._unless_away(_in(self.thread, self._pulse.beat))

    async def go_on(self, frames: JetStreamContext.PullSubscription) -> None:
        """Take what waits, commit when it is time, look after the table now and then."""
        if has_room := self._has_room():
            self.take(await self._waiting(frames))
        else:
            self._say("the disk is nearly full: the history waits, detection goes on")
            await asyncio.sleep(_WAIT)
        if self.basket.is_due and not await self.commit():
            return
        if self._told.sure_up_to is not None and not self.basket.messages:
            await self._ask(frames)
        self._tell(has_room=has_room)
        if time.monotonic() - self._kept > _KEEP_EVERY:
            self._kept = time.monotonic()
            await self._keep()

    def _tell(self, *, has_room: bool) -> None:
        """Write down how far it is: what waited when everything was taken is held once the basket is empty."""
        if not self.basket.messages and self._told.sure_up_to is None:
            self._caught_up_at = self._emptied_at or self._caught_up_at
        told = msgspec.structs.replace(self._told, caught_up_at=self._caught_up_at, has_room=has_room)
        if self._is_untold or has_room != self._told.has_room or _is_older(self._told, told):
            self._write(told)

    def _write(self, told: Standing) -> None:
        self._told, self._is_untold = told, True
        try:
            standing.write(self._folder, told)
        except OSError as error:  # a full disk: it is tried again
            self._say(f"how far the history is cannot be written: {error}")
        else:
            self._is_untold = False

    def doubt(self) -> None:
        """Say, before anything newer is held, up to where it is known what is missing; and of being caught up nothing.

        Frames are out that an earlier life, or a commit that failed, did not acknowledge: they come in their time, and
        until then an empty stream does not mean that everything is held. An earlier doubt goes on as it began.
        """
        if self._told.sure_up_to is None:
            sure: dict[str, dict[str, int]] = {}
            for (source, epoch), held in self.table.held.items():
                sure.setdefault(source, {})[epoch] = held.highest
            self._write(msgspec.structs.replace(self._told, sure_up_to=sure))

    def believe(self) -> None:
        """Say that no frame is out: what is missing now does not come any more."""
        self._write(msgspec.structs.replace(self._told, sure_up_to=None))

    async def _ask(self, frames: JetStreamContext.PullSubscription) -> None:
        """Whether frames are out still, while none of them is here."""
        try:
            told = await frames.consumer_info()
        except (nats.errors.Error, TimeoutError) as error:
            self._say(f"the stream is away: {error}")
            return
        if not told.num_ack_pending:
            self.believe()

    def _has_room(self) -> bool:
        return shutil.disk_usage(self._folder).free >= self.settings.reserve

    async def _waiting(self, frames: JetStreamContext.PullSubscription) -> list[Msg]:
        """What waits now, or comes within a moment. `_emptied_at` is when nothing more waited, None where more may."""
        moment, self._emptied_at = now(), None
        try:
            messages = await frames.fetch(_TOGETHER, timeout=_LISTEN)
        except (nats.errors.TimeoutError, TimeoutError):
            messages = []
        except nats.errors.Error as error:
            self._say(f"the stream is away: {error}")
            await asyncio.sleep(_WAIT)
            return []
        if len(messages) < _TOGETHER:
            self._emptied_at = moment
        return messages

    def take(self, messages: Sequence[Msg]) -> None:
        """Put the new lines of `messages` into the basket."""
        if not self.basket.messages:
            self.basket = Basket()
        for message in messages:
            try:
                frame = decode(message.data)
            except BadFrame as error:  # detection keeps it whole and reports it; it has no number to be missed by
                log.warning("message %d is not in the history: %s", message.metadata.sequence.stream, error)
            else:
                self.basket.put(frame, self.table.held.get((frame.source, frame.epoch), Spans()))
            self.basket.messages.append(message)

    async def commit(self) -> bool:
        """Commit what was taken and acknowledge it. Where that fails, everything comes again in its time."""
        basket, self.basket = self.basket, Basket()
        if basket.rows and not await self._done(self.table.append, basket.rows):
            return False
        for message in basket.messages:
            try:
                await message.ack()
            except nats.errors.Error as error:  # no loss: it comes again and adds nothing
                log.warning("an acknowledgement did not get through: %s", error)
        if basket.rows:
            self._say("")
        return True

    async def _done(self, work: Callable[..., object], *arguments: object) -> bool:
        """Whether `work` on the table came to its end; if not, the table is opened anew, as it truly is."""
        try:
            await _in(self.thread, work, *arguments)
        except (DeltaError, OSError) as error:
            self._say(f"the history cannot be written: {error}")
            self.doubt()
            await asyncio.sleep(_WAIT)
            await self._open_anew()
            return False
        return True

    async def _open_anew(self) -> None:
        while not self.process.stopping.is_set():
            try:
                self.table = await _in(self.thread, Table, self._folder)
            except (DeltaError, OSError) as error:
                self._say(f"the history cannot be opened: {error}")
                await asyncio.sleep(_WAIT)
            else:
                return

    async def _keep(self) -> None:
        """Put small files together, let days go whose time is over."""
        await self._unless_away(self._done(self.keeper.keep, self.table))

    async def _unless_away(self, work: Coroutine[Any, Any, object]) -> None:
        """Do what needs the database; while it is away events are kept all the same."""
        try:
            await work
        except (OperationalError, InterfaceError) as error:
            await _in(self.thread, connection.close)
            if not self._is_database_away:
                log.warning("the database is away, no day leaves meanwhile: %s", str(error).strip())
            self._is_database_away = True
        else:
            self._is_database_away = False

    def _say(self, what: str) -> None:
        """Say it once for as long as it holds."""
        if what != self._said and (what or self._said):
            log.warning("%s", what or "the history is being written again")
        self._said = what


def _is_older(told: Standing, newer: Standing) -> bool:
    """Whether `told` is old enough for `newer` to be said."""
    if newer.caught_up_at is None or told.caught_up_at is None:
        return newer.caught_up_at is not None
    return newer.caught_up_at - told.caught_up_at >= _TELL_EVERY
