"""What the collector has to say goes to the log at once and to the ledger for good; that it works, to the pulse."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection

from senim.pulse import operations as pulse
from senim.telemetry import operations, queries
from senim.telemetry.notices import CONDITIONS, NoticeKind

_TRY_EVERY = 0.5

Answer = TypeVar("Answer")
log = logging.getLogger(__name__)


class LedgerNotes:
    """Writes notices through a database connection of its own; waits where the database is away."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "ledger")
        self._standing: dict[str, NoticeKind] = {}

    async def history(self, source: str) -> tuple[bool, datetime | None]:
        """Whether `source` was ever begun, and when the newest accepted line of it was read."""
        return await self._insist(lambda: (queries.has_begun(source), queries.silent_since(source)))

    async def say(self, source: str, epoch: str, seq: int, kind: NoticeKind, facts: dict[str, object]) -> None:
        """Write that `kind` was met before line `seq`; returns when that is committed. A condition is news once."""
        if kind in CONDITIONS:
            if self._standing.get(source) == kind:
                return
            self._standing[source] = kind
        level = logging.INFO if kind in {NoticeKind.COLLECTING, NoticeKind.FIRST_START} else logging.WARNING
        log.log(level, "source %s: %s %s", source, kind.value, facts)
        await self._insist(lambda: operations.note(source, epoch, seq, kind, facts))

    async def beat(self, process: str, came_round: Mapping[str, datetime]) -> dict[str, datetime]:
        """Say when which part of `process` came round last; up to when the ledger has each source.

        It is tried once: whoever waits for the database here must not hold up lines, which can go on without it.
        Raises `InterfaceError`, `OperationalError`.
        """

        def _work() -> dict[str, datetime]:
            pulse.say(process, came_round)
            return queries.read_until()

        return await asyncio.get_running_loop().run_in_executor(self._thread, _try, _work)

    async def _insist(self, work: Callable[[], Answer]) -> Answer:
        failed = False
        while True:
            try:
                return await asyncio.get_running_loop().run_in_executor(self._thread, _try, work)
            except (InterfaceError, OperationalError) as error:
                if not failed:
                    log.warning("the ledger is away, the collector waits: %s", str(error).strip())
                failed = True
            await asyncio.sleep(_TRY_EVERY)


def _try(work: Callable[[], Answer]) -> Answer:
    try:
        return work()
    except (InterfaceError, OperationalError):
        connection.close()
        raise
