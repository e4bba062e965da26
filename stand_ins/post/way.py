"""What the three ways share: a listener that is there unless it is to be down, and what happens to a letter."""

import asyncio
import ssl
import sys
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from stand_ins.post.behaviour import Behaviour, Mode
from stand_ins.post.store import Received, Store
from stand_ins.post.tls import HOST, server_context

PATIENCE = 30.0
"""Seconds that a connection may stay."""
_GLANCE = 0.25
LONGEST = 64 * 1024


class Way:
    """One way, on one port."""

    name: ClassVar[str]
    is_secured_at_once: ClassVar[bool] = True
    """Whether TLS begins with the connection."""

    def __init__(self, home: Path, port: int, store: Store) -> None:
        self.home, self.port, self.store = home, port, store
        self.tls: ssl.SSLContext = server_context(home)

    async def serve(self) -> None:
        """Listen whenever this way is not down, until cancelled."""
        while True:
            if await self._is_up():
                await self._up()

    async def _up(self) -> None:
        secured = self.tls if self.is_secured_at_once else None
        server = await asyncio.start_server(self._answer, HOST, self.port, ssl=secured, limit=LONGEST)
        async with server:
            while await self._is_up():
                pass

    async def _is_up(self) -> bool:
        """Whether it need not be down; looked at now and then."""
        await asyncio.sleep(_GLANCE)
        return self.store.behaviour(self.name).mode is not Mode.DOWN

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                await self.speak(reader, writer)
        except (OSError, EOFError, TimeoutError, ValueError) as error:
            sys.stderr.write(f"{self.name}: connection ended: {type(error).__name__}\n")
        finally:
            with suppress(OSError):
                writer.close()

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        raise NotImplementedError

    async def take(self, letter: Received, behaviour: Behaviour) -> None:
        """Hand `letter` over, once however often it comes, or as badly as asked for."""
        if not self.store.knows(self.name, letter.id):
            self.store.keep(letter)
            if behaviour.mode is Mode.TWICE:
                self.store.keep(letter)
        if behaviour.mode is Mode.LATE:
            await asyncio.sleep(behaviour.delay)
        if behaviour.mode is Mode.CUT_AFTER:
            raise ConnectionAbortedError
