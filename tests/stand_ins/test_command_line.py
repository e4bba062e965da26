"""The commands: what people and scripts read, and the plain refusals."""

import json
from pathlib import Path

import psutil
import pytest

from stand_ins.asoi import checkpoint
from stand_ins.asoi.store import Store
from tests.stand_ins.bureau import Bureau, asoi, digest, identifier, message
from tests.stand_ins.conftest import StandIn

_ROOT = "A" * 43 + "="
NOTE = f"ulgi.example/audit\n7\n{_ROOT}\n\n— ulgi.example/audit {'Az3grlgt' * 11}\n"


@pytest.fixture
def delivered(bureau: Bureau, stand_in: StandIn, store: Store) -> bytes:
    """A message that the stand-in has, with a checkpoint in it."""
    content = message(checkpoint=NOTE)
    assert bureau.deliver(content).status == 200
    return content


def test_the_list_says_what_came(delivered: bytes, stand_in: StandIn) -> None:
    listed = json.loads(asoi("list", "--home", stand_in.home, "--json").stdout)
    (one,) = (one for one in listed if one["id"] == identifier(delivered))
    said = json.loads(delivered)
    assert {name: one[name] for name in ("kind", "about", "sequence", "exercise", "sender", "corrects")} == {
        name: said[name] for name in ("kind", "about", "sequence", "exercise", "sender", "corrects")
    }
    assert (one["sha256"], one["delivered_again"], one["conflicts"]) == (digest(delivered), 0, 0)
    for_people = asoi("list", "--home", stand_in.home).stdout
    assert f"{said['id']} IncidentNotice {said['about']} #1 EXERCISE" in for_people


def test_one_message_is_shown_whole(delivered: bytes, stand_in: StandIn) -> None:
    shown = json.loads(asoi("show", identifier(delivered), "--home", stand_in.home, "--json").stdout)
    assert shown["content"] == json.loads(delivered)
    assert shown["receipt"]["sha256"] == digest(delivered)
    assert "root" in asoi("show", identifier(delivered), "--home", stand_in.home).stdout


def test_a_message_that_never_came(stand_in: StandIn) -> None:
    result = asoi("show", "00000000-0000-7000-8000-000000000000", "--home", stand_in.home)
    assert (result.returncode, result.stdout) == (1, "")


class TestCheckpoints:
    """What the regulator holds of the bureau's audit log."""

    def test_each_once_into_a_folder_and_the_latest_into_a_file(self, own_stand_in: StandIn) -> None:
        own_stand_in.start()
        second = NOTE.replace("\n7\n", "\n8\n")
        for note in (NOTE, None, NOTE, second):
            assert own_stand_in.bureau.deliver(message(checkpoint=note)).status == 200
        folder, file = own_stand_in.bureau.folder / "checkpoints", own_stand_in.bureau.folder / "latest.checkpoint"
        for out in (f"{folder}/", file):
            assert asoi("checkpoints", "--home", own_stand_in.home, "--out", out).returncode == 0
        assert {path.name: path.read_text() for path in folder.iterdir()} == {
            "000001.checkpoint": NOTE,
            "000004.checkpoint": second,
        }
        assert file.read_text() == second

    def test_none_to_export(self, own_stand_in: StandIn, tmp_path: Path) -> None:
        result = asoi("checkpoints", "--home", own_stand_in.home, "--out", tmp_path / "latest")
        assert (result.returncode, result.stderr) == (1, "no message carried a checkpoint\n")
        assert not (tmp_path / "latest").exists()

    @pytest.mark.parametrize(
        "note",
        [
            NOTE[:-1],
            NOTE.replace("\n\n", "\n"),
            NOTE.replace("7", "07", 1),
            NOTE.replace("AAAA", "AAA", 1),
            NOTE.replace("AAAA", "A*AA", 1),
            NOTE.replace("— ", "- "),
            NOTE.partition("—")[0],
            "",
        ],
    )
    def test_what_is_no_checkpoint(self, note: str) -> None:
        assert checkpoint.parse(NOTE) == checkpoint.Checkpoint("ulgi.example/audit", 7, _ROOT)
        assert checkpoint.parse(note) is None


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["misbehave", "down", "--times", "3"], "refused connections cannot be counted"),
        (["misbehave", "error", "--delay", "3"], "--delay belongs to late, clock-ahead and clock-behind"),
        (["misbehave", "error", "--times", "0"], "must be above zero"),
        (["misbehave", "error", "--seconds", "-1"], "must be above zero"),
        (["misbehave", "rudely"], "invalid Mode value"),
        (["serve", "--port", "1", "--host", "0.0.0.0"], "serves 127.0.0.1 and no other address"),  # noqa: S104
        (["serve", "--port", "1", "--host", "localhost"], "serves 127.0.0.1 and no other address"),
    ],
)
def test_what_makes_no_sense_is_refused(stand_in: StandIn, words: list[str], reason: str) -> None:
    result = asoi(*words, "--home", stand_in.home)
    assert result.returncode == 2
    assert reason in result.stderr
    assert asoi("misbehave", "--home", stand_in.home).stdout.startswith("well: ")


def test_it_listens_on_this_machine_only(stand_in: StandIn) -> None:
    assert stand_in.process is not None
    open_ = psutil.Process(stand_in.process.pid).net_connections("inet")
    listening = {(str(one.laddr.ip), one.laddr.port) for one in open_ if one.status == psutil.CONN_LISTEN}
    assert listening == {("127.0.0.1", stand_in.bureau.port), ("127.0.0.1", stand_in.page_port)}


def test_a_port_that_is_taken_is_named(own_stand_in: StandIn, stand_in: StandIn) -> None:
    result = asoi("serve", "--home", own_stand_in.home, "--port", str(stand_in.bureau.port), "--page-port", "0")
    assert result.returncode == 2
    assert f"127.0.0.1:{stand_in.bureau.port}" in result.stderr


@pytest.mark.parametrize("name", ["signing.key", "encryption.crt", "bureau/message-signing.crt", "tls.crt", "ca.crt"])
def test_it_names_the_file_it_cannot_serve_without(own_stand_in: StandIn, name: str) -> None:
    (own_stand_in.home / name).unlink()
    result = asoi("serve", "--home", own_stand_in.home, "--port", str(own_stand_in.bureau.port))
    assert result.returncode == 2
    assert name in result.stderr


def test_init_keeps_the_keys_there_are(own_stand_in: StandIn) -> None:
    before = {path: path.read_bytes() for path in own_stand_in.home.glob("*.key")}
    assert asoi("init", "--home", own_stand_in.home).returncode == 0
    assert {path: path.read_bytes() for path in own_stand_in.home.glob("*.key")} == before
    assert {path.stat().st_mode & 0o777 for path in before} == {0o600}
