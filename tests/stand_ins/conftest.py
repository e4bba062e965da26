"""A regulator's stand-in at work and a bureau that knows it, made afresh for each file of tests."""

import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from stand_ins.asoi.behaviour import Behaviour
from stand_ins.asoi.store import Store
from tests.ports import free_port
from tests.stand_ins.bureau import CHECKOUT, Bureau, asoi, program

_EC = ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
_RSA = ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072")
_OURS = {
    "client-tls": ("tls-client", _EC),
    "message-signing": ("signing", _EC),
    "another-signing": ("signing", _EC),
    "receipt-decryption": ("encryption", _RSA),
}
_THEIRS = {"tls": "tls-server", "signing": "signing", "encryption": "encryption"}
_BANKS = {"tls": "tls-server", "client": "tls-client", "signing": "signing"}


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Bureau:
    """A bureau and, in its folder `regulator`, the home of a stand-in that pinned its certificates. Never served."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed: nobody independent can seal a message")
    bureau = Bureau(tmp_path_factory.mktemp("bureau"))
    home = bureau.regulator
    assert asoi("init", "--home", home).returncode == 0
    bank = bureau.folder / "bank"
    assert program("stand_ins.national_bank", "init", "--home", bank).returncode == 0
    for name, (_, kind) in _OURS.items():
        bureau.request(name, *kind)
    wanted = {home / name: usage for name, usage in _THEIRS.items()}
    wanted |= {bank / name: usage for name, usage in _BANKS.items()}
    wanted |= {bureau.folder / name: usage for name, (usage, _) in _OURS.items()}
    orders = [word for path, usage in wanted.items() for word in (f"{path}.csr", usage, f"{path}.crt")]
    certified = program("stand_ins.ca", "--ca", bureau.folder / "ca.crt", *orders)
    assert certified.returncode == 0, certified.stderr
    shutil.copy(bureau.folder / "ca.crt", home / "ca.crt")
    shutil.copy(bureau.folder / "ca.crt", bank / "ca.crt")
    (bank / "bureau").mkdir()
    shutil.copy(bureau.folder / "receipt-decryption.crt", bank / "bureau" / "receipt-decryption.crt")
    (home / "bureau").mkdir()
    for name in ("message-signing", "receipt-decryption"):
        shutil.copy(bureau.folder / f"{name}.crt", home / "bureau" / f"{name}.crt")
    return bureau


@dataclass
class StandIn:
    """The stand-in as a process of its own."""

    bureau: Bureau
    page_port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Path:
        return self.bureau.regulator

    @property
    def log(self) -> Path:
        return self.bureau.folder / "stand-in.log"

    def start(self) -> None:
        """Start it and wait until it listens."""
        ports = ["--port", str(self.bureau.port), "--page-port", str(self.page_port)]
        command = [sys.executable, "-m", "stand_ins.asoi", "serve", "--home", str(self.home), *ports]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=CHECKOUT, stdout=log, stderr=log)
        self.wait(listening=True)

    def wait(self, *, listening: bool) -> None:
        """Return when bureaus find it listening, or not any more."""
        for _ in range(600):
            if self.process is None or self.process.poll() is not None:
                raise RuntimeError(f"the stand-in ended: {self.log.read_text()}")
            if answers(self.bureau.port) == listening:
                return
            time.sleep(0.05)
        raise RuntimeError(f"listening is still not {listening}: {self.log.read_text()}")

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it and return its exit status."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(30)

    def misbehave(self, *words: str) -> None:
        """Have the command line tell it how to behave."""
        told = asoi("misbehave", "--home", self.home, *words)
        assert told.returncode == 0, told.stderr


def answers(port: int) -> bool:
    """Whether somebody accepts connections on `port`."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _made(founded: Bureau, folder: Path) -> StandIn:
    shutil.copytree(founded.folder, folder, dirs_exist_ok=True)
    return StandIn(replace(founded, folder=folder, port=free_port()), free_port())


@pytest.fixture(scope="module")
def stand_in(founded: Bureau, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """A running stand-in, shared by the tests of one file."""
    made = _made(founded, tmp_path_factory.mktemp("stand-in"))
    made.start()
    yield made
    assert made.end() == 0, made.log.read_text()
    assert "Traceback" not in made.log.read_text()


@pytest.fixture
def own_stand_in(founded: Bureau, tmp_path: Path) -> Iterator[StandIn]:
    """A stand-in of the test's own, not yet started."""
    made = _made(founded, tmp_path / "stand-in")
    yield made
    if made.process is not None and made.process.poll() is None:
        made.end(signal.SIGKILL)


@pytest.fixture
def store(stand_in: StandIn) -> Iterator[Store]:
    """What the running stand-in has kept, read beside it."""
    with closing(Store(stand_in.home)) as opened:
        yield opened


@pytest.fixture
def bureau(stand_in: StandIn, store: Store) -> Bureau:
    """The bureau that the running stand-in knows, its behaviour good at the start of each test."""
    store.behave(Behaviour())
    return stand_in.bureau
