"""Any role may call the worker, and say what it likes."""

import asyncio
from collections.abc import Iterator

import psycopg
import pytest
from procrastinate.contrib.django import app
from procrastinate.jobs import Notification

from senim.events.delivery import QUEUE
from senim.kit import secrets
from senim.site.embedded.postgres import Postgres
from senim.site.worker import Connector
from tests.functional.house import wait_until

_CALL = "SELECT pg_notify('procrastinate_queue_v1#news', %s)"
_LISTENING = "SELECT 1 FROM pg_stat_activity WHERE usename = 'senim_worker' AND query LIKE 'LISTEN%'"


@pytest.fixture
def address(postgres: Postgres) -> dict[str, object]:
    """How the worker signs in."""
    known = secrets.load(postgres.instance, "worker").database
    assert known is not None
    where = postgres.server
    return {
        "host": where.host,
        "port": where.port,
        "dbname": where.name,
        "user": known.role,
        "password": known.password,
    }


@pytest.fixture
def caller(postgres: Postgres) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with postgres.connect() as connection:
        yield connection


@pytest.mark.parametrize("said", ["", "garbage", "7", "[]", "{}", '{"type": "abort_job_requested"}', "[" * 4000])
def test_whatever_is_said_it_looks_and_hears_the_next_call(
    address: dict[str, object], caller: "psycopg.Connection[tuple[object, ...]]", said: str
) -> None:
    async def listen() -> list[Notification]:
        heard: asyncio.Queue[Notification] = asyncio.Queue()

        async def look(*, channel: str, notification: Notification) -> None:
            await heard.put(notification)

        with app.replace_connector(Connector(kwargs=address)) as working:
            async with working.open_async():
                listener = asyncio.create_task(
                    working.job_manager.listen_for_jobs(on_notification=look, queues=[QUEUE])
                )
                await asyncio.to_thread(wait_until, lambda: caller.execute(_LISTENING).fetchone() is not None)
                for call in (said, '{"type": "job_inserted", "job_id": 1}'):
                    caller.execute(_CALL, [call])
                told = [await asyncio.wait_for(heard.get(), 30) for _ in range(2)]
                listener.cancel()
                return told

    assert [each["type"] for each in asyncio.run(listen())] == ["job_inserted"] * 2
