"""What doors bear is measured: both sides of every limit, exercises apart from what is real, floods within bounds."""

import json
import os
import socket
from collections.abc import Sequence
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError

from senim.kit.clock import now
from senim.kit.instance import BadSettings, Instance
from senim.kit.journal import Journal
from senim.telemetry import markers
from senim.telemetry.markers import InForce
from senim.telemetry.meter import meter as metering
from senim.telemetry.meter import tail as tailing
from senim.telemetry.meter.connections import HELD_SECONDS, Connection, Held, connections
from senim.telemetry.meter.load import MANY, Limits, Load, Scales, Seen
from senim.telemetry.meter.meter import Meter
from senim.telemetry.meter.probe import probe
from senim.telemetry.meter.tail import Tail
from senim.telemetry.models import Marker
from senim.telemetry.settings import Door, FileSource, telemetry_settings

MARKER, OTHER = "exercise-0123456789abcdef", "exercise-fedcba9876543210"
LIMITS = Limits(requests=10, held=4)


def seen(number: int, *, address: str = "192.0.2.1", marker: str = "", status: int = 200) -> list[Seen]:
    return [Seen(address, marker, status)] * number


def held(number: int, *, address: str = "192.0.2.1", first: int = 1) -> list[Connection]:
    return [Connection(address, first + port) for port in range(number)]


def real(loads: list[Load]) -> Load:
    (found,) = [load for load in loads if not load.marker]
    return found


class TestLimits:
    """At the limit it is an attack, below it is not."""

    @pytest.mark.clause("R228/81-1(3)")
    @pytest.mark.parametrize(("number", "flooded", "loud"), [(10, True, True), (9, False, True), (5, False, True)])
    def test_requests(self, number: int, flooded: bool, loud: bool) -> None:
        load = real(Scales(LIMITS).weigh(seen(number), ()))
        assert (load.requests, load.is_flooded, load.is_loud) == (number, flooded, loud)

    @pytest.mark.refusal
    @pytest.mark.clause("R228/81-1(3)")
    def test_less_than_half_of_both_limits_is_quiet(self) -> None:
        assert not real(Scales(LIMITS).weigh(seen(4), held(1))).is_loud

    @pytest.mark.parametrize(("number", "crowded"), [(4, True), (3, False)])
    def test_connections(self, number: int, crowded: bool) -> None:
        load = real(Scales(LIMITS).weigh((), held(number)))
        assert (load.held, load.is_held) == (number, crowded)

    @pytest.mark.parametrize(("number", "seconds", "rate"), [(20, 2.0, 10), (19, 2.0, 9), (14, 1.4, 10), (13, 1.4, 9)])
    def test_a_look_that_comes_late_counts_for_a_second(self, number: int, seconds: float, rate: int) -> None:
        assert real(Scales(LIMITS).weigh(seen(number), (), seconds=seconds)).requests == rate

    def test_a_line_may_stand_for_many(self) -> None:
        assert real(Scales(LIMITS).weigh([Seen("192.0.2.1", "", 503, times=7)], ())).requests == 7

    def test_failures_are_counted_apart(self) -> None:
        came = [*seen(2, status=500), *seen(3, status=599), *seen(4, status=499)]
        assert real(Scales(LIMITS).weigh(came, ())).errors == 5


class TestWho:
    """An address that dominates is named; where none does there is a word for many."""

    @pytest.mark.parametrize(("others", "who"), [(5, "192.0.2.1"), (6, MANY)])
    def test_half_is_enough(self, others: int, who: str) -> None:
        came = seen(5) + [one for n in range(others) for one in seen(1, address=f"198.51.100.{n}")]
        assert real(Scales(LIMITS).weigh(came, ())).flooder == who

    def test_who_it_is_does_not_change_from_second_to_second(self) -> None:
        scales = Scales(LIMITS)
        scales.weigh(seen(40), ())
        load = real(scales.weigh(seen(4) + [one for n in range(9) for one in seen(1, address=f"10.0.0.{n}")], ()))
        assert load.flooder == "192.0.2.1"

    def test_nobody_is_named_where_nothing_comes(self) -> None:
        load = real(Scales(LIMITS).weigh((), ()))
        assert (load.flooder, load.holder) == ("", "")


