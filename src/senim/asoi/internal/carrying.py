"""The files of the electronic format are carried by themselves, and receipts fetched, in one lane beside sending.

Clauses: R228/81 (or in electronic format; guaranteed delivery). Carried is not delivered: that a file lies at the
regulator is written down as a carriage, and the message waits for its receipt like one that people carried. What fails
is on record, told, and tried again.
"""

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

from senim.asoi import operations, queries
from senim.asoi.carriers import Carrier, Visit
from senim.asoi.electronic_format import SUFFIX, incoming
from senim.asoi.errors import CarriageRefused
from senim.asoi.internal import outbox
from senim.asoi.internal.files import free, kept_folders
from senim.asoi.internal.pause import pause_after
from senim.asoi.kinds import VisitOutcome
from senim.asoi.models import CarrierVisit
from senim.asoi.settings import SftpSettings
from senim.kit import canonical
from senim.kit.clock import now
from senim.kit.files import write_private
from senim.kit.instance import Instance

log = logging.getLogger(__name__)
MOST = 20
"""Files of one visit."""


class Carrying:
    """Sends the carrier on its way when it is time."""

    def __init__(self, instance: Instance, carrier: Carrier, settings: SftpSettings, lane: ThreadPoolExecutor) -> None:
        self._instance, self._carrier, self._settings, self._lane = instance, carrier, settings, lane
        self._under_way: Future[None] | None = None
        self._failures = 0
        self._next = time.monotonic()
        self._is_idle = False
        self._came = {canonical.sha256(path.read_bytes()) for path in _put_away(instance)}
        """Of what was fetched before: it lies there until the regulator takes it away, and comes only once."""

    def work(self) -> None:
        """Begin a visit if it is time and none is under way. Raises what is our own fault."""
        if self._under_way is not None:
            if not self._under_way.done():
                return
            self._under_way.result()
            self._under_way = None
        if time.monotonic() >= self._next or (self._is_idle and queries.to_carry().exists()):
            self._is_idle = False
            self._under_way = self._lane.submit(self.visit)

    def visit(self) -> None:
        """Carry what waits and take in what lies there as receipts; then the next visit waits for its time.

        What the disk refuses is said and tried at the next visit: sending goes on.
        """
        try:
            came_to_its_end = self._visit()
        except OSError as error:
            log.warning("the carrier: %s", error)
            came_to_its_end = False
        self._failures = 0 if came_to_its_end else self._failures + 1
        self._next = time.monotonic() + self._pause()

    def _visit(self) -> bool:
        waits = {f"{one.pk}{SUFFIX}": one.pk for one in queries.to_carry()[:MOST]}
        visit = self._carrier.visit(
            {name: queries.sealed_bytes(pk) for name, pk in waits.items()}, fetch=queries.as_files().exists()
        )
        for name in visit.put:
            self._note(waits[name])
        # A receipt is judged like any other that comes as a file; nothing is believed for having lain there.
        come = [self._take(name, data) for name, data in visit.fetched.items()]
        self._note_visit(visit, fetched=sum(come))
        return visit.failure is None

    def _note(self, pk: UUID) -> None:
        try:
            operations.note_carried(pk, carried_at=now(), way=self._carrier.way, actor=outbox.SENDER)
        except CarriageRefused:
            log.info("message:%s had its receipt before its file was carried", pk)

    def _take(self, name: str, data: bytes) -> bool:
        """Put a receipt where those that come as files are looked for; False for one that came before."""
        digest = canonical.sha256(data)
        if digest in self._came:
            return False
        write_private(free(incoming(self._instance) / name), data)
        self._came.add(digest)
        return True

    def _note_visit(self, visit: Visit, *, fetched: int) -> None:
        outcome = visit.failure.outcome if visit.failure else VisitOutcome.DONE
        detail = str(visit.failure)[:200] if visit.failure else ""
        CarrierVisit.objects.create(outcome=outcome, detail=detail, put=len(visit.put), fetched=fetched)
        if visit.failure:
            log.warning("the carrier did not come to its end: %s: %s", outcome, detail)

    def _pause(self) -> float:
        if self._failures:
            return pause_after(self._failures - 1, self._settings).total_seconds()
        self._is_idle = not queries.as_files().exists()
        return self._settings.idle if self._is_idle else self._settings.every


def _put_away(instance: Instance) -> list[Path]:
    folders = (incoming(instance), *kept_folders(instance))
    return [path for folder in folders for path in folder.glob(f"*{SUFFIX}") if path.is_file()]
