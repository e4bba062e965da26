"""The regulator is silent and files are carried by themselves, between real processes: ours, and an OpenSSH server."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from senim.asoi.carriers.hosts import host_key_file
from senim.asoi.electronic_format import incoming, outgoing
from tests.asoi.sshd import Server, why_not
from tests.functional.house import House, wait_until
from tests.functional.outbox import Outbox
from tests.functional.test_electronic_format import receive

pytestmark = [
    pytest.mark.real,
    pytest.mark.clause("R228/81"),
    pytest.mark.clause("R228/81-1"),
    pytest.mark.skipif(bool(why_not()), reason=why_not()),
]
_SETTINGS = '\n[asoi.electronic_format]\nafter = 2\ncarrier = "sftp"\n'
_QUICK = "every = 1\nretry_first = 1\nretry_longest = 2\n"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server.founded(tmp_path / "sftp")
    yield server
    server.stop()


@pytest.fixture
def bureau(fresh_house: House, server: Server) -> House:
    """A house whose settings name the carrier; not running yet."""
    with (fresh_house.home / "senim.toml").open("a", encoding="utf-8") as settings:
        settings.write(_SETTINGS + server.table + _QUICK)
    server.agree(fresh_house.instance)
    return fresh_house


def outcomes(outbox: Outbox) -> set[str]:
    return {outcome for (outcome,) in outbox.asked("SELECT DISTINCT outcome FROM asoi_carriervisit")}


def carriages(outbox: Outbox, message: str) -> list[tuple[object, ...]]:
    return outbox.asked('SELECT way, "by" FROM asoi_carriage WHERE message_id = %s', message)


def complaints(house: House) -> str:
    """What `senim doctor` says of the carrier."""
    told = house.command("doctor", "--json").stdout
    return told[told.find("asoi:carrier") :][:400]


@pytest.mark.refusal
def test_a_server_with_another_key_gets_nothing_and_with_the_right_one_everything(
    bureau: House, server: Server
) -> None:
    server.start("stranger")
    outbox = Outbox(bureau.start())
    outbox.regulator("misbehave", "down")
    first, second = outbox.enqueue(2)
    outbox.wait_for("exported", [first, second])
    wait_until(lambda: "host-not-trusted" in outcomes(outbox), what="a visit to a stranger")
    assert "pinned host key" in complaints(bureau)
    assert (list(server.messages.iterdir()), carriages(outbox, first)) == ([], [])

    server.stop()
    server.start()
    files = {one: server.messages / f"{one}.p7m" for one in (first, second)}
    wait_until(lambda: all(path.exists() for path in files.values()), what="files with the regulator")
    assert {path.name for path in server.messages.iterdir()} == {path.name for path in files.values()}


def test_files_go_and_receipts_come_by_themselves(bureau: House, server: Server) -> None:
    server.start()
    outbox = Outbox(bureau.start())
    instance = bureau.instance
    outbox.regulator("misbehave", "down")
    first, second = outbox.enqueue(2)
    outbox.wait_for("exported", [first, second])
    os.kill(bureau.pid_of("asoi"), signal.SIGKILL)
    wait_until(lambda: bool(carriages(outbox, first) and carriages(outbox, second)), what="both carried")
    way = f"sftp://{server.user}@127.0.0.1:{server.port}/messages"
    assert set(carriages(outbox, first)) == {(way, "asoi")}
    # Carried is not delivered; what is no receipt delivers nothing either.
    (server.receipts / "not-one.p7m").write_bytes(b"garbage")
    wait_until((incoming(instance) / "refused" / "not-one.p7m").exists, what="the refusal of what is no receipt")
    assert (outbox.state(first), outbox.state(second)) == ("exported", "exported")

    for one in (first, second):
        receive(bureau, server.messages / f"{one}.p7m", server.receipts / f"receipt-{one}.p7m")
    outbox.wait_for("delivered", [first, second])
    assert outbox.asked("SELECT DISTINCT came_by FROM asoi_receipt WHERE message_id = %s", first) == [("file",)]
    wait_until(lambda: not list(outgoing(instance).iterdir()), what="no file left")
    assert {one["conflicts"] for one in outbox.received().values()} == {0}
    assert bureau.command("audit", "verify").returncode == 0


@pytest.mark.refusal
def test_without_a_pinned_host_key_the_house_does_not_start(bureau: House) -> None:
    host_key_file(bureau.instance).unlink()
    refused = bureau.command("up")
    assert refused.returncode != 0
    assert "asoi:carrier-host-key" in refused.stderr + refused.stdout
