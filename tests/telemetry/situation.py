"""A source on the real stream: its file, its notebook, its carrier, and what the stream holds of it."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from senim.kit import secrets
from senim.kit.instance import Instance
from senim.kit.process import Process
from senim.kit.tasks import end
from senim.telemetry import stream
from senim.telemetry.frames import Frame, Line, decode
from senim.telemetry.internal.carrier import Carrier
from senim.telemetry.internal.files import LogSource
from senim.telemetry.internal.ledger_notes import LedgerNotes
from senim.telemetry.internal.memory import Notebook
from senim.telemetry.internal.outlet import Outlet, Stored, StreamDown
from senim.telemetry.notices import NoticeKind
from senim.telemetry.settings import FileSource


def process_of(instance: Instance, name: str) -> Process:
    return Process(name, instance, secrets.load(instance, name))


Until = Callable[[Stored | None], bool]


class HeardNotes(LedgerNotes):
    """Keeps what is said instead of writing it to a database."""

    def __init__(self, *, begun: bool = False) -> None:
        super().__init__()
        self.begun = begun
        self.heard: list[tuple[NoticeKind, int]] = []
        self.facts: list[tuple[NoticeKind, dict[str, object]]] = []

    async def history(self, _source: str) -> tuple[bool, datetime | None]:
        return self.begun, None

    async def say(self, _source: str, _epoch: str, seq: int, kind: NoticeKind, facts: dict[str, object]) -> None:
        if kind is not NoticeKind.COLLECTING:
            self.heard.append((kind, seq))
            self.facts.append((kind, facts))


class Deaf(Outlet):
    """Does not hear the first acknowledgements."""

    deaf_for = 3

    async def publish(self, frame: Frame, place: object, *, after: int, identity: str = "") -> int:
        number = await super().publish(frame, place, after=after, identity=identity)
        if self.deaf_for > 0:
            self.deaf_for -= 1
            raise StreamDown("timeout")
        return number


class Situation:
    """A source with a file, a notebook and a carrier on the real stream."""

    def __init__(self, home: Instance, folder: Path, name: str, *, begun: bool = False) -> None:
        self.home = home
        self.log = folder / "auth.log"
        self.settings = FileSource(name, "file", str(self.log), "sshd", "gate-1", "UTC")
        self.notebook = Notebook(folder)
        self.notes = HeardNotes(begun=begun)

    def append(self, *lines: bytes) -> None:
        with self.log.open("ab") as file:
            file.write(b"".join(line + b"\n" for line in lines))

    def carry(self, until: int | Until, *, carriers: int = 1, outlet: type[Outlet] = Outlet) -> None:
        """Let carriers work until the stream holds line `until - 1`, or as `until` wants it, then kill them."""
        wanted = until if callable(until) else lambda stored: stored is not None and stored.memory.next >= until

        async def go() -> None:
            outlets = [outlet(process_of(self.home, "collector")) for _ in range(carriers)]
            for one in outlets:
                await one.open()
            works = [Carrier(LogSource(self.settings), one, self.notebook, self.notes).run() for one in outlets]
            tasks = [asyncio.create_task(work) for work in works]
            while not wanted(await outlets[0].last(self.settings.name)):
                await asyncio.wait(tasks, timeout=0.02, return_when=asyncio.FIRST_EXCEPTION)
                for task in tasks:
                    assert not task.done(), task.exception()
            await end(tasks)
            for one in outlets:
                await one.close()

        asyncio.run(asyncio.wait_for(go(), 60))

    def stored(self) -> list[Line]:
        """Every line of this source in the stream, in the stream's order."""
        return [line for frame in self.frames() for line in frame.lines]

    def frames(self) -> list[Frame]:
        """Every frame of this source in the stream, in the stream's order; they are taken out of it."""

        async def go() -> list[Frame]:
            client = await stream.connect(process_of(self.home, "detection"))
            frames = await client.jetstream().pull_subscribe_bind(stream.CONSUMER, stream=stream.STREAM)
            found: list[Frame] = []
            with contextlib.suppress(TimeoutError):
                while True:
                    for message in await frames.fetch(50, timeout=0.5):
                        if message.subject == stream.subject(self.settings.name):
                            found.append(decode(message.data))
                        await message.ack()
            await client.close()
            return found

        return asyncio.run(go())
