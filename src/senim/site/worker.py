"""The worker: runs the handlers of news (procrastinate's worker, our queue)."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from django.db import InterfaceError, OperationalError, connection
from procrastinate.contrib.django import app
from procrastinate.exceptions import AppNotOpen

from senim.events.delivery import QUEUE
from senim.kit.process import Process, announce_ready
from senim.pulse.operations import Pulse

_HEARTBEAT = 1.0
_STALLED = 5.0
"""Seconds without a heartbeat after which a worker counts as dead and its jobs are taken up again."""


def run(process: Process) -> None:
    """Work until asked to stop."""
    asyncio.run(_run(process))


async def _run(process: Process) -> None:
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    pulse = Pulse(process.name)
    with app.replace_connector(connector) as working, ThreadPoolExecutor(1, "pulse") as thread:
        async with working.open_async():
            worker = asyncio.create_task(
                working.run_worker_async(
                    queues=[QUEUE],
                    name=process.name,
                    concurrency=1,
                    fetch_job_polling_interval=1.0,
                    update_heartbeat_interval=_HEARTBEAT,
                    stalled_worker_timeout=_STALLED,
                    delete_jobs="successful",
                    install_signal_handlers=False,
                )
            )
            announce_ready()
            while not process.stopping.is_set() and not worker.done():
                await _take_up_stalled(working)
                if pulse.is_due:
                    await asyncio.get_running_loop().run_in_executor(thread, _beat, pulse)
                await asyncio.sleep(_HEARTBEAT)
            worker.cancel()
            try:
                await worker
            except (asyncio.CancelledError, AppNotOpen):
                return


def _beat(pulse: Pulse) -> None:
    """Say that the worker comes round; where the database is away, its silence says enough."""
    try:
        pulse.beat()
    except (OperationalError, InterfaceError):
        connection.close()


async def _take_up_stalled(working: "object") -> None:
    """Put the jobs of dead workers back: their transactions are gone, so nothing of them happened."""
    manager = working.job_manager  # type: ignore[attr-defined]
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED):
        await manager.retry_job(job)
