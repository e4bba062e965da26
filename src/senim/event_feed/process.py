"""The process `feed`: takes frames from the durable stream, picks events, and puts batches of them into the outbox.

Exactly once: what is picked commits with its place in the stream, and a batch with its leaving the feed. Killed at any
line, frames that were not acknowledged come again and their lines are known (`operations.take`). While the database or
the stream is away it waits. When enough waits in the feed it stops reading and says so; the stream keeps what comes.

Clauses: R228/81-2.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

import nats.errors
from django.db import InterfaceError, OperationalError, connection
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from senim.event_feed import operations, queries
from senim.event_feed.disclosure import Key
from senim.event_feed.policy import Policy
from senim.event_feed.settings import EventFeedSettings, event_feed_settings
from senim.kit import tasks
from senim.kit.instance import BadSettings
from senim.kit.process import Process, announce_ready
from senim.kit.tasks import unless_stopped
from senim.pulse.operations import Pulse
from senim.telemetry import stream
from senim.telemetry.frames import BadFrame, Frame, decode
from senim.telemetry.parsers import PARSERS

_TOGETHER, _LISTEN, _WAIT = 20, 1.0, 0.5
_AWAY = (OperationalError, InterfaceError)

log = logging.getLogger(__name__)
Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


def run(process: Process) -> None:
    """Feed the regulator until asked to stop. Raises `BadSettings` for a policy or a key that is not in order."""
    settings = event_feed_settings(process.instance)
    policy = Policy(settings.events, _key(process))
    with contextlib.suppress(asyncio.CancelledError):  # asked to stop while the database was away
        tasks.run(_run(process, settings, policy))


def _key(process: Process) -> Key:
    if not process.secrets.feed_key:
        lacks = _("{path} has no feed_key: remove the file, run `senim init`")
        raise BadSettings(format_lazy(lacks, path=process.instance.secrets_file(process.name)))
    return Key(process.secrets.feed_key)


async def _run(process: Process, settings: EventFeedSettings, policy: Policy) -> None:
    with ThreadPoolExecutor(1, "database") as thread:
        feeder = Feeder(process, settings, policy, thread)
        client = await unless_stopped(process, stream.connect(process))
        if client is None:
            return
        try:
            frames = await client.jetstream().pull_subscribe_bind(stream.FEED, stream=stream.STREAM)
            announce_ready()
            while not process.stopping.is_set():
                await feeder.go_on(frames)
        finally:
            await client.close()
            await feeder.close()


@dataclass
class Feeder:
    """Takes messages of the stream; all of its database work runs in one thread."""

    process: Process
    settings: EventFeedSettings
    policy: Policy
    thread: ThreadPoolExecutor
    _said: str = ""

    def __post_init__(self) -> None:
        self._pulse = Pulse(self.process.name)

    async def go_on(self, frames: JetStreamContext.PullSubscription) -> None:
        """Come round once: take what waits where there is room, tell what is missing, put what is due."""
        if self._pulse.is_due:
            await self.in_database(self._pulse.beat)
        if await self.in_database(queries.is_full, self.settings):
            self._say("as many events wait as may: nothing is read until ASOI takes some, the stream keeps what comes")
            await asyncio.sleep(_WAIT)
        else:
            self._say("")
            await self.take(await self._waiting(frames))
            await self._tell_missing(frames)
        while await self.in_database(queries.has_events):
            # As many as are due and have room at the outbox: one for each round would fall behind a flood.
            if not await self.in_database(operations.put_batches, self.settings):
                break

    async def take(self, messages: Sequence[Msg]) -> None:
        """Take what `messages` bring and acknowledge them. What is no frame is detection's to keep and report."""
        taken = [frame for message in messages if (frame := _frame(message)) is not None]
        if taken:
            await self.in_database(operations.take, self.policy, taken)
        for message in messages:
            try:
                await message.ack()
            except nats.errors.Error as error:  # no loss: it comes again and adds nothing
                log.warning("an acknowledgement did not get through: %s", error)

    async def _waiting(self, frames: JetStreamContext.PullSubscription) -> list[Msg]:
        try:
            return await frames.fetch(_TOGETHER, timeout=_LISTEN)
        except (nats.errors.TimeoutError, TimeoutError):
            return []
        except nats.errors.Error as error:
            self._say(f"the stream is away, waiting: {error}")
            await asyncio.sleep(_WAIT)
            return []

    async def _tell_missing(self, frames: JetStreamContext.PullSubscription) -> None:
        """Say which numbers never came, once no frame is out that an earlier life did not acknowledge."""
        if not await self.in_database(queries.has_untold):
            return
        try:
            told = await frames.consumer_info()
        except (nats.errors.Error, TimeoutError):
            return
        if not told.num_ack_pending:
            number = await self.in_database(operations.tell_missing, self.policy)
            log.warning("%d lines never came: the regulator is told which", number)

    def _say(self, what: str) -> None:
        """Say it once for as long as it holds."""
        if what != self._said:
            log.warning("%s", what or "events are being read again")
        self._said = what

    async def in_database(self, work: Callable[Asked, Answer], *arguments: Asked.args, **named: Asked.kwargs) -> Answer:
        """What `work` gives; waits for as long as the database is away. Raises `CancelledError` when asked to stop."""
        said = False
        loop = asyncio.get_running_loop()
        while True:
            try:
                return await loop.run_in_executor(self.thread, lambda: work(*arguments, **named))
            except _AWAY as error:
                if not said:
                    log.warning("the database is away, waiting: %s", str(error).strip())
                said = True
                await self.close()
                if self.process.stopping.is_set():
                    raise asyncio.CancelledError from error
                await asyncio.sleep(_WAIT)

    async def close(self) -> None:
        """Give the database connection back."""
        await asyncio.get_running_loop().run_in_executor(self.thread, connection.close)


def _frame(message: Msg) -> Frame | None:
    """The frame in `message`; None where there is none, or where this release cannot read its kind."""
    try:
        frame = decode(message.data)
    except BadFrame as error:
        log.warning("message %d does not go: %s", message.metadata.sequence.stream, error)
        return None
    if frame.kind not in PARSERS:
        log.warning("message %d does not go: no parser for %r", message.metadata.sequence.stream, frame.kind)
        return None
    return frame
