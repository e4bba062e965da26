"""The carrier over SFTP against a real OpenSSH server: what gets through, who is trusted, what goes wrong."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from senim.asoi import checks
from senim.asoi.carriers import HostNotTrusted, OutOfReach, TookTooLong, TurnedAway, Visit
from senim.asoi.carriers import batch as batches
from senim.asoi.carriers.hosts import host_key_file, host_keys
from senim.asoi.carriers.program import LARGEST
from senim.asoi.carriers.sftp import Sftp
from senim.asoi.errors import HostKeyMissing
from senim.asoi.settings import SftpSettings
from senim.kit.instance import Instance
from tests.asoi.copies import copy_of
from tests.asoi.sshd import Server, new_key, why_not

pytestmark = [pytest.mark.real, pytest.mark.clause("R228/81"), pytest.mark.skipif(bool(why_not()), reason=why_not())]
SEALED = bytes(range(256)) * 1000
NAME = "0195f2f0-0000-7000-8000-000000000001.p7m"
Go = Callable[..., Visit]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server.founded(tmp_path_factory.mktemp("sftp"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(served: Server) -> Server:
    for folder in (served.messages, served.receipts):
        folder.chmod(0o755)
        for path in folder.iterdir():
            path.unlink()
    return served


@pytest.fixture
def here(instance: Instance, server: Server, tmp_path: Path) -> Instance:
    """A bureau that is let in and knows the server's key, in a folder with a name that is no plain word."""
    copy = copy_of(instance, tmp_path / "a b'c%h$d")
    server.agree(copy)
    return copy


@pytest.fixture
def settings(server: Server) -> SftpSettings:
    return SftpSettings("127.0.0.1", server.user, "messages", "receipts", port=server.port, answer_within=30)


@pytest.fixture
def go(here: Instance, settings: SftpSettings) -> Go:
    """One visit."""

    def visit(files: dict[str, bytes] | None = None, *, fetch: bool = True, **changed: object) -> Visit:
        wanted = msgspec.structs.replace(settings, **changed)
        return Sftp(here, wanted, threading.Event()).visit(files or {}, fetch=fetch)

    return visit


def test_files_are_put_whole_and_receipts_fetched(go: Go, server: Server, here: Instance) -> None:
    (server.receipts / "r-1.p7m").write_bytes(b"a receipt")
    visit = go({NAME: SEALED, f"x-{NAME}": b"y"})
    assert visit == Visit((NAME, f"x-{NAME}"), {"r-1.p7m": b"a receipt"})
    assert {path.name: path.read_bytes() for path in server.messages.iterdir()} == {NAME: SEALED, f"x-{NAME}": b"y"}
    assert (server.receipts / "r-1.p7m").exists()  # it is the regulator's to clear away
    assert list((here.state("asoi") / "carrier").iterdir()) == []


def test_the_same_again_replaces_it_by_the_same(go: Go, server: Server) -> None:
    (server.messages / f"{NAME}.part").write_bytes(b"half, of a process that was killed")
    assert go({NAME: SEALED}).put == go({NAME: SEALED}).put == (NAME,)
    assert [path.name for path in server.messages.iterdir()] == [NAME]


def test_nobody_asks_for_receipts_while_none_is_waited_for(go: Go, server: Server) -> None:
    (server.receipts / "r.p7m").write_bytes(b"r")
    assert go(fetch=False) == Visit()


