"""Carrying one source into the durable stream: read, number, frame, publish, remember.

1. The place is taken from the stream's last frame of the source, or from the notebook where that knows more.
2. A loss is written to the ledger before anything read after it is sent.
3. A frame is sent again and again, the same bytes, until the stream has it; meanwhile nothing is read.
4. Where nothing came for a while, a frame without lines goes the same way: a sign of life (`signs`).
5. Where the stream turns out to hold another last frame than ours, everything read since is forgotten and step 1 begins
   anew: a frame is never made a second time with the same identity and other lines, because the server compares what
   it must follow. Where what it must follow is there and its identity is known all the same, the frame of that name was
   done with and has left: it goes again under another name, and the ledger takes no line twice.

A process killed between any two of these goes on at step 1.
"""

import asyncio
import logging
from contextlib import suppress
from datetime import datetime

from msgspec.json import encode

from senim.kit.clock import now
from senim.kit.ids import new_id
from senim.telemetry.frames import Frame, Line
from senim.telemetry.internal.ledger_notes import LedgerNotes
from senim.telemetry.internal.memory import Memory, Notebook, newer
from senim.telemetry.internal.outlet import Diverged, Known, Outlet, Stored, StreamDown, StreamFull
from senim.telemetry.internal.signs import Signs
from senim.telemetry.internal.source import Reading, Remark, Source, UnknownPlace
from senim.telemetry.notices import NoticeKind

MOST_AHEAD = 8
"""Frames of one source that may wait in the stream (4,000 lines), so that no source waits long for another's."""
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 5.0

log = logging.getLogger(__name__)


