"""The process `asoi`: the only one with the channel's keys. Seals what is queued, sends what is sealed, takes receipts.

Clauses: R228/81 (guaranteed delivery), R228/81-1 (immediately).

Killed at any line it loses nothing and sends nothing twice in effect: what is to be done stands in the outbox, the
bytes of a message are sealed once, and the regulator knows a repeated identifier. When the database goes away the
process ends, and the supervisor starts it again. A second sender waits until the first has ended.
"""

import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from uuid import UUID

from django.db import connection, transaction

from senim.asoi import queries
from senim.asoi.carriers.sftp import Sftp
from senim.asoi.checks import ending_soon
from senim.asoi.internal import handed_in, outbox
from senim.asoi.internal.authority import Authority
from senim.asoi.internal.bell import Bell
from senim.asoi.internal.carrying import Carrying
from senim.asoi.internal.channel import Channel, Result
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
_POLL = 1.0
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
    bell = Bell()
    bell.listen()
    announce_ready()
    lanes = ThreadPoolExecutor(channel.settings.lanes, thread_name_prefix="lane")
    stamps = ThreadPoolExecutor(1, thread_name_prefix="stamp")
    carriers = ThreadPoolExecutor(1, thread_name_prefix="carrier")
    renewing, stamper = Renewing(process.instance, channel), _stamper(process.instance, channel, stamps)
    try:
        files, carrying = Files(process.instance), _carrying(process, channel, carriers)
        sender = Sender(renewing.channel, lanes, stamper, files=files, carrying=carrying, bell=bell)
        endings, pulse = Endings(process.instance), Pulse(process.name)
        while not process.stopping.is_set():
            pulse.beat()
            endings.work()
            if not sender.work():
                bell.wait(_POLL)
        lanes.shutdown(cancel_futures=True)
        sender.put_down()
    finally:
        for pool in (lanes, stamps, carriers):
            pool.shutdown(cancel_futures=True)
        renewing.close()
        if stamper is not None:
            stamper.close()
        bell.close()


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
    """Looks at the outbox and puts what is due on the lanes: a message that is stuck holds up one lane, for one try.

    Lanes send and check; all that is written is written here, in one transaction for whatever has come together: how
    tries ended, and which ones begin. A try is on record before its first byte leaves.
    """

    def __init__(
        self,
        channel: Callable[[], Channel],
        lanes: ThreadPoolExecutor,
        stamper: Stamper | None = None,
        *,
        files: Files | None = None,
        carrying: Carrying | None = None,
        bell: Bell | None = None,
    ) -> None:
        """`channel` is asked before each look, for keys and certificates are replaced while the process runs."""
        self._channel = channel
        self._lanes = lanes
        self._stamper = stamper
        self._files = files
        self._carrying = carrying
        self._bell = bell
        self._under_way: dict[UUID, Future[Result]] = {}
        self._ready: deque[UUID] = deque()
        """What may be sent next, in this order, as the outbox said when it was looked at last."""
        self._looked = -_POLL
        self._more = False

    def work(self) -> bool:
        """Write down what came back, take up what is due, and feed the lanes. True where there is more to do at once.

        Raises what a lane raised: that is our own fault and ends the process.
        """
        called = self._bell is None or self._bell.is_called()
        results, channel = self._ended(), self._channel()
        if called or self._more or time.monotonic() - self._looked >= _POLL:
            self._look(channel)
        with transaction.atomic():
            channel.settle(results)
            if results and not self._ready:
                self._refill()
            begun = outbox.begin_attempts(self._next(channel.settings.lanes), channel.credentials)
        for each in begun:
            future = self._under_way[each.message.pk] = self._lanes.submit(channel.attempt, each)
            if self._bell is not None:
                future.add_done_callback(self._ring)
        if self._stamper is not None:
            self._stamper.work(is_behind=bool(self._ready))
        return self._more

    def put_down(self) -> None:
        """Write down what came back last; what never began is left to the next sender. Raises what a lane raised."""
        with transaction.atomic():
            self._channel().settle(self._ended())

    def _ended(self) -> list[Result]:
        """How the tries went that are over."""
        over = [pk for pk, future in self._under_way.items() if future.done() and not future.cancelled()]
        return [self._under_way.pop(pk).result() for pk in over]

    def _look(self, channel: Channel) -> None:
        """Look at the outbox: answer what was handed in, seal a handful, see what may be sent."""
        self._looked = time.monotonic()
        for handed in queries.unanswered():
            handed_in.answer(handed, channel.credentials)
        queued = queries.to_seal()
        sealed = channel.seal_all(queued) if queued else []
        if self._stamper is not None:
            self._stamper.take(sealed)
        if self._files is not None:
            self._files.work(channel.credentials)
        if self._carrying is not None:
            self._carrying.work()
        self._refill()
        self._more = bool(queued)

    def _refill(self) -> None:
        self._ready = deque(queries.to_send())

    def _next(self, lanes: int) -> list[UUID]:
        """What goes on the lanes that are free."""
        free = [pk for pk in self._ready if pk not in self._under_way][: lanes - len(self._under_way)]
        for pk in free:
            self._ready.remove(pk)
        return free

    def _ring(self, _future: "Future[Result]") -> None:
        if self._bell is not None:
            self._bell.ring()


def _hold_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        (held,) = cursor.fetchone()
    return bool(held)