class TestWhoIsTrusted:
    """The pinned key, and no other; nothing is learned from a connection."""

    @pytest.mark.refusal
    def test_a_server_with_another_key_gets_nothing(self, go: Go, server: Server, here: Instance) -> None:
        host_key_file(here).write_text((server.home / "stranger.pub").read_text())
        visit = go({NAME: SEALED})
        assert (visit.put, isinstance(visit.failure, HostNotTrusted)) == ((), True)
        assert list(server.messages.iterdir()) == []
        assert host_key_file(here).read_text() == (server.home / "stranger.pub").read_text()

    @pytest.mark.refusal
    def test_a_server_with_a_key_of_another_kind_gets_nothing(self, go: Go, server: Server, here: Instance) -> None:
        host_key_file(here).write_text(new_key(server.home / "ecdsa", "-t", "ecdsa"))
        assert isinstance(go({NAME: SEALED}).failure, HostNotTrusted)
        assert list(server.messages.iterdir()) == []

    def test_a_successor_may_lie_beside_it(self, go: Go, server: Server, here: Instance) -> None:
        both = [(server.home / f"{name}.pub").read_text() for name in ("stranger", "host")]
        host_key_file(here).write_text("# given on paper\n\n" + "".join(both))
        assert go({NAME: SEALED}).failure is None

    @pytest.mark.refusal
    @pytest.mark.parametrize(
        "said",
        [
            None,
            "",
            "# only a word\n",
            "* ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
            "@cert-authority * ssh-ed25519 AAAA\n",
            "ssh-ed25519 AAAA\n",
            "ssh-dss AAAA\n",
        ],
    )
    def test_without_one_nobody_is_asked(self, go: Go, here: Instance, said: str | None) -> None:
        host_key_file(here).unlink() if said is None else host_key_file(here).write_text(said)
        visit = go({NAME: SEALED}, port=1)
        assert (str(visit.failure), type(visit.failure)) == ("asoi:carrier-host-key", HostNotTrusted)

    @pytest.mark.refusal
    def test_rsa_has_3072_bits_at_least(self, server: Server, here: Instance) -> None:
        host_key_file(here).write_text(new_key(server.home / "rsa", "-t", "rsa", "-b", "2048"))
        with pytest.raises(HostKeyMissing):
            host_keys(here)
        host_key_file(here).write_text(new_key(server.home / "rsa", "-t", "rsa", "-b", "3072"))
        assert host_keys(here)

    @pytest.mark.refusal
    def test_our_key_that_lies_open_is_not_used(self, go: Go, here: Instance) -> None:
        here.key("asoi", "sftp").chmod(0o644)
        assert isinstance(go({NAME: SEALED}).failure, TurnedAway)

    @pytest.mark.refusal
    def test_a_server_that_does_not_know_us_turns_us_away(self, go: Go, here: Instance) -> None:
        new_key(here.key("asoi", "sftp"))
        visit = go({NAME: SEALED})
        assert isinstance(visit.failure, TurnedAway)
        assert "Permission denied" in str(visit.failure)


class TestAServerThatDoesWrong:
    """Whatever it does is named; nothing counts as put that is not there; no half receipt comes in."""

    def test_nobody_listens(self, go: Go) -> None:
        assert isinstance(go({NAME: SEALED}, port=1).failure, OutOfReach)

    def test_silence_takes_as_long_as_we_allow(self, go: Go) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            begun = time.monotonic()
            visit = go({NAME: SEALED}, port=silent.getsockname()[1], answer_within=1.0)
        assert isinstance(visit.failure, TookTooLong | OutOfReach)
        assert time.monotonic() - begun < 20

    def test_asked_to_stop_it_stops(self, here: Instance, settings: SftpSettings) -> None:
        stopping = threading.Event()
        stopping.set()
        assert isinstance(Sftp(here, settings, stopping).visit({NAME: SEALED}, fetch=True).failure, TookTooLong)

    def test_a_folder_that_is_not_there(self, go: Go) -> None:
        visit = go({NAME: SEALED}, messages="elsewhere")
        assert (visit.put, isinstance(visit.failure, TurnedAway)) == ((), True)

    def test_what_was_put_before_it_went_wrong_counts(self, go: Go, server: Server) -> None:
        (server.messages / f"b-{NAME}.part").symlink_to("nowhere/at-all")
        visit = go({NAME: SEALED, f"b-{NAME}": b"b", f"c-{NAME}": b"c"})
        assert (visit.put, isinstance(visit.failure, TurnedAway)) == ((NAME,), True)
        assert {path.name for path in server.messages.iterdir()} == {NAME, f"b-{NAME}.part"}

    def test_no_folder_of_receipts_and_the_files_are_put_all_the_same(self, go: Go) -> None:
        visit = go({NAME: SEALED}, receipts="nowhere")
        assert (visit.put, isinstance(visit.failure, TurnedAway)) == ((NAME,), True)

    def test_strange_names_are_left_alone(self, go: Go, server: Server) -> None:
        strange = ["-o.p7m", ".p7m", "a b.p7m", "a;b.p7m", "*.p7m", "sftp> get x.p7m", "x.txt", "я.p7m"]
        for name in (*strange, "good.p7m"):
            (server.receipts / name).write_bytes(b"r")
        assert go({NAME: SEALED}) == Visit((NAME,), {"good.p7m": b"r"})

    def test_the_newest_of_a_flood_come(self, go: Go, server: Server) -> None:
        for number in range(batches.MOST + 5):
            path = server.receipts / f"r-{number}.p7m"
            path.write_bytes(b"r")
            os.utime(path, (1_000_000 + number * 100, 1_000_000 + number * 100))
        assert set(go().fetched) == {f"r-{number}.p7m" for number in range(5, batches.MOST + 5)}

    def test_one_without_end_is_cut_off_and_next_time_stands_behind_the_others(
        self, here: Instance, settings: SftpSettings, server: Server
    ) -> None:
        (server.receipts / "old.p7m").write_bytes(b"r")
        os.utime(server.receipts / "old.p7m", (1_000_000, 1_000_000))
        (server.receipts / "huge.p7m").write_bytes(b"x" * (LARGEST + 1))
        carrier = Sftp(here, settings, threading.Event())
        first = carrier.visit({}, fetch=True)
        assert (dict(first.fetched), isinstance(first.failure, TurnedAway)) == ({}, True)
        second = carrier.visit({}, fetch=True)
        assert (dict(second.fetched), isinstance(second.failure, TurnedAway)) == ({"old.p7m": b"r"}, True)

    def test_one_that_may_not_be_read_is_no_receipt(
        self, here: Instance, settings: SftpSettings, server: Server
    ) -> None:
        (server.receipts / "loop.p7m").symlink_to("loop.p7m")
        visit = Sftp(here, settings, threading.Event()).visit({}, fetch=True)
        assert (dict(visit.fetched), isinstance(visit.failure, TurnedAway)) == ({}, True)


