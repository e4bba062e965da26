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
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import nats.errors
from deltalake.exceptions import DeltaError
from django.db import InterfaceError, OperationalError, connection
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from senim.history.history import PROCESS
from senim.history.internal import columns
from senim.history.internal.columns import Row
from senim.history.internal.keeping import Keeper
from senim.history.internal.table import Epoch, Table
from senim.history.settings import HistorySettings, history_settings
from senim.history.spans import Spans
from senim.kit.process import Process, announce_ready
from senim.kit.tasks import unless_stopped
from senim.telemetry import stream
from senim.telemetry.frames import BadFrame, Frame, decode

_TOGETHER, _LISTEN, _WAIT = 50, 0.5, 1.0
_COMMIT_EVERY = 2.0
"""Seconds after which what was taken is committed: how far the history lies behind when all is well."""
_MOST_ROWS, _MOST_BYTES = 20_000, 8 * 1024 * 1024
"""Of one commit. The last frame may go beyond it."""
_KEEP_EVERY = 10.0

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


def run(process: Process) -> None:
    """Write the history until asked to stop."""
    with _only_one(process.instance.state(PROCESS)):
        asyncio.run(_run(process))


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
            announce_ready()
            while not process.stopping.is_set():
                await writer.go_on(frames)
            await writer.commit()
        finally:
            await client.close()
            await _in(thread, connection.close)


async def _in(thread: ThreadPoolExecutor, work: Callable[..., Answer], *arguments: object) -> Answer:
    return await asyncio.get_running_loop().run_in_executor(thread, work, *arguments)


@dataclass
class Basket:
    """Rows that wait for the next commit, and the messages that brought them."""

    rows: list[Row] = field(default_factory=list)
    messages: list[Msg] = field(default_factory=list)
    numbers: dict[Epoch, Spans] = field(default_factory=dict)
    size: int = 0
    since: float = field(default_factory=time.monotonic)

    def put(self, frame: Frame, held: Spans) -> None:
        """Put in the lines of `frame` that are neither `held` nor here."""
        here = self.numbers.setdefault((frame.source, frame.epoch), Spans())
        for row in columns.rows(frame, held):
            if row.seq not in here:
                here.add(row.seq, row.seq)
                self.rows.append(row)
                self.size += len(row.text)

    @property
    def is_due(self) -> bool:
        """Whether it is time to commit."""
        is_full = len(self.rows) >= _MOST_ROWS or self.size >= _MOST_BYTES
        return bool(self.messages) and (is_full or time.monotonic() - self.since >= _COMMIT_EVERY)


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
    _said: str = ""

    async def go_on(self, frames: JetStreamContext.PullSubscription) -> None:
        """Take what waits, commit when it is time, look after the table now and then."""
        if not self._has_room():
            self._say("the disk is nearly full: the history waits, detection goes on")
            await asyncio.sleep(_WAIT)
        else:
            self.take(await self._waiting(frames))
        if self.basket.is_due:
            await self.commit()
        if time.monotonic() - self._kept > _KEEP_EVERY:
            self._kept = time.monotonic()
            await self._keep()

    def _has_room(self) -> bool:
        return shutil.disk_usage(self.process.instance.state(PROCESS)).free >= self.settings.reserve

    async def _waiting(self, frames: JetStreamContext.PullSubscription) -> list[Msg]:
        try:
            messages = await frames.fetch(_TOGETHER, timeout=_LISTEN)
        except (nats.errors.TimeoutError, TimeoutError):
            return []
        except nats.errors.Error as error:
            self._say(f"the stream is away: {error}")
            await asyncio.sleep(_WAIT)
            return []
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

    async def commit(self) -> None:
        """Commit what was taken and acknowledge it. Where that fails, everything comes again in its time."""
        basket, self.basket = self.basket, Basket()
        if basket.rows and not await self._done(self.table.append, basket.rows):
            return
        for message in basket.messages:
            try:
                await message.ack()
            except nats.errors.Error as error:  # no loss: it comes again and adds nothing
                log.warning("an acknowledgement did not get through: %s", error)
        if basket.rows:
            self._say("")

    async def _done(self, work: Callable[..., object], *arguments: object) -> bool:
        """Whether `work` on the table came to its end; if not, the table is opened anew, as it truly is."""
        try:
            await _in(self.thread, work, *arguments)
        except (DeltaError, OSError) as error:
            self._say(f"the history cannot be written: {error}")
            await asyncio.sleep(_WAIT)
            await self._open_anew()
            return False
        return True

    async def _open_anew(self) -> None:
        while not self.process.stopping.is_set():
            try:
                self.table = await _in(self.thread, Table, self.process.instance.state(PROCESS))
            except (DeltaError, OSError) as error:
                self._say(f"the history cannot be opened: {error}")
                await asyncio.sleep(_WAIT)
            else:
                return

    async def _keep(self) -> None:
        """Put small files together, let days go whose time is over."""
        try:
            await self._done(self.keeper.keep, self.table)
        except (OperationalError, InterfaceError) as error:
            await _in(self.thread, connection.close)
            self._say(f"the database is away, no day leaves meanwhile: {str(error).strip()}")

    def _say(self, what: str) -> None:
        """Say it once for as long as it holds."""
        if what != self._said and (what or self._said):
            log.warning("%s", what or "the history is being written again")
        self._said = what