class TestExercisesApart:
    """What wears a marker never adds to what is real, nor the other way round."""

    def test_requests(self) -> None:
        came = [*seen(9), *seen(9, marker=MARKER), *seen(9, marker=OTHER)]
        loads = {load.marker: load for load in Scales(LIMITS).weigh(came, ())}
        assert {marker: (load.requests, load.is_flooded) for marker, load in loads.items()} == {
            "": (9, False), MARKER: (9, False), OTHER: (9, False),
        }  # fmt: skip

    def test_connections_belong_to_the_marker_that_their_address_wore(self) -> None:
        scales = Scales(LIMITS)
        loads = scales.weigh(seen(1, marker=MARKER), held(4) + held(3, address="192.0.2.9"))
        assert {load.marker: load.held for load in loads} == {"": 3, MARKER: 4}

    @pytest.mark.parametrize(("later", "marker"), [(300, MARKER), (301, "")])
    def test_for_five_minutes(self, later: int, marker: str) -> None:
        scales = Scales(LIMITS)
        scales.weigh(seen(1, marker=MARKER), ())
        loads = scales.weigh((), held(4), seconds=later)
        assert {load.marker for load in loads if load.held} == {marker}

    def test_wearers_are_bounded(self) -> None:
        scales = Scales(LIMITS)
        for n in range(10_100):
            scales._remember([Seen(str(n), MARKER, 200)])
        assert len(scales._wearers) == 10_000
        assert "99" not in scales._wearers
        assert "100" in scales._wearers


TCP = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:20FB 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:20FB 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1
   2: 0100007F:20FB 0702007F:D432 03 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1
   3: 0100007F:20FB 0100007F:D433 06 00000000:00000000 00:00000000 00000000     0        0 0 1 0 20 4 30 10 -1
   4: 0100007F:D431 0100007F:20FB 01 00000000:00000000 00:00000000 00000000     0        0 4 1 0 20 4 30 10 -1
"""
TCP6 = """  sl  local_address                         remote_address                        st
   0: 0000000000000000FFFF00000100007F:20FB 0000000000000000FFFF0000070200C0:D434 01 00000000:00000000 00:00000000 0
   1: B80D0120000000000000000001000000:20FB B80D0120000000000000000007000000:D435 01 00000000:00000000 00:00000000 0