class TestSettings:
    """What start-up asks: nobody carries to whom nobody vouches for."""

    @pytest.fixture
    def found(self, here: Instance) -> Callable[[str], list[str]]:
        said = (here.home / "senim.toml").read_text()

        def findings(more: str) -> list[str]:
            (here.home / "senim.toml").write_text(f"{said}\n[asoi.electronic_format]\n{more}\n")
            return [finding.name for finding in checks.findings(Instance.load(here.home))]

        return findings

    def test_with_everything_there(self, found: Callable[[str], list[str]], server: Server) -> None:
        assert found(f'carrier = "sftp"\n{server.table}') == []

    def test_people_need_nothing_of_it(self, found: Callable[[str], list[str]], here: Instance) -> None:
        host_key_file(here).unlink()
        assert found("") == []

    @pytest.mark.refusal
    def test_without_a_pinned_host_key_it_does_not_start(
        self, found: Callable[[str], list[str]], server: Server, here: Instance
    ) -> None:
        host_key_file(here).unlink()
        assert found(f'carrier = "sftp"\n{server.table}') == ["asoi:carrier-host-key"]
        demonstration = 'profile = "demonstration"\n'
        said = (here.home / "senim.toml").read_text()
        assert demonstration in said
        (here.home / "senim.toml").write_text(said.replace(demonstration, ""))
        assert "asoi:carrier-host-key" in [finding.name for finding in checks.findings(Instance.load(here.home))]

    @pytest.mark.refusal
    def test_without_a_place_a_key_or_a_program(
        self, found: Callable[[str], list[str]], here: Instance, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here.key("asoi", "sftp").unlink()
        monkeypatch.setattr(checks, "program", lambda: None)
        assert found('carrier = "sftp"') == ["asoi:carrier", "asoi:carrier-key", "asoi:carrier-program"]

    @pytest.mark.refusal
    @pytest.mark.parametrize(
        "slip",
        ['host = "-oProxyCommand=x"', 'user = "-x"', 'messages = "a b"', 'messages = "-a"', 'receipts = "a\\nrm b"',
         'receipts = "*"', "host_key = 1", "port = 0"],
    )  # fmt: skip
    def test_words_that_would_be_more_than_words(
        self, found: Callable[[str], list[str]], server: Server, slip: str
    ) -> None:
        name = slip.partition(" ")[0]
        kept = [line for line in server.table.splitlines() if not line.startswith(f"{name} ")]
        assert found("\n".join(['carrier = "sftp"', *kept, slip])) == ["asoi:address-not-checked"]
