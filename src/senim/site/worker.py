"""The worker: runs the handlers of news (procrastinate's worker, our queue), wakes people, and files reports.

Both are threads of their own: a mail server that hangs, or a yearly report that is set, holds up no handler. Where any
part ends, the process ends, and the supervisor starts all of it again.
"""

import asyncio
import json
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from django.db import InterfaceError, OperationalError, connection
from procrastinate import App, PsycopgConnector
from procrastinate.connector import Notify
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params

from senim.annual_report import telling
from senim.events.delivery import QUEUE
from senim.kit import tasks
from senim.kit.process import Process, announce_ready
from senim.pulse.operations import Pulse
from senim.site import waking

_HEARTBEAT = 1.0
_STALLED = 5.0
"""Seconds without a heartbeat after which a worker counts as dead and its jobs are taken up again."""
_LISTEN = 0.5
_FINISH = 3.0
"""Seconds that a job has to end in when the worker is asked to stop; one that is cut off is taken up again."""


_LOOK = json.dumps({"type": "job_inserted", "job_id": 0})


class Connector(PsycopgConnector):
    """The queue's connection, for which every call means the same: look whether there is a job.

    Any role may call on any channel and say what it likes; what is said is therefore not read.
    """

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        """Call `on_notification` whenever somebody calls on one of `channels`."""

        async def _look(*, channel: str, payload: str) -> None:  # noqa: ARG001 - see the class
            await on_notification(channel=channel, payload=_LOOK)

        await super().listen_notify(on_notification=_look, channels=channels)


def run(process: Process) -> None:
    """Work until asked to stop."""
    tasks.run(_run(process))


async def _run(process: Process) -> None:
    connector = Connector(kwargs=connector_params())
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
            ended = threading.Event()
            threads = {
                asyncio.create_task(asyncio.to_thread(part, process, ended)) for part in (waking.run, telling.run)
            }
            announce_ready()
            looking = asyncio.create_task(_look_after(working, pulse, thread))
            working_on = {worker, looking, *threads}
            done = set[asyncio.Task[None]]()
            while not process.stopping.is_set() and not done:
                done, _ = await asyncio.wait(working_on, timeout=_LISTEN, return_when=asyncio.FIRST_COMPLETED)
            ended.set()
            worker.cancel()
            await asyncio.wait({worker}, timeout=_FINISH)  # a job that runs may end; the database may be away
            await tasks.end((worker, looking))
            await asyncio.wait(threads)  # which nobody can cancel: they were told
            for task in done:
                task.result()


async def _look_after(working: App, pulse: Pulse, thread: ThreadPoolExecutor) -> None:
    """Take up what dead workers held, and say that this one comes round, until cancelled."""
    while True:
        await _take_up_stalled(working)
        if pulse.is_due:
            await asyncio.get_running_loop().run_in_executor(thread, _beat, pulse)
        await asyncio.sleep(_HEARTBEAT)


def _beat(pulse: Pulse) -> None:
    """Say that the worker comes round; where the database is away, its silence says enough."""
    try:
        pulse.beat()
    except (OperationalError, InterfaceError):
        connection.close()


async def _take_up_stalled(working: App) -> None:
    """Put the jobs of dead workers back: their transactions are gone, so nothing of them happened."""
    manager = working.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED):
        await manager.retry_job(job)
