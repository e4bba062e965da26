"""The collector: one process that carries every source into the durable stream, and measures what doors bear.

What fails in one source stops no other.

Clauses: R228/81-2 (events of the information infrastructure are collected in real time).
"""

import asyncio
import logging
import threading
from pathlib import Path

from senim.kit import tasks
from senim.kit.instance import Instance
from senim.kit.journal import Journal
from senim.kit.process import Process, announce_ready
from senim.telemetry.internal.carrier import Carrier
from senim.telemetry.internal.files import LogSource
from senim.telemetry.internal.keeping import keep
from senim.telemetry.internal.ledger_notes import LedgerNotes
from senim.telemetry.internal.memory import Notebook
from senim.telemetry.internal.outlet import Outlet
from senim.telemetry.internal.rounds import Rounds
from senim.telemetry.internal.rows import PlatformSource
from senim.telemetry.internal.source import Source
from senim.telemetry.markers import InForce
from senim.telemetry.meter.meter import Meter
from senim.telemetry.meter.networks import Networks
from senim.telemetry.settings import samples, telemetry_settings, watched_folders

_LOOK_AROUND = 0.25

log = logging.getLogger(__name__)


def run(process: Process) -> None:
    """Carry all sources until asked to stop.

    Raises `BadSettings` for a source that cannot be meant.
    """
    tasks.run(_run(process))


def sources(instance: Instance) -> list[Source]:
    """Every source of `instance`: the platform's own events, and what senim.toml names."""
    return [PlatformSource(), *(LogSource(source) for source in telemetry_settings(instance).sources)]


async def _run(process: Process) -> None:
    outlet = Outlet(process)
    notebook, notes = Notebook(process.instance.state(process.name)), LedgerNotes()
    carriers = [Carrier(source, outlet, notebook, notes) for source in sources(process.instance)]
    absent = [folder for folder in watched_folders(process.instance) if not folder.exists()]
    works = [_serve(outlet), Rounds(process.name, carriers, notes).go(), *(keep(carrier) for carrier in carriers)]
    enough = threading.Event()
    works.append(asyncio.to_thread(meter(process.instance).run, enough))
    working = [asyncio.create_task(work) for work in works]
    announce_ready()
    try:
        while not process.stopping.is_set() and not _appeared(absent):
            done, _ = await asyncio.wait(working, timeout=_LOOK_AROUND, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
    finally:
        enough.set()  # a thread cannot be cancelled
    await tasks.end(working)
    await outlet.close()


def meter(instance: Instance) -> Meter:
    """What measures the doors and networks of `instance`; its samples are a file in the collector's own folder."""
    settings = telemetry_settings(instance)
    by_name = {source.name: source for source in settings.sources}
    doors = [(door, by_name[door.source]) for door in settings.doors]
    journal, networks = Journal(samples(instance)), Networks(settings.networks)
    return Meter(doors, journal, instance.trust("ca"), InForce(), networks)


async def _serve(outlet: Outlet) -> None:
    await outlet.open()
    await outlet.look_after_room()


def _appeared(absent: list[Path]) -> bool:
    """Whether a folder is there now that was not at the start: a confined process can open it only by starting anew."""
    appeared = [folder for folder in absent if folder.exists()]
    for folder in appeared:
        log.warning("%s has appeared: the collector starts anew to be able to read it", folder)
    return bool(appeared)