class Carrier:
    """Carries one source for as long as the process runs."""

    def __init__(self, source: Source, outlet: Outlet, notebook: Notebook, notes: LedgerNotes) -> None:
        self.name = source.name
        self.signs = Signs()
        self.came_round: datetime | None = None
        """When its loop last came round: it had read, or tried to send."""
        self._source = source
        self._outlet = outlet
        self._notebook = notebook
        self._notes = notes
        self._memory = Memory("", 1, None)
        self._after = 0
        """The stream's number of the last frame of this source."""
        self._epoch_said = ""
        self._notebook_fails: Remark | None = None

    async def run(self) -> None:
        """Carry until cancelled, which may happen anywhere."""
        while True:
            await self._take_place()
            with suppress(Diverged):
                while True:
                    await self._carry()

    async def _take_place(self) -> None:
        stored = await self._last()
        self._after = stored.sequence if stored else 0
        noted = await asyncio.to_thread(self._notebook.read, self._source.name)
        known = newer(stored.memory if stored else None, noted)
        if stored is not None:  # nothing of an epoch is sent before it was said why it began
            self._epoch_said = stored.memory.epoch
        try:
            if known is not None:
                self._source.resume(known.place)
                self._memory = known
        except UnknownPlace as error:
            log.warning("source %s: %s", self._source.name, error)
            known = None
        if known is None:
            await self._begin({"reason": "neither the stream nor the collector's notes know it"})

    async def _begin(self, facts: dict[str, object]) -> None:
        """Begin a new epoch and say why; `_carry` says it where we are killed in between."""
        begun, seen = await self._notes.history(self._source.name)
        self._source.begin(seen, first=not begun)
        kind = NoticeKind.EPOCH_BEGAN if begun else NoticeKind.FIRST_START
        self._memory = Memory(new_id().hex, 1, self._source.place, kind.value)
        await self._write_down()
        await self._say_begun(facts)

    async def _carry(self) -> None:
        """One reading, one frame."""
        if self._memory.next == 1 and self._epoch_said != self._memory.epoch:  # killed before it was said
            await self._say_begun({})
        reading = await self._source.read()
        self.came_round = read_at = now()
        if reading.broken is not None:
            _, facts = reading.broken
            await self._begin(facts)
            return
        for loss in reading.losses:
            await self.say(loss)
        if reading.lines:
            await self._send(reading, read_at)
        else:
            self._memory = Memory(self._memory.epoch, self._memory.next, self._source.place, self._memory.began)
        if self._notebook.is_due(self._source.name, self._memory):
            await self._write_down()
        hindrance = reading.hindrance or self._notebook_fails or self._outlet.room.remark
        await self.say(hindrance or (NoticeKind.COLLECTING, {}))
        if self.signs.is_due and reading.is_all:
            await self._give_sign(read_at)
        if reading.is_full:
            await self._let_others_pass()
        else:
            await self._source.wait()

    async def _let_others_pass(self) -> None:
        """Wait while the stream holds much of this source: what others say must not stand in line behind a flood.

        What waits stays where it is durable already: in the file, or in the rows.
        """
        while await self._outlet.unfinished(self._source.name) > MOST_AHEAD:
            self.came_round = now()
            await asyncio.sleep(_FIRST_WAIT)

    async def _send(self, reading: Reading, read_at: datetime) -> None:
        source, at = self._source, read_at.timestamp()
        numbered = enumerate(reading.lines, start=self._memory.next)
        lines = tuple(Line(seq, at, data, flaw) for seq, (data, flaw) in numbered)
        await self._store(Frame(source.name, source.kind, source.host, self._memory.epoch, lines, zone=source.zone))

    async def _give_sign(self, read_at: datetime) -> None:
        """Say, the way of every line, that the source was read at `read_at` and that there was nothing more."""
        source, memory = self._source, self._memory
        known = source.name, source.kind, source.host, memory.epoch
        await self._store(Frame(*known, (), zone=source.zone, next=memory.next, at=read_at.timestamp()))

    async def _store(self, frame: Frame) -> None:
        after = Memory(frame.epoch, frame.last + 1, self._source.place, self._memory.began)
        self._after = await self._publish(frame, after)
        self._memory = after
        self.signs.sent(frame)

    async def _publish(self, frame: Frame, memory: Memory) -> int:
        """Send `frame` until the stream has it. Its number there. Raises `Diverged` where it never will."""
        delay, identity = _FIRST_WAIT, frame.id
        while True:
            try:
                return await self._outlet.publish(frame, memory.place, after=self._after, identity=identity)
            except Diverged as refusal:
                stored = await self._last()
                # It was stored when we did not hear of it: nothing is to be read again.
                if stored is not None and _same(stored.memory, memory):
                    return stored.sequence
                if not isinstance(refusal, Known) or self._after != (stored.sequence if stored else 0):
                    raise
                log.warning("source %s: frame %s left the stream before its successor came", self.name, identity)
                identity = f"{frame.id}.{new_id().hex}"
                continue
            except (StreamFull, StreamDown) as refusal:
                await self.say(_hindered(refusal))
            self.came_round = now()
            await asyncio.sleep(delay)
            delay = min(delay * 2, _LONGEST_WAIT)

    async def _last(self) -> Stored | None:
        """The stream's last frame of this source, asked until the stream answers."""
        delay = _FIRST_WAIT
        while True:
            try:
                return await self._outlet.last(self._source.name)
            except StreamDown as refusal:
                if delay > _FIRST_WAIT * 4:  # not for the moment of connecting
                    await self.say(_hindered(refusal))
            self.came_round = now()
            await asyncio.sleep(delay)
            delay = min(delay * 2, _LONGEST_WAIT)

    async def _write_down(self) -> None:
        """Write the second copy of the place; carrying goes on without it, but not silently."""
        try:
            await asyncio.to_thread(self._notebook.write, self._source.name, self._memory)
        except OSError as error:
            self._notebook_fails = NoticeKind.PLACE_UNWRITABLE, {"reason": error.strerror or str(error)}
        else:
            self._notebook_fails = None

    async def _say_begun(self, facts: dict[str, object]) -> None:
        kind = NoticeKind(self._memory.began)
        await self.say((kind, facts if kind is NoticeKind.EPOCH_BEGAN else {}))
        self._epoch_said = self._memory.epoch

    async def say(self, remark: Remark) -> None:
        """Write what is to be said of the source now; returns when that is committed."""
        kind, facts = remark
        await self._notes.say(self._source.name, self._memory.epoch, self._memory.next, kind, facts)


def _hindered(refusal: StreamFull | StreamDown) -> Remark:
    kind = NoticeKind.STREAM_FULL if isinstance(refusal, StreamFull) else NoticeKind.STREAM_DOWN
    return kind, {"reason": str(refusal)}


def _same(stored: Memory, ours: Memory) -> bool:
    return (stored.epoch, stored.next) == (ours.epoch, ours.next) and encode(stored.place) == encode(ours.place)
