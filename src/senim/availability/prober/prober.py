"""Probing every service at its interval, for as long as the process runs."""

import asyncio
import logging
import threading
import time
from collections.abc import Sequence

import msgspec

from senim.availability.prober.probe import Answer, probe
from senim.availability.prober.spool import Spool
from senim.availability.settings import Service, samples_file, watched
from senim.kit import tasks
from senim.kit.clock import now
from senim.kit.process import Process

_LOOK = 0.5

log = logging.getLogger(__name__)


class SampleLine(msgspec.Struct, frozen=True):
    """A sample as it is written (`telemetry.parsers.heartbeat`)."""

    at: str
    service: str
    ok: bool
    reason: str
    ms: int


def begin(process: Process) -> threading.Thread | None:
    """Probe in a thread until `process` is asked to stop; None where there is nothing to probe.

    Raises `BadSettings` for a service that cannot be measured as senim.toml names it.
    """
    services = [service for service in watched(process.instance).services if service.probe]
    if not services:
        return None
    spool = Spool(samples_file(process.instance))
    thread = threading.Thread(target=lambda: tasks.run(_run(process, services, spool)), name="prober", daemon=True)
    thread.start()
    return thread


async def _run(process: Process, services: Sequence[Service], spool: Spool) -> None:
    watching = [asyncio.create_task(_watch(service, spool)) for service in services]
    while not process.stopping.is_set():
        done, _ = await asyncio.wait(watching, timeout=_LOOK, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    await tasks.end(watching)


async def _watch(service: Service, spool: Spool) -> None:
    """Probe `service` for ever. The first time after an interval: a house that is only starting is not down."""
    said = False
    while True:
        await asyncio.sleep(service.every.total_seconds())
        at, began = now().isoformat(timespec="milliseconds"), time.monotonic()
        answer = await probe(service)
        try:
            spool.write(_line(service, at, answer, took=time.monotonic() - began))
            said = False
        except OSError as error:
            # What cannot be written is silence, which is seen as such; it must not end the measuring of the others.
            if not said:
                log.warning("a sample of %s could not be written: %s", service.name, error)
            said = True


def _line(service: Service, at: str, answer: Answer, *, took: float) -> bytes:
    return msgspec.json.encode(SampleLine(at, service.name, answer.is_up, answer.reason, round(took * 1000)))
