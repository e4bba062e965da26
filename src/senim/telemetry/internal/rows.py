"""The platform's own event rows as a source of the collector.

The place is the last row read, by (transaction, id); rows are read in the order of settled transactions, so none is
passed over. A database that was restored from a copy counts its transactions from an older number, or is another
cluster: then the place means nothing, and the source is broken until a new epoch begins. What was read in the last ten
minutes before is then read again: repeated rather than lost.

A row waits for every transaction that began before its own, so one that does not end would stop the platform's own news
in silence: rows that wait longer than half a minute are a hindrance, and so are rows whose numbers a restored database
has not reached.

Reading a row never causes one: the collector writes notices, not events, so no loop can begin here.
"""

import asyncio
import json
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from django.db import InterfaceError, OperationalError, connection

from senim.events.models import Event
from senim.events.operations import WAKE_COLLECTOR
from senim.events.queries import BEGINNING, settled_after, waiting_after
from senim.kit import canonical
from senim.kit.clock import iso, now
from senim.telemetry.frames import MOST_BYTES, MOST_LINES
from senim.telemetry.internal.logfile import LONGEST, RawLine
from senim.telemetry.internal.source import Reading, Remark, UnknownPlace
from senim.telemetry.notices import NoticeKind
from senim.telemetry.settings import PLATFORM, machine_name

_AGAIN = timedelta(minutes=10)
_SETTLES_WITHIN = timedelta(seconds=30)
_COUNT_EVERY = 2.0
_LISTEN = 0.25
"""Seconds: a row may have to settle after its notification has come."""
_TOGETHER = 0.1
"""Seconds for which rows that follow one another are waited for: they travel in one frame, and whoever reads frames
commits once for it."""
_AFTER_FAILURE = 1.0
_CLUSTER = "SELECT system_identifier::text, txid_snapshot_xmax(txid_current_snapshot()) FROM pg_control_system()"
_NOTHING = BEGINNING[1]

Answer = TypeVar("Answer")


class RowPlace(msgspec.Struct, frozen=True, array_like=True):
    """A place in the event rows of one database cluster."""

    transaction: int
    id: str
    cluster: str
    """PostgreSQL's system identifier; empty until the first reading."""
    floor: str
    """Rows with smaller ids (UUIDv7: older ones) are passed over: an earlier epoch had them."""


