"""The process `asoi`: the only one with the channel's keys. Seals what is queued, sends what is sealed, takes receipts.

Clauses: R228/81 (guaranteed delivery), R228/81-1 (immediately).

Killed at any line it loses nothing and sends nothing twice in effect: what is to be done stands in the outbox, the
bytes of a message are sealed once, and the regulator knows a repeated identifier. When the database goes away the
process ends, and the supervisor starts it again. A second sender waits until the first has ended.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from uuid import UUID

from django.db import connection

from senim.asoi import queries
from senim.asoi.carriers.sftp import Sftp
from senim.asoi.checks import ending_soon
from senim.asoi.internal import handed_in, outbox
from senim.asoi.internal.authority import Authority
from senim.asoi.internal.carrying import Carrying
from senim.asoi.internal.channel import Channel
from senim.asoi.internal.endings import Endings
from senim.asoi.internal.files import Files
from senim.asoi.internal.renewal import Renewing
from senim.asoi.internal.stamping import Stamper
from senim.kit.instance import Instance
from senim.kit.process import Process, announce_ready
from senim.pulse.operations import Pulse

log = logging.getLogger(__name__)
LOCK = 0x73656E696D02
"""PostgreSQL advisory lock (one bigint, "senim" and 2): whoever holds it is the sender."""
_POLL = 0.5
"""Seconds between two looks at the outbox when nobody calls: pauses end, and a call may be missed."""


def run(process: Process) -> None:
    """Keep the outbox empty until asked to stop. Raises what `Channel.of` raises where the channel cannot work."""
    channel = Channel.of(process.instance)
    for finding in ending_soon(process.instance):
        log.warning("%s: %s", finding.name, finding.reason)
    while not _hold_lock():
        if process.wait(_POLL):
            return
    outbox.end_interrupted()
    _listen()
    announce_ready()
    lanes = ThreadPoolExecutor(channel.settings.lanes, thread_name_prefix="lane")
    stamps = ThreadPoolExecutor(1, thread_name_prefix="stamp")
    carriers = ThreadPoolExecutor(1, thread_name_prefix="carrier")
    try:
        renewing, stamper = Renewing(process.instance, channel), _stamper(process.instance, channel, stamps)
        files, carrying = Files(process.instance), _carrying(process, channel, carriers)
        sender = Sender(renewing.channel, lanes, stamper, files, carrying)
        endings, pulse = Endings(process.instance), Pulse(process.name)
        while not process.stopping.is_set():
            pulse.beat()
            endings.work()
            if not sender.work():
                _wait_for_call(_POLL)
    finally:
        for pool in (lanes, stamps, carriers):
            pool.shutdown(cancel_futures=True)


def _stamper(instance: Instance, channel: Channel, lane: ThreadPoolExecutor) -> Stamper | None:
    """Whoever has our messages stamped, where senim.toml names an authority. Raises `BadSettings`."""
    wanted = channel.settings.tsa
    return None if wanted is None else Stamper(Authority(instance, wanted), wanted, lane)


def _carrying(process: Process, channel: Channel, lane: ThreadPoolExecutor) -> Carrying | None:
    """Whoever carries the files of the electronic format, where senim.toml names a carrier; else people do."""
    wanted = channel.settings.electronic_format.sftp_wanted
    if wanted is None:
        return None
    return Carrying(process.instance, Sftp(process.instance, wanted, process.stopping), wanted, lane)


class Sender:
    """Looks at the outbox and puts what is due on the lanes: a message that is stuck holds up one lane, for one try."""

    def __init__(
        self,
        channel: Callable[[], Channel],
        lanes: ThreadPoolExecutor,
        stamper: Stamper | None = None,
        files: Files | None = None,
        carrying: Carrying | None = None,
    ) -> None:
        """`channel` is asked before each look, for keys and certificates are replaced while the process runs."""
        self._channel = channel
        self._lanes = lanes
        self._stamper = stamper
        self._files = files
        self._carrying = carrying
        self._under_way: dict[UUID, Future[None]] = {}

    def work(self) -> bool:
        """Take up what is due, a handful at a time so that the lanes are fed early. True where something was sealed.

        Raises what a lane raised: that is our own fault and ends the process.
        """
        self._collect()
        channel = self._channel()
        for handed in queries.unanswered():
            handed_in.answer(handed, channel.credentials)
        queued = queries.to_seal()
        for message in queued:
            if channel.seal(message) and self._stamper is not None:
                self._stamper.take([message.pk])
        for pk in queries.to_send():
            if pk not in self._under_way:
                self._under_way[pk] = self._lanes.submit(channel.deliver, pk)
        if self._files is not None:
            self._files.work(channel.credentials)
        if self._carrying is not None:
            self._carrying.work()
        if self._stamper is not None:
            self._stamper.work()
        return bool(queued)

    def _collect(self) -> None:
        for pk, future in list(self._under_way.items()):
            if future.done():
                del self._under_way[pk]
                future.result()


def _hold_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        (held,) = cursor.fetchone()
    return bool(held)


def _listen() -> None:
    """Ask PostgreSQL to call this connection when something is put into the outbox."""
    with connection.cursor() as cursor:
        cursor.execute(f"LISTEN {outbox.WAKE_SENDER}")


def _wait_for_call(seconds: float) -> None:
    """Return when called, or after `seconds`. Raises `OperationalError` where the database has gone."""
    with connection.wrap_database_errors:
        for _call in connection.connection.notifies(timeout=seconds, stop_after=1):
            return
