"""Ending asyncio tasks for certain."""

import asyncio
from collections.abc import Collection
from typing import Any

_PATIENCE = 1.0


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
