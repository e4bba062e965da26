"""Tasks end even where a cancellation is lost."""

import asyncio

from senim.kit import tasks


async def _deaf_once() -> None:
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        await asyncio.sleep(60)


async def _failing() -> None:
    raise ValueError("of no concern any more")


def test_one_that_loses_a_cancellation_ends_all_the_same() -> None:
    async def go() -> list["asyncio.Task[None]"]:
        running = [asyncio.create_task(_deaf_once()), asyncio.create_task(_failing())]
        await asyncio.sleep(0)
        await tasks.end(running)
        return running

    deaf, failed = asyncio.run(go())
    assert deaf.cancelled()
    assert failed.done()


def test_one_left_behind_that_loses_a_cancellation_holds_no_process_up() -> None:
    left: list[asyncio.Task[None]] = []

    async def go() -> str:
        left.append(asyncio.create_task(_deaf_once()))
        await asyncio.sleep(0)
        return "done"

    assert tasks.run(go()) == "done"
    assert left[0].cancelled()
