"""Detection is killed at random moments while a hundred attacks run: none is lost, none is doubled."""

import asyncio
import os
import random
import signal
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from senim.kit import secrets
from senim.kit.clock import now
from senim.kit.instance import Instance
from senim.kit.process import Process
from senim.site.database.connections import server
from senim.telemetry import stream
from senim.telemetry.frames import Frame, Line, encode
from tests.functional.house import House, wait_until

pytestmark = pytest.mark.real

ATTACKS = 100
REFUSALS = 5
SOURCE = "hundred"
KILLS = 6
RULE = "OpenSSH password guessed"


def _lines() -> list[Line]:
    """A hundred attacks side by side: first everybody's first refusal, at last everybody's success.

    And beside them people who mistype once less than an attack: each target has one.
    """
    begin = now() - timedelta(minutes=5)
    lines = []
    for step in range(REFUSALS + 1):
        verb = "Failed" if step < REFUSALS else "Accepted"
        for number in range(ATTACKS):
            at = (begin + timedelta(seconds=step * 20)).isoformat()
            who = f"user{number} from 203.0.113.{number} port 22 ssh2"
            text = f"{at} target-{number:03d} sshd[7]: {verb} password for {who}"
            lines.append(Line(len(lines) + 1, now().timestamp(), text.encode()))
            if step > 0:
                mistyped = text.replace("203.0.113", "198.51.100").encode()
                lines.append(Line(len(lines) + 1, now().timestamp(), mistyped))
    return lines


def _frames() -> Iterator[Frame]:
    lines = _lines()
    for first in range(0, len(lines), 12):
        yield Frame(SOURCE, "sshd", "loghost", "e1", tuple(lines[first : first + 12]))


def _rows(instance: Instance, statement: str, *values: str) -> list[tuple[Any, ...]]:
    """What the database answers to the role of detection."""
    secret = secrets.load(instance, "detection").database
    assert secret is not None
    where = server(instance)
    with psycopg.connect(
        host=where.host, port=where.port, dbname=where.name, user=secret.role, password=secret.password
    ) as connection:
        return connection.execute(statement.encode(), values).fetchall()


async def _publish_while_killing(house: House) -> None:
    instance = house.instance
    chance = random.Random(228)  # noqa: S311 - the same moments every time, as far as machines allow
    client = await stream.connect(Process("collector", instance, secrets.load(instance, "collector")))
    js = client.jetstream()
    frames = list(_frames())
    kill_after = set(chance.sample(range(len(frames)), KILLS))
    for number, frame in enumerate(frames):
        # Each is published twice: what is delivered again has its effect once.
        for copy in ("", "-again"):
            await js.publish(stream.subject(SOURCE), encode(frame), headers={"Nats-Msg-Id": frame.id + copy})
        if number == len(frames) // 2:
            await js.publish(stream.subject(SOURCE), b"\xc1 no frame", headers={"Nats-Msg-Id": "rubbish"})
        await asyncio.sleep(chance.random() * 0.04)
        if number in kill_after:
            await asyncio.to_thread(_kill, house)
    await client.close()


def _kill(house: House) -> None:
    """SIGKILL, and wait for the supervisor to start it again."""
    before = house.pid_of("detection")
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: house.pids().get("detection", before) != before, what="another detection process")


@pytest.mark.clause("R228/81-1(2)")
@pytest.mark.refusal
def test_a_hundred_attacks_raise_a_hundred_alerts_and_a_hundred_people_who_mistype_none(fresh_house: House) -> None:
    house = fresh_house.start()
    asyncio.run(_publish_while_killing(house))
    instance = house.instance
    # What a killed process held comes again after half a minute, behind what came later: a gap until then.
    ledger = "SELECT next_seq, lines FROM telemetry_ledger WHERE source = %s"
    everything = ATTACKS * (2 * REFUSALS + 1)
    wait_until(
        lambda: _rows(instance, ledger, SOURCE) == [(everything + 1, everything)], seconds=120, what="every line taken"
    )
    alerts = _rows(
        instance,
        "SELECT target, actor, account, kind, count FROM detection_alert"
        " WHERE rule_title = %s AND starts_with(target, 'target-') ORDER BY target",  # the first start's exercise apart
        RULE,
    )
    assert alerts == [(f"target-{n:03d}", f"203.0.113.{n}", f"user{n}", 2, REFUSALS + 1) for n in range(ATTACKS)]
    told = _rows(instance, "SELECT payload->>'alert' FROM events_event WHERE tag = 'detection:alert:raised'")
    kept = _rows(instance, "SELECT id::text FROM detection_alert")
    assert sorted(told) == sorted(kept)
    aside = "SELECT subject, size FROM detection_setaside"
    wait_until(lambda: _rows(instance, aside) == [(stream.subject(SOURCE), 10)], what="the rubbish set aside")
    gaps = "SELECT count(*) FROM telemetry_gap WHERE closed_at IS NULL"
    # The platform's own frames that a killed process held come again in their time as well.
    wait_until(lambda: _rows(instance, gaps) == [(0,)], what="no number missing")
