"""How much networks bear: the kernel's counters, what a second of them says, and interfaces that are not there."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from senim.kit.instance import BadSettings, Instance
from senim.kit.journal import Journal
from senim.telemetry.frames import Line
from senim.telemetry.markers import InForce
from senim.telemetry.meter.meter import Meter
from senim.telemetry.meter.networks import Counted, Networks, counters
from senim.telemetry.parsers.meter import parse
from senim.telemetry.settings import Network, telemetry_settings
from tests.telemetry.test_meter import Time, clock

__all__ = ["clock"]
pytestmark = pytest.mark.clause("R228/81-1(3)")
HEAD = """Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier
"""
ETH0 = Network("eth0", 10, 1000)
MEGABIT = 125_000
"""Bytes."""


class Kernel:
    """What a kernel of the test's own tells of `eth0`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = Counted(7, 8, 9, 1)
        self.tell()

    def tell(self, *, name: str = "eth0") -> None:
        each = self.now
        line = f"{name}: {each.received} {each.packets} 0 {each.dropped} 0 0 0 0 {each.sent} 5 0 0 0 0 0 0"
        (self.folder / "dev").write_text(f"{HEAD}    lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n  {line}\n")

    def carry(self, *, received: int = 0, sent: int = 0, packets: int = 0, dropped: int = 0) -> None:
        was = self.now
        self.now = Counted(was.received + received, was.sent + sent, was.packets + packets, was.dropped + dropped)
        self.tell()


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    return Kernel(tmp_path)


@pytest.fixture
def networks(kernel: Kernel) -> Networks:
    """`eth0`, looked at once."""
    found = Networks((ETH0,), kernel.folder)
    list(found.look(0.0, 1.0))
    return found


class TestCounters:
    """What `/proc/net/dev` says."""

    def test_each_interface_is_read(self, kernel: Kernel) -> None:
        assert counters(kernel.folder) == {"lo": Counted(1, 1, 1, 0), "eth0": Counted(7, 8, 9, 1)}

    def test_the_kernels_own_grow_by_what_is_sent(self) -> None:
        before = counters()["lo"]
        with socket.socket(type=socket.SOCK_DGRAM) as taker, socket.socket(type=socket.SOCK_DGRAM) as sender:
            taker.bind(("127.0.0.1", 0))
            for _ in range(500):
                sender.sendto(b"x" * 1000, taker.getsockname())
        came = counters()["lo"].since(before)
        assert came.packets >= 500
        assert min(came.received, came.sent) >= 500_000

    @pytest.mark.refusal
    @pytest.mark.parametrize("told", ["eth0: 1 2 3\n", "eth0: 1 x 0 0 0 0 0 0 1\n"])
    def test_what_is_told_otherwise_is_no_quiet_network(self, tmp_path: Path, told: str) -> None:
        (tmp_path / "dev").write_text(HEAD + told)
        with pytest.raises(ValueError, match=r"eth0|invalid literal"):
            counters(tmp_path)

    def test_an_interface_that_was_made_anew_counts_from_nothing(self) -> None:
        assert Counted(5, 0, 2, 0).since(Counted(900, 900, 900, 900)) == Counted(5, 0, 2, 0)


class TestLimits:
    """As many or more."""

    @pytest.mark.parametrize(("packets", "flooded"), [(999, False), (1000, True)])
    def test_packets(self, networks: Networks, kernel: Kernel, packets: int, flooded: bool) -> None:
        kernel.carry(packets=packets)
        (sample,) = networks.look(1.0, 1.0)
        assert (sample["packets"], sample["flooded"], sample["filled"]) == (packets, flooded, False)

    @pytest.mark.parametrize(("megabits", "filled"), [(9, False), (10, True)])
    @pytest.mark.parametrize("way", ["received", "sent"])
    def test_bits_either_way(self, networks: Networks, kernel: Kernel, way: str, megabits: int, filled: bool) -> None:
        kernel.carry(**{way: megabits * MEGABIT})
        (sample,) = networks.look(1.0, 1.0)
        assert (sample[f"{way}_megabits"], sample["filled"], sample["flooded"]) == (megabits, filled, False)

    def test_a_look_that_comes_late_counts_for_a_second(self, networks: Networks, kernel: Kernel) -> None:
        kernel.carry(packets=4000, dropped=40)
        (sample,) = networks.look(4.0, 4.0)
        assert (sample["packets"], sample["dropped"]) == (1000, 10)

    @pytest.mark.parametrize(("packets", "told"), [(499, 0), (500, 1)])
    def test_half_of_a_limit_is_worth_a_sample(
        self, networks: Networks, kernel: Kernel, packets: int, told: int
    ) -> None:
        kernel.carry(packets=packets)
        assert len(list(networks.look(1.0, 1.0))) == told

    def test_a_quiet_network_is_told_of_once_a_minute(self, networks: Networks) -> None:
        assert [len(list(networks.look(float(at), 1.0))) for at in (1, 59, 60, 61)] == [0, 0, 1, 0]


