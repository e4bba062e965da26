"""The regulator is silent, between real processes: files by themselves, receipts back, and nothing twice."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from senim.asoi.electronic_format import file_of, incoming, outgoing
from senim.site.layout import CHECKOUT
from senim.site.supervisor.house import environment
from tests.functional.house import House, wait_until
from tests.functional.outbox import Outbox

pytestmark = [pytest.mark.real, pytest.mark.clause("R228/81"), pytest.mark.clause("R228/81-1")]


_CARRIED = """
import sys, django
django.setup()
from senim.asoi import operations
from senim.audit.operations import Actor
from senim.kit.clock import now

actor = Actor.process("test")
assert operations.take_file(sys.argv[1], actor=actor)
operations.note_carried(sys.argv[1], carried_at=now(), way="by courier", actor=actor)
"""


def receive(house: House, file: Path, receipt: Path) -> None:
    """Somebody at the regulator takes the file in and gives the receipt as one."""
    home = str(house.home / "stand_ins" / "asoi")
    command = [sys.executable, "-m", "stand_ins.asoi", "receive", "--home", home, str(file), "--out", str(receipt)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_channel_switches_by_itself_and_back(fresh_house: House) -> None:
    with (fresh_house.home / "senim.toml").open("a", encoding="utf-8") as settings:
        settings.write("\n[asoi.electronic_format]\nafter = 2\n")
    outbox = Outbox(fresh_house.start())
    instance = fresh_house.instance
    outbox.regulator("misbehave", "down")
    first, second = outbox.enqueue(2)
    outbox.wait_for("exported", [first, second])
    # While it is silent, killed in the middle or not, a further message is a file at once.
    (third,) = outbox.enqueue()
    os.kill(fresh_house.pid_of("asoi"), signal.SIGKILL)
    outbox.wait_for("exported", [first, second, third])
    listed = {one["id"]: one for one in fresh_house.senim("asoi", "files")}
    assert {one["file"] for one in listed.values()} == {str(file_of(instance, one)) for one in (first, second, third)}
    assert not {first, second, third} & set(outbox.received())  # a batch of events may have come before

    # One is carried by hand; its receipt comes back as a file.
    assert fresh_house.senim("asoi", "carried", first, "--way", "by courier")["state"] == "exported"
    receive(fresh_house, file_of(instance, first), incoming(instance) / "from-the-regulator.p7m")
    outbox.wait_for("delivered", [first])
    wait_until(lambda: not file_of(instance, first).exists(), what="the file taken away")
    question = "SELECT came_by FROM asoi_receipt WHERE message_id = %s"
    assert outbox.asked(question, first) == [("file",)]
    kept = incoming(instance) / "accepted" / "from-the-regulator.p7m"
    wait_until(kept.exists, what="the receipt put away")
    assert not (incoming(instance) / "from-the-regulator.p7m").exists()

    # Another is carried as well, and written down on the console's page, with that process's rights.
    carried = subprocess.run(
        [sys.executable, "-c", _CARRIED, second],
        env=environment(instance, "console"), cwd=CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert carried.returncode == 0, carried.stderr

    # The regulator is back: the others go through ASOI, with the identifiers that they had.
    outbox.regulator("misbehave", "well")
    outbox.wait_for("delivered", [second, third])
    wait_until(lambda: not list(outgoing(instance).iterdir()), what="no file left")
    received = outbox.received()
    assert received.keys() >= {first, second, third}
    assert {(one["delivered_again"], one["conflicts"]) for one in received.values()} == {(0, 0)}
    assert fresh_house.senim("asoi", "files") == []