"""


class TestConnections:
    """The kernel's table: who is connected to a door, also those who never asked anything."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "tcp").write_text(TCP)
        return tmp_path

    def test_the_door_s_own_side_is_read(self, folder: Path) -> None:
        assert connections(frozenset({8443}), folder) == {
            8443: {Connection("127.0.0.1", 0xD431), Connection("127.0.2.7", 0xD432, is_half_open=True)}
        }

    def test_addresses_of_ipv6(self, folder: Path) -> None:
        (folder / "tcp6").write_text(TCP6)
        found = {connection.address for connection in connections(frozenset({8443}), folder)[8443]}
        assert {"192.0.2.7", "2001:db8::7"} <= found

    def test_a_kernel_that_does_not_tell_is_no_empty_door(self, tmp_path: Path) -> None:
        with pytest.raises(OSError, match="tcp"):
            connections(frozenset({8443}), tmp_path)

    def test_a_real_connection_is_seen_and_gone_when_it_is(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            with socket.create_connection(("127.0.0.1", port)) as client:
                assert connections(frozenset({port}))[port] == {Connection("127.0.0.1", client.getsockname()[1])}

    @pytest.mark.parametrize(("later", "is_held"), [(HELD_SECONDS, True), (HELD_SECONDS - 0.001, False)])
    def test_held_is_what_was_there_three_seconds_ago(self, later: float, is_held: bool) -> None:
        door, one = Held(), Connection("192.0.2.1", 5)
        assert door.of({one}, 100.0) == []
        assert bool(door.of({one}, 100.0 + later)) is is_held

    def test_one_that_ended_and_came_again_begins_anew(self) -> None:
        door, one = Held(), Connection("192.0.2.1", 5)
        door.of({one}, 100.0)
        door.of(set(), 101.0)
        assert door.of({one}, 110.0) == []

    def test_half_open_is_held_at_once(self) -> None:
        assert Held().of({Connection("192.0.2.1", 5, is_half_open=True)}, 1.0)


class TestTail:
    """New lines are counted in time, through rotation, and never more than can be read in a second."""

    def test_what_stood_there_before_does_not_count(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        log.write_bytes(b"old\n")
        tail = Tail(log)
        with log.open("ab") as file:
            file.write(b"a\nb\nhalf")
        assert tail.look() == ([b"a", b"b"], 1)
        with log.open("ab") as file:
            file.write(b" a line\n")
        assert tail.look() == ([b"half a line"], 1)

    def test_a_rotated_log_is_read_to_its_end_and_the_new_one_from_its_beginning(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        log.touch()
        tail = Tail(log)
        log.write_bytes(b"a\n")
        log.rename(tmp_path / "log.1")
        log.write_bytes(b"b\n")
        assert tail.look()[0] == [b"a", b"b"]

    def test_a_log_that_appears_later_counts_from_its_beginning(self, tmp_path: Path) -> None:
        tail = Tail(tmp_path / "log")
        assert tail.look() == ([], 1)
        (tmp_path / "log").write_bytes(b"a\n")
        assert tail.look()[0] == [b"a"]

    @pytest.mark.parametrize(("lines", "read", "times"), [(8, 8, 1), (9, 5, 2), (80, 8, 10)])
    def test_of_too_many_every_nth_is_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: int, read: int, times: int
    ) -> None:
        monkeypatch.setattr(tailing, "MOST_LINES", 8)
        log = tmp_path / "log"
        log.touch()
        tail = Tail(log)
        log.write_bytes(b"x\n" * lines)
        found, stands_for = tail.look()
        assert (len(found), stands_for) == (read, times)

    def test_a_log_that_grew_beyond_all_is_skipped_to_its_end(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tailing, "MOST_BYTES", 10)
        log = tmp_path / "log"
        log.touch()
        tail = Tail(log)
        log.write_bytes(b"1\n" * 1000)
        assert tail.look()[0] == [b"1"] * 5
        assert tail.look() == ([], 1)

    def test_one_that_was_cut_short_is_read_from_its_beginning(self, tmp_path: Path) -> None:
        log = tmp_path / "log"
        log.write_bytes(b"0123456789\n")
        tail = Tail(log)
        log.write_bytes(b"a\n")
        assert tail.look()[0] == [b"a"]


class Time:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    clock = Time()
    monkeypatch.setattr(metering, "time", clock)
    return clock


class Watched:
    """A door whose log a test writes, and what the meter says of it."""

    def __init__(self, folder: Path, clock: Time, *, probe_at: str = "", markers: InForce | None = None) -> None:
        self.log = folder / "access.jsonl"
        self.log.touch()
        self.samples = folder / "samples.jsonl"
        self.clock = clock
        source = FileSource("console", "file", str(self.log), "door")
        door, journal = Door("console", 1, 10, 10, probe_at), Journal(self.samples)
        self.meter = Meter([(door, source)], journal, folder / "no.crt", markers or InForce())

    def pass_second(self, requests: int, *, seconds: float = 1.0, markers: Sequence[str] = ("",)) -> None:
        """A second with so many requests, which wear `markers` by turns."""
        with self.log.open("a") as file:
            for marker in islice(cycle(markers), requests):
                said = {"at": "", "door": "console", "src": "192.0.2.1", "method": "GET", "path": f"/{marker}"}
                file.write(f"{json.dumps(said)}\n")
        self.clock.now += seconds
        self.meter.look()

    def told(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.samples.read_text().splitlines()] if self.samples.exists() else []


@pytest.fixture
def watched(tmp_path: Path, clock: Time) -> Watched:
    return Watched(tmp_path, clock)


class TestMeter:
    """A sample a second where it is loud, one a minute where it is not."""

    def test_a_loud_second_is_told_with_its_limits(self, watched: Watched) -> None:
        watched.pass_second(0)
        watched.pass_second(10)
        *_, sample = watched.told()
        assert (sample["requests"], sample["requests_limit"], sample["flooded"], sample["flooder"]) == (
            10, 10, True, "192.0.2.1",
        )  # fmt: skip
        assert sample["door"] == "console"

    def test_a_quiet_door_is_told_of_once_a_minute(self, watched: Watched) -> None:
        for _ in range(120):
            watched.pass_second(1)
        assert [sample["requests"] for sample in watched.told()] == [1, 1]

    def test_a_late_look_says_for_how_many_seconds_it_stands(self, watched: Watched) -> None:
        watched.pass_second(0)
        watched.pass_second(30, seconds=3.0)
        *_, sample = watched.told()
        assert (sample["requests"], sample["repeated"]) == (10, 3)

    def test_no_second_is_counted_twice_however_uneven_the_looks(self, watched: Watched) -> None:
        for passed in (1.4, 0.8, 1.4, 1.4) * 5:
            watched.pass_second(40, seconds=passed)
        assert sum(sample["repeated"] for sample in watched.told()) == pytest.approx(25, abs=1)

    @pytest.mark.django_db
    def test_an_exercise_is_told_apart(self, watched: Watched) -> None:
        markers.declare(MARKER, now() + timedelta(minutes=1))
        watched.pass_second(0)
        watched.pass_second(9, markers=[MARKER])
        watched.pass_second(9)
        assert [(s["marker"], s["requests"]) for s in watched.told()[1:]] == [(MARKER, 9), ("", 9)]

    @pytest.mark.django_db
    @pytest.mark.clause("R228/81-1(3)")
    @pytest.mark.parametrize("over", [False, True])
    def test_a_flood_in_made_up_markers_is_one_flood(self, watched: Watched, over: bool) -> None:
        worn = [f"exercise-{number:016x}" for number in range(10)]
        if over:
            markers.declare(worn[0], now() - timedelta(seconds=1))
        watched.pass_second(0)
        watched.pass_second(10, markers=worn)
        *_, sample = watched.told()
        assert (sample["marker"], sample["requests"], sample["flooded"]) == ("", 10, True)

    @pytest.mark.django_db
    def test_while_the_database_is_away_what_was_known_of_exercises_holds(
        self, watched: Watched, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        markers.declare(MARKER, now() + timedelta(minutes=1))
        watched.pass_second(0)
        watched.pass_second(9, markers=[MARKER])

        def _refuse(*_arguments: object, **_named: object) -> None:
            raise OperationalError("the database is away")

        monkeypatch.setattr(Marker.objects, "filter", _refuse)
        monkeypatch.setattr(markers.connection, "close", lambda: None)
        watched.pass_second(9, markers=[MARKER])
        watched.pass_second(9, markers=[OTHER])
        assert [s["marker"] for s in watched.told()[1:]] == [MARKER, MARKER, ""]

    def test_a_door_that_is_not_there_fails_its_probe(self, tmp_path: Path, clock: Time) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            free = server.getsockname()[1]
        watched = Watched(tmp_path, clock, probe_at=f"http://127.0.0.1:{free}/")
        watched.pass_second(0)
        watched.pass_second(10)
        assert [sample["probe"] for sample in watched.told()] == ["none", "failed"]

    @pytest.mark.refusal
    def test_an_unreadable_log_is_no_quiet_door(self, watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_arguments: object) -> bytes:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(os, "read", refuse)
        watched.pass_second(5)
        monkeypatch.undo()
        assert [sample["trouble"] for sample in watched.told()] == ["Permission denied"]

    def test_samples_that_cannot_be_written_are_told_once(
        self, watched: Watched, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_arguments: object) -> None:
            raise OSError("no room")

        monkeypatch.setattr(Journal, "write", refuse)
        watched.pass_second(10)
        watched.pass_second(10)
        assert len(caplog.records) == 1


def test_an_address_that_is_not_given_is_not_probed(tmp_path: Path) -> None:
    assert probe("", tmp_path).word == "none"


GOOD = {"source": "a", "port": 443}


def _instance(tmp_path: Path, **door: object) -> Instance:
    lines = "\n".join(f"{name} = {json.dumps(value)}" for name, value in (GOOD | door).items())
    source = '[[telemetry.sources]]\nname = "a"\nkind = "file"\npath = "/var/log/a"\nreads = "nginx-json"\n'
    (tmp_path / "senim.toml").write_text(f"{source}[[telemetry.doors]]\n{lines}\n")
    return Instance.load(tmp_path)


@pytest.mark.parametrize("door", [{}, {"port": 65535}, {"requests": 1, "held": 1}, {"probe": "https://a/"}])
def test_a_door_that_can_be_measured(tmp_path: Path, door: dict[str, object]) -> None:
    assert len(telemetry_settings(_instance(tmp_path, **door)).doors) == 1


@pytest.mark.refusal
@pytest.mark.parametrize(
    "door",
    [{"source": "b"}, {"port": 0}, {"port": 65536}, {"requests": 0}, {"held": 0}, {"probe": "ftp://a/"}, {"more": 1}],
)
def test_a_door_that_cannot_be_meant(tmp_path: Path, door: dict[str, object]) -> None:
    with pytest.raises(BadSettings):
        telemetry_settings(_instance(tmp_path, **door))
