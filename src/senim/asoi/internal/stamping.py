"""Time-stamps for what was sealed: behind sending and beside it, never before it.

R228/81-1 wants incidents told immediately. A message leaves as soon as it is sealed; its stamp follows when the
authority gives one, and is asked for until then, in one lane of its own.
"""

import logging
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from senim.asoi import queries
from senim.asoi.internal import outbox
from senim.asoi.internal.authority import Authority, NotStamped
from senim.asoi.internal.pause import pause_after
from senim.asoi.models import Message
from senim.asoi.settings import TsaSettings
from senim.kit.clock import now

log = logging.getLogger(__name__)
_BEHIND = 1.0
"""Seconds between two stamps while messages wait to be sent."""


@dataclass
class _Turn:
    """When a message is next asked for, and how often that has failed."""

    at: datetime
    tries: int = 0


class Stamper:
    """Has everything stamped that is signed. What waits is known from the start on: nobody else seals."""

    def __init__(self, authority: Authority, settings: TsaSettings, lane: ThreadPoolExecutor) -> None:
        self._authority, self._settings, self._lane = authority, settings, lane
        self._waiting: dict[UUID, _Turn] = {}
        self._under_way: Future[None] | None = None
        self._stamped = -_BEHIND
        self.take(queries.to_stamp())

    def close(self) -> None:
        """Let go of what is kept of the authority."""
        self._authority.close()

    def take(self, sealed: Iterable[UUID]) -> None:
        """Remember that these messages want a stamp."""
        moment = now()
        self._waiting.update({pk: _Turn(moment) for pk in sealed})

    def work(self, *, is_behind: bool = False) -> None:
        """Let the next one whose turn it is be stamped, if none is under way. Raises what is our own fault.

        While messages wait to be sent (`is_behind`), one in a second at most: a stamp takes as much work as sending.
        """
        if self._under_way is not None:
            if not self._under_way.done():
                return
            self._under_way.result()
            self._under_way = None
        if is_behind and time.monotonic() - self._stamped < _BEHIND:
            return
        moment = now()
        due = next((pk for pk, turn in self._waiting.items() if turn.at <= moment), None)
        if due is not None:
            self._stamped = time.monotonic()
            self._under_way = self._lane.submit(self.stamp, due)

    def stamp(self, pk: UUID) -> None:
        """Try once to have the message `pk` stamped; after a failure it waits for its next turn."""
        turn = self._waiting[pk]
        message = Message.objects.only("signed").get(pk=pk)
        try:
            response, stamp = self._authority.stamp(bytes(message.signed or b""))
        except NotStamped as failure:
            log.warning("%s has no time-stamp: %s", message.subject, failure)
            turn.at, turn.tries = now() + pause_after(turn.tries, self._settings), turn.tries + 1
            return
        outbox.accept_stamp(pk, response, stamp)
        del self._waiting[pk]
