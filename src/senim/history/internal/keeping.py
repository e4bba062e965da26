"""Looking after the table: small files are put together, days leave when their time is over.

Evidence of an incident is not among what leaves: an alert carries its very lines in the database, with their hashes.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import connection

from senim.audit.operations import Actor
from senim.history import operations
from senim.history.internal.table import Epoch, Table
from senim.history.settings import HistorySettings
from senim.history.spans import Spans
from senim.kit.clock import now

_TIDY_EVERY = 600.0
_ASK = "SELECT 1"


@dataclass
class Keeper:
    """Looks after one table for as long as its writer runs, in the thread that owns it."""

    settings: HistorySettings
    _tidied: float = field(default_factory=time.monotonic)

    def keep(self, table: Table) -> None:
        """One round, short whatever there is to do. Raises `DeltaError`, `OSError` and the database's errors."""
        with connection.cursor() as cursor:  # the connection by which others see that the history runs
            cursor.execute(_ASK)
        let_go(table, now().date() - timedelta(days=self.settings.retention_days))
        if not table.put_together() and time.monotonic() - self._tidied > _TIDY_EVERY:
            self._tidied = time.monotonic()
            table.tidy()


def let_go(table: Table, before: date) -> None:
    """Let every day before the day `before` leave; it is written down, with an audit row, before it happens."""
    leaving = list(_leaving(table, before))
    for day, gone in leaving:
        operations.write_expiry(Actor.process("history"), day, gone)
    if leaving:
        table.remove_days(f"{before:%Y-%m-%d}")


def _leaving(table: Table, before: date) -> Iterator[tuple[date, dict[Epoch, Spans]]]:
    found: dict[date, dict[Epoch, Spans]] = {}
    for (day, source, epoch), spans in table.days(f"{before:%Y-%m-%d}").items():
        found.setdefault(date.fromisoformat(day), {})[source, epoch] = spans
    yield from sorted(found.items())
