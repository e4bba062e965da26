"""The collector of a running house: it survives everything, and every line arrives once."""

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from senim.site.embedded.postgres import Postgres
from tests.functional.house import House

pytestmark = [pytest.mark.real, pytest.mark.clause("R228/81-2")]

PATIENCE = 90.0
Answer = TypeVar("Answer")


def until(question: Callable[[], Answer], wanted: Callable[[Answer], bool] = bool) -> Answer:
    """Ask until the answer is wanted. Fails with the last answer."""
    deadline = time.monotonic() + PATIENCE
    asked = time.monotonic()
    while not wanted(answer := question()):
        assert time.monotonic() < deadline, f"still {answer!r}"
        time.sleep(max(0.1, time.monotonic() - asked))
        asked = time.monotonic()
    return answer


class Ledger:
    """What the ledger of a house says, read past all processes."""

    def __init__(self, house: House) -> None:
        self._postgres = Postgres(house.instance)

    def _ask(self, question: str, *values: object) -> list[tuple[object, ...]]:
        with self._postgres.connect() as connection:
            return connection.execute(question.encode(), values).fetchall()

    def lines(self, source: str = "gate") -> int:
        """How many lines were accepted, over all epochs."""
        asked = "SELECT coalesce(sum(lines), 0)::bigint FROM telemetry_ledger WHERE source = %s"
        return int(str(self._ask(asked, source)[0][0]))

    def flaws(self, source: str = "gate") -> dict[str, int]:
        """Flaws by name, of the newest epoch."""
        asked = "SELECT flaws FROM telemetry_ledger WHERE source = %s ORDER BY id DESC LIMIT 1"
        found = self._ask(asked, source)
        return dict(found[0][0]) if found else {}  # type: ignore[call-overload]

    def epochs(self, source: str = "gate") -> int:
        """How many epochs there are."""
        return len(self._ask("SELECT 1 FROM telemetry_ledger WHERE source = %s", source))

    def gaps(self) -> list[tuple[object, ...]]:
        """Numbers that did not arrive."""
        return self._ask("SELECT first, last FROM telemetry_gap WHERE closed_at IS NULL")

    def said(self, source: str = "gate") -> list[str]:
        """What the collector said, oldest first."""
        asked = "SELECT kind FROM telemetry_notice WHERE source = %s ORDER BY id"
        return [str(row[0]) for row in self._ask(asked, source)]


@pytest.fixture
def gate(fresh_house: House) -> Path:
    """A file that the fresh house will follow as the source `gate`, and nobody else writes."""
    folder = fresh_house.home / "state" / "gate"
    folder.mkdir()
    with (fresh_house.home / "senim.toml").open("a") as settings:
        settings.write(
            f'[[telemetry.sources]]\nname = "gate"\nkind = "file"\npath = "{folder}/auth.log"\nreads = "sshd"\n'
        )
    return folder / "auth.log"


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def a_line(number: int) -> bytes:
    return b"Connection closed by 192.0.2.7 port %d\r\n" % (number % 60000)


@pytest.mark.refusal
def test_every_line_arrives_once_while_the_collector_is_killed_and_the_file_rotated(
    fresh_house: House, gate: Path
) -> None:
    house, log = fresh_house.start(), gate
    ledger = Ledger(house)
    dice = random.Random(228)  # noqa: S311 - chance, not secrecy
    written = kills = 0
    for turn in range(120):
        for _ in range(dice.randrange(1, 80)):
            append(log, a_line(written))
            written += 1
        if turn % 25 == 24:
            log.rename(log.with_name(f"auth.log.{turn}"))
        if dice.random() < 0.15:
            pid = house.pids().get("collector")
            if pid is not None and _kill(pid):
                kills += 1
        time.sleep(dice.random() * 0.2)
    until(ledger.lines, lambda lines: lines >= written)
    # Whatever would come twice has come by now: the platform's own events and these lines share the way.
    append(log, a_line(0))
    until(ledger.lines, lambda lines: lines >= written + 1)
    assert (ledger.lines(), ledger.gaps(), ledger.epochs()) == (written + 1, [], 1)
    assert kills > 5
    assert not {"rotated-away", "truncated", "epoch-began"} & set(ledger.said())
    assert "collecting" in ledger.said("platform")


def _kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.refusal
def test_a_killed_stream_server_costs_no_line(fresh_house: House, gate: Path) -> None:
    house, log = fresh_house.start(), gate
    ledger = Ledger(house)
    written = 0
    for _ in range(6):
        for _ in range(700):
            append(log, a_line(written))
            written += 1
        _kill(house.pid_of("nats"))
        time.sleep(0.3)
    until(ledger.lines, lambda lines: lines >= written)
    assert (ledger.lines(), ledger.gaps(), ledger.epochs()) == (written, [], 1)


@pytest.mark.refusal
def test_a_full_stream_is_said_once_costs_no_line_and_empties_by_itself(fresh_house: House, gate: Path) -> None:
    house, log = fresh_house, gate
    settings = house.home / "senim.toml"
    settings.write_text(settings.read_text().replace("[stream]\n", "[stream]\nquota_megabytes = 1\n"))
    house.start()
    ledger, written = Ledger(house), 0
    detection = house.pid_of("detection")

    def pour() -> list[str]:
        """Less than a frame takes: a source that has more waits for detection by itself, and fills nothing."""
        nonlocal written
        append(log, b"".join(a_line(number) for number in range(written, written + 200)))
        written += 200
        return ledger.said()

    os.kill(detection, signal.SIGSTOP)
    try:
        until(pour, lambda said: "stream-full" in said)
        assert ledger.lines() < written
        assert ledger.said().count("stream-full") == 1
        log.rename(log.with_name("auth.log.1"))
        append(log, a_line(0))
    finally:
        os.kill(detection, signal.SIGCONT)
    # More lines than the stream may hold at once: what detection has finished makes room for the rest.
    until(ledger.lines, lambda lines: lines >= written + 1)
    assert (ledger.lines(), ledger.gaps(), ledger.epochs()) == (written + 1, [], 1)
    until(ledger.said, lambda said: said[-1] == "collecting")
