"""Ending asyncio tasks for certain."""

import asyncio
from collections.abc import Collection, Coroutine
from typing import Any, TypeVar

from senim.kit.process import Process

_PATIENCE, _LOOK = 1.0, 0.5
Answer = TypeVar("Answer")


async def end(tasks: Collection["asyncio.Task[Any]"]) -> None:
    """Cancel `tasks` until all are over; how they ended is not asked.

    Once is not enough: `asyncio.wait_for` of Python 3.11 loses a cancellation that comes in the very moment in which
    what it waits for is done (bpo-37658).
    """
    while waiting := [task for task in tasks if not task.done()]:
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting, timeout=_PATIENCE)
    for task in tasks:
        if not task.cancelled():
            task.exception()


async def unless_stopped(process: Process, work: Coroutine[Any, Any, Answer]) -> Answer | None:
    """What `work` gives, or None where the process is asked to stop before."""
    task = asyncio.create_task(work)
    while not process.stopping.is_set():
        done, _ = await asyncio.wait({task}, timeout=_LOOK)
        if done:
            return task.result()
    await end([task])
    return None


def run(work: Coroutine[Any, Any, Answer]) -> Answer:
    """What `work` gives, in a loop of its own, once every task that it leaves behind is over.

    `asyncio.run` cancels those once and waits for ever for the one that lost it.
    """
    return asyncio.run(_alone(work))


async def _alone(work: Coroutine[Any, Any, Answer]) -> Answer:
    try:
        return await work
    finally:
        await end([task for task in asyncio.all_tasks() if task is not asyncio.current_task()])
