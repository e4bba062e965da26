"""The collector's pulse: that the process works, and when each source's own loop came round last.

What is written of a source is what its loop left behind, so a loop that hangs in a dead network folder is found though
the process works. The answer says how far detection has taken each source, which sets the pace of signs of life.
"""

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import datetime

from django.db import InterfaceError, OperationalError

from senim.kit.clock import now
from senim.pulse.operations import EVERY
from senim.telemetry.internal.carrier import Carrier
from senim.telemetry.internal.ledger_notes import LedgerNotes

_LOOK = 0.5

log = logging.getLogger(__name__)


class Rounds:
    """Beats for the collector and all its sources, in one statement."""

    def __init__(self, process: str, carriers: Sequence[Carrier], notes: LedgerNotes) -> None:
        self._process = process
        self._carriers = carriers
        self._notes = notes
        self._beaten = float("-inf")
        self._told: frozenset[str] = frozenset()
        self._is_away = False

    async def go(self) -> None:
        """Beat until cancelled; a source that comes round for the first time is said at once."""
        while True:
            if time.monotonic() - self._beaten >= EVERY or self._came_round().keys() - self._told:
                # Whoever was stopped and goes on lets its loops come round first: else they would count as hanging.
                await asyncio.sleep(_LOOK)
                await self._beat(self._came_round())
            await asyncio.sleep(_LOOK)

    def _came_round(self) -> dict[str, datetime]:
        return {one.name: one.came_round for one in self._carriers if one.came_round is not None}

    async def _beat(self, came_round: dict[str, datetime]) -> None:
        try:
            taken = await self._notes.beat(self._process, {"": now(), **came_round})
        except (InterfaceError, OperationalError) as error:
            if not self._is_away:
                log.warning("the database is away: that the collector works is not said: %s", str(error).strip())
            self._is_away = True
            return
        self._is_away, self._beaten, self._told = False, time.monotonic(), frozenset(came_round)
        for carrier in self._carriers:
            carrier.signs.taken(taken.get(carrier.name))
