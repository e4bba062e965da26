"""Room in the stream: a frame whose source has a newer one is let go, and how full the stream is gets known in time.

A frame leaves the stream when all consumers have acknowledged it. Detection does so when its work has committed; the
collector is a consumer as well, and acknowledges a frame only when it has been shown a newer one of the same source. So
the newest frame of each source never leaves, and with it what the stream remembers of the collector's place.

What was not acknowledged is shown again after a while, also to a collector that was killed and started anew.

History and event feed must not stop detection: where the stream is nearly full because one of them is behind or away,
the collector lets go, on its behalf, of frames that detection has finished. That they passed it by is said of every
source; the ledger names the very numbers (`senim.history.completeness`), and the feed tells the regulator of them.
"""

import asyncio
import logging

import nats.errors
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.errors import Error as StreamError

from senim.telemetry.internal.source import Remark
from senim.telemetry.notices import NoticeKind
from senim.telemetry.stream import CONSUMER, FEED, HISTORY, PLACES, STREAM, subject

FILLING, EASED = 0.7, 0.5
"""Parts of the quota: from the one on it is said that the stream is filling; below the other neither that nor that it
was full is said any longer."""
PRESSED = 0.85
"""Part of the quota from which on frames pass the history and the event feed by."""
_PASSED = {HISTORY: NoticeKind.HISTORY_PASSED, FEED: NoticeKind.FEED_PASSED}
"""Readers for whom detection does not wait, and what is said where frames pass them by."""
_TOGETHER = 200
_LISTEN = 1.0
_ASK_EVERY = 2.0
_AWAY = (nats.errors.Error, StreamError, OSError)

log = logging.getLogger(__name__)


class Room:
    """Looks after the room in the stream for as long as the collector runs."""

    def __init__(self) -> None:
        self.remark: Remark | None = None
        """What is to be said of the room; None while there is plenty."""
        self._newest: dict[str, Msg] = {}
        self._passes = False

    def holds(self, source: str) -> bool:
        """Whether it keeps the newest frame of `source` in the stream."""
        return subject(source) in self._newest

    async def look_after(self, client: Client) -> None:
        """Let go of frames, and ask how full the stream is, until cancelled; waits while the server is away."""
        stream = client.jetstream()
        frames = await stream.pull_subscribe_bind(PLACES, stream=STREAM)
        readers = {name: await stream.pull_subscribe_bind(name, stream=STREAM) for name in _PASSED}
        loop = asyncio.get_running_loop()
        asked = loop.time() - _ASK_EVERY
        while True:
            try:
                await self._let_go(await _shown(frames))
                if loop.time() - asked >= _ASK_EVERY:
                    asked = loop.time()
                    await self._ask(stream)
                if self._passes:
                    for name, reader in readers.items():
                        await self._pass(stream, name, reader)
            except _AWAY as error:
                log.debug("the stream's room is not known: %s", error)  # publishing says it aloud
                await asyncio.sleep(_LISTEN)

    async def _let_go(self, shown: list[Msg]) -> None:
        """Acknowledge every frame of `shown`, or known from before, that is not the newest of its source."""
        for frame in shown:
            known = self._newest.get(frame.subject)
            if known is None:
                self._newest[frame.subject] = frame
                continue
            newest, other = (frame, known) if _is_newer(frame, known) else (known, frame)
            self._newest[frame.subject] = newest
            # A higher number is of a stream that is no more: in this one a frame to come may bear it.
            if _number(other) < _number(newest):
                await other.ack()

    async def _ask(self, stream: JetStreamContext) -> None:
        answer = await stream.stream_info(STREAM)
        self.judge(answer.state.bytes / (answer.config.max_bytes or 1))

    async def _pass(self, stream: JetStreamContext, name: str, reader: JetStreamContext.PullSubscription) -> None:
        """Acknowledge for `name` what detection has finished; what detection has not is of no use to let go."""
        done = (await stream.consumer_info(STREAM, CONSUMER)).ack_floor
        kept = (await stream.consumer_info(STREAM, name)).ack_floor
        if done is None or kept is None or kept.stream_seq >= done.stream_seq:
            return
        for frame in await _shown(reader):
            if _number(frame) <= done.stream_seq:
                self.remark = _PASSED[name], {}
                await frame.ack()
            else:
                await frame.nak()

    def judge(self, part: float) -> None:
        """Remember what a stream filled to `part` of its quota is worth saying."""
        self._passes = part >= (EASED if self._passes else PRESSED)
        if part < (FILLING if self.remark is None else EASED):
            self.remark = None
        elif self.remark is None:
            self.remark = NoticeKind.STREAM_FILLING, {"percent": round(part * 100)}

    def refused(self, reason: str) -> None:
        """Remember that there was no room for a frame: one more that finds room does not mean that all is well."""
        self.remark = NoticeKind.STREAM_FULL, {"reason": reason}


async def _shown(frames: JetStreamContext.PullSubscription) -> list[Msg]:
    try:
        return await frames.fetch(_TOGETHER, timeout=_LISTEN)
    except (nats.errors.TimeoutError, TimeoutError):
        return []


def _is_newer(frame: Msg, known: Msg) -> bool:
    """Whether `frame` came into the stream after `known`.

    Not whether it is shown after it: a server that was killed may have forgotten what it had shown, and then shows old
    frames as if for the first time. A stream that was made anew counts from 1 again, but later.
    """
    return _number(frame) > _number(known) or frame.metadata.timestamp > known.metadata.timestamp


def _number(frame: Msg) -> int:
    return frame.metadata.sequence.stream