@pytest.mark.refusal
class TestNotSeen:
    """An interface that is not there, or a kernel that does not tell, is no quiet network."""

    def test_it_is_said_once_a_minute(self, networks: Networks, kernel: Kernel) -> None:
        kernel.tell(name="eth7")
        (sample,) = networks.look(60.0, 1.0)
        assert (sample["blind"], sample["trouble"]) == (True, "no interface is called eth0")
        assert list(networks.look(61.0, 1.0)) == []

    def test_what_came_meanwhile_is_no_flood_of_one_second(self, networks: Networks, kernel: Kernel) -> None:
        kernel.tell(name="eth7")
        list(networks.look(60.0, 1.0))
        kernel.carry(packets=1_000_000)
        assert list(networks.look(61.0, 1.0)) == []

    def test_a_kernel_that_does_not_tell(self, networks: Networks, kernel: Kernel) -> None:
        (kernel.folder / "dev").unlink()
        (sample,) = networks.look(60.0, 1.0)
        assert sample["blind"]
        assert "No such file" in sample["trouble"]


def test_the_meter_writes_what_the_parser_reads(kernel: Kernel, tmp_path: Path, clock: Time) -> None:
    journal = tmp_path / "samples.jsonl"
    meter = Meter([], Journal(journal), tmp_path / "no.crt", InForce(), Networks((ETH0,), kernel.folder))
    clock.now += 1.0
    meter.look()
    kernel.carry(received=40 * MEGABIT, packets=4000)
    clock.now += 2.0
    meter.look()
    fields = parse(Line(1, 0.0, journal.read_bytes().splitlines()[-1]), "server-1", "UTC").fields
    expected: dict[str, Any] = {
        "action": "network-sample", "host": "server-1", "network": "eth0", "marker": "", "received_megabits": 20,
        "packets": 2000, "megabits_limit": 10, "packets_limit": 1000, "filled": True, "flooded": True, "blind": False,
        "repeated": 2, "trouble": "",
    }  # fmt: skip
    assert {name: fields[name] for name in expected} == expected


def _instance(tmp_path: Path, *networks: dict[str, object]) -> Instance:
    tables = (
        "[[telemetry.networks]]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in each.items())
        for each in networks
    )
    (tmp_path / "senim.toml").write_text("".join(tables))
    return Instance.load(tmp_path)


GOOD: dict[str, object] = {"interface": "eth0", "megabits": 900, "packets": 300000}


@pytest.mark.parametrize("changed", [{}, {"interface": "enp0s31f6.4000"}, {"megabits": 1, "packets": 1}])
def test_a_network_that_can_be_measured(tmp_path: Path, changed: dict[str, object]) -> None:
    assert len(telemetry_settings(_instance(tmp_path, GOOD | changed)).networks) == 1


@pytest.mark.refusal
@pytest.mark.parametrize(
    "changed",
    [
        {"interface": "lo"}, {"interface": ""}, {"interface": "a" * 16}, {"interface": "eth/0"}, {"megabits": 0},
        {"packets": 0}, {"packets": "many"}, {"more": 1},
    ],
)  # fmt: skip
def test_a_network_that_cannot_be_meant(tmp_path: Path, changed: dict[str, object]) -> None:
    with pytest.raises(BadSettings):
        telemetry_settings(_instance(tmp_path, GOOD | changed))


@pytest.mark.refusal
def test_a_network_named_twice(tmp_path: Path) -> None:
    with pytest.raises(BadSettings):
        telemetry_settings(_instance(tmp_path, GOOD, GOOD))