class PlatformSource:
    """Event rows, one line each: canonical JSON of id, moment, tag, subject, payload."""

    kind = PLATFORM
    name = PLATFORM
    zone = "UTC"

    def __init__(self) -> None:
        self.host = machine_name()
        self._place = RowPlace(*BEGINNING, "", _NOTHING)
        self._thread = ThreadPoolExecutor(1, "platform")
        self._listening: object = None
        self._failed = False
        self._waiting: Remark | None = None
        self._counted = -math.inf

    @property
    def place(self) -> object:
        """The last row read."""
        return msgspec.to_builtins(self._place)

    def begin(self, seen: datetime | None, *, first: bool) -> None:  # noqa: ARG002 - rows say themselves how old they are
        """Start with rows younger than what was read last, of whatever database this is."""
        floor = _oldest_id(seen - _AGAIN) if seen is not None else _NOTHING
        self._place = RowPlace(*BEGINNING, "", max(floor, self._place.floor, _shortly_before(self._place.id)))
        self._listening = None

    def resume(self, place: object) -> None:
        """Go on from `place`. Raises `UnknownPlace`."""
        try:
            self._place = msgspec.convert(place, RowPlace)
        except msgspec.ValidationError as error:
            raise UnknownPlace(f"{place!r} is no place in event rows: {error}") from error
        self._listening = None

    async def read(self) -> Reading:
        """Rows that have settled since."""
        return await self._in_thread(self._read)

    async def wait(self) -> None:
        """Until rows were committed, or a moment has passed."""
        if self._failed:
            await asyncio.sleep(_AFTER_FAILURE)
        else:
            await self._in_thread(self._listen)

    async def _in_thread(self, work: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _read(self) -> Reading:
        try:
            broken = self._new_connection()
            reading = Reading(broken=broken) if broken else self._rows()
        except (InterfaceError, OperationalError) as error:
            connection.close()
            self._failed = True
            return Reading(hindrance=(NoticeKind.ROWS_UNREADABLE, {"reason": type(error).__name__}))
        self._failed = False
        return reading

    def _new_connection(self) -> tuple[NoticeKind, dict[str, object]] | None:
        """Once for every connection: hear notifications, and see whether the place still means something."""
        connection.ensure_connection()
        if connection.connection is self._listening:
            return None
        with connection.cursor() as cursor:
            cursor.execute(f"LISTEN {WAKE_COLLECTOR}")
            cursor.execute(_CLUSTER)
            cluster, next_transaction = cursor.fetchone()
        reason = self._broken_by(cluster, next_transaction)
        if reason:
            return NoticeKind.EPOCH_BEGAN, {"reason": reason, "repeated_minutes": _AGAIN.seconds // 60}
        self._place = msgspec.structs.replace(self._place, cluster=cluster)
        self._listening = connection.connection
        return None

    def _broken_by(self, cluster: str, next_transaction: int) -> str:
        """Why the place means nothing in this database; empty where it does."""
        if not self._place.cluster or self._place.id == _NOTHING:
            return ""
        if cluster != self._place.cluster:
            return "another database cluster"
        if next_transaction <= self._place.transaction:
            return "transaction numbers went back"
        before = str(UUID(int=UUID(self._place.id).int - 1))
        found = settled_after(self._place.transaction, before, limit=1)
        return "" if found and str(found[0].id) == self._place.id else "the last row read is not there any more"

    def _rows(self) -> Reading:
        rows = settled_after(self._place.transaction, self._place.id, limit=MOST_LINES)
        reading = Reading(is_full=len(rows) == MOST_LINES)
        room = MOST_BYTES
        for row in rows:
            if room < LONGEST:
                reading.is_full = True
                break
            if str(row.id) >= self._place.floor:
                reading.lines.append(_line(row))
                room -= len(reading.lines[-1][0])
            self._place = msgspec.structs.replace(self._place, transaction=row.transaction, id=str(row.id))
        if not reading.is_full:
            reading.hindrance = self._held_up()
        return reading

    def _held_up(self) -> Remark | None:
        """Which rows are there and may not be read; counted now and then."""
        if time.monotonic() - self._counted >= _COUNT_EVERY:
            waiting = waiting_after(self._place.transaction, self._place.id, before=now() - _SETTLES_WITHIN)
            self._counted = time.monotonic()
            if waiting.unsettled:
                self._waiting = NoticeKind.ROWS_UNSETTLED, {"rows": waiting.unsettled}
            elif waiting.ahead:
                self._waiting = NoticeKind.ROWS_AHEAD, {"rows": waiting.ahead}
            else:
                self._waiting = None
        return self._waiting

    def _listen(self) -> None:
        try:
            connection.ensure_connection()
            for _ in connection.connection.notifies(timeout=_LISTEN, stop_after=1):
                time.sleep(_TOGETHER)
                return
        except (InterfaceError, OperationalError):
            connection.close()


def _line(row: Event) -> RawLine:
    said: dict[str, Any] = {
        "id": str(row.id),
        "at": iso(row.at),
        "tag": row.tag,
        "subject": row.subject,
        "payload": row.payload,
    }
    flaws = []
    try:
        data = canonical.dumps(said)
    except ValueError:  # a number that canonical JSON cannot say
        data = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
        flaws.append("not-canonical")
    if len(data) > LONGEST:
        flaws.append(f"truncated:{len(data) - LONGEST}")
    return data[:LONGEST], ",".join(flaws)


def _oldest_id(moment: datetime) -> str:
    """The smallest UUIDv7 of `moment`: its first 48 bits are milliseconds since 1970 (RFC 9562 §5.7)."""
    return str(UUID(int=max(0, int(moment.timestamp() * 1000)) << 80))


def _shortly_before(event_id: str) -> str:
    """The smallest UUIDv7 of ten minutes before `event_id` was made."""
    made = UUID(event_id).int >> 80
    return str(UUID(int=max(0, made - int(_AGAIN.total_seconds() * 1000)) << 80))
