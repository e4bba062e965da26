"""The collector's end of the durable stream: frames go in, each once, and the last one of a source comes back.

Published frames carry their identity (`Nats-Msg-Id`) and what the last frame of their source must be
(`Nats-Expected-Last-Subject-Sequence`): a second collector, or a frame of ours that was stored though we never heard,
makes the server refuse instead of interleaving. A frame counts as sent when the server has acknowledged it, which it
does after fsync.
"""

from collections import defaultdict, deque
from dataclasses import dataclass
from typing import Any

import msgspec
import nats.errors
from nats.aio.client import Client
from nats.js.api import Header
from nats.js.errors import APIError, NotFoundError
from nats.js.errors import Error as StreamError

from senim.kit.process import Process
from senim.telemetry.frames import Frame, encode
from senim.telemetry.internal.memory import Memory
from senim.telemetry.internal.room import Room
from senim.telemetry.stream import CONSUMER, STREAM, connect, subject

_WITHIN = 5.0
_EPOCH, _FIRST, _LAST, _PLACE = "Senim-Epoch", "Senim-First", "Senim-Last", "Senim-Place"
_WRONG_LAST = frozenset({10071, 10164})
"""JetStream's codes for an expectation that does not hold (server/errors.json of nats-server)."""
_FULL = frozenset({10047, 10023, 10077, 10054})
"""JetStream's codes for no room: memory or storage exhausted, `max_bytes` of the stream reached, message too large."""


class StreamDown(Exception):
    """The server does not answer, or answers that it cannot."""


class StreamFull(Exception):
    """The stream may hold no more."""


class Diverged(Exception):
    """The stream's last frame of this source is not the one we know."""


class Known(Diverged):
    """The stream has had a frame with this identity; it may have been done with since, and have left."""


@dataclass(frozen=True)
class Stored:
    """The newest frame of a source in the stream."""

    sequence: int
    memory: Memory


class Outlet:
    """The stream as the collector uses it."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._client: Client | None = None
        self.room = Room()
        self._sent: defaultdict[str, deque[int]] = defaultdict(deque)
        """By source the numbers in the stream of frames that detection may not have seen yet."""

    async def open(self) -> None:
        """Reach the server, however long that takes; until then everything else raises `StreamDown`."""
        self._client = await connect(self._process)

    async def look_after_room(self) -> None:
        """Let go of frames that have done their work and watch how full the stream is, until cancelled."""
        await self.room.look_after(self._connected())

    async def close(self) -> None:
        """Leave the server."""
        if self._client is not None:
            await self._client.close()

    def _connected(self) -> Client:
        if self._client is None or not self._client.is_connected:
            raise StreamDown("no connection")
        return self._client

    async def last(self, source: str) -> Stored | None:
        """The newest frame of `source`; None where the stream holds none. Raises `StreamDown`."""
        try:
            found = await self._connected().jetstream().get_last_msg(STREAM, subject(source), direct=True)
        except NotFoundError:
            return None
        except (nats.errors.Error, StreamError, TimeoutError, OSError) as error:
            raise StreamDown(str(error)) from error
        headers = found.headers or {}
        try:
            place: Any = msgspec.json.decode(headers[_PLACE])
            memory = Memory(headers[_EPOCH], int(headers[_LAST]) + 1, place)
        except (KeyError, ValueError) as error:
            raise StreamDown(f"the last frame of {source} is not a collector's: {error!r}") from error
        return Stored(found.seq or 0, memory)

    async def unfinished(self, source: str) -> int:
        """How many frames of `source` that were published here detection has still to see.

        What the history has still to keep does not count, nor does what was published by a collector before this one.
        0 where the server does not say: publishing tells why.
        """
        try:
            detection = await self._connected().jetstream().consumer_info(STREAM, CONSUMER)
        except (StreamDown, nats.errors.Error, StreamError, TimeoutError, OSError):
            return 0
        sent, done = self._sent[source], detection.ack_floor.stream_seq if detection.ack_floor else 0
        while sent and sent[0] <= done:
            sent.popleft()
        # One frame of any source that detection holds back keeps `done` where it is; no more waits than waits of all.
        return min(len(sent), (detection.num_pending or 0) + (detection.num_ack_pending or 0))

    async def publish(self, frame: Frame, place: object, *, after: int, identity: str = "") -> int:
        """Store `frame` behind the frame with sequence `after` (0: none). Its sequence, once it is on disk.

        The stream knows it by its own identity, or by `identity`. Raises `StreamFull`, `StreamDown` (it may be stored
        all the same), `Diverged` and `Known`.
        """
        headers = {
            Header.MSG_ID.value: identity or frame.id,
            Header.EXPECTED_LAST_SUBJECT_SEQUENCE.value: str(after),
            _EPOCH: frame.epoch,
            _FIRST: str(frame.first),
            _LAST: str(frame.last),
            _PLACE: msgspec.json.encode(place).decode(),
        }
        stream = self._connected().jetstream()
        try:
            answer = await stream.publish(subject(frame.source), encode(frame), _WITHIN, STREAM, headers)
        except APIError as error:
            if error.err_code in _WRONG_LAST:
                raise Diverged(str(error.description)) from error
            if error.err_code in _FULL:
                self.room.refused(str(error.description))
                raise StreamFull(str(error.description)) from error
            raise StreamDown(str(error.description or error)) from error
        except (nats.errors.Error, StreamError, TimeoutError, OSError) as error:
            raise StreamDown(str(error)) from error
        if answer.duplicate:
            raise Known("a frame with this identity was stored before")
        self._sent[frame.source].append(answer.seq)
        return answer.seq
