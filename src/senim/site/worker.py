"""The worker: runs the handlers of news (procrastinate's worker, our queue), and beside them wakes people.

Waking is a thread of its own: a mail server that hangs holds up no handler. Where either half ends, the process ends,
and the supervisor starts both again.
"""

import asyncio
import threading

from procrastinate.contrib.django import app
from procrastinate.exceptions import AppNotOpen

from senim.events.delivery import QUEUE
from senim.kit.process import Process, announce_ready
from senim.site import waking

_HEARTBEAT = 1.0
_STALLED = 5.0
"""Seconds without a heartbeat after which a worker counts as dead and its jobs are taken up again."""


def run(process: Process) -> None:
    """Work until asked to stop."""
    asyncio.run(_run(process))


async def _run(process: Process) -> None:
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with app.replace_connector(connector) as working:
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
            ended = threading.Event()
            waker = asyncio.create_task(asyncio.to_thread(waking.run, process, ended))
            announce_ready()
            try:
                while not (process.stopping.is_set() or worker.done() or waker.done()):
                    await _take_up_stalled(working)
                    await asyncio.sleep(_HEARTBEAT)
            finally:
                ended.set()
            await waker
            worker.cancel()
            try:
                await worker
            except (asyncio.CancelledError, AppNotOpen):
                return


async def _take_up_stalled(working: "object") -> None:
    """Put the jobs of dead workers back: their transactions are gone, so nothing of them happened."""
    manager = working.job_manager  # type: ignore[attr-defined]
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED):
        await manager.retry_job(job)
