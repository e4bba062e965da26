"""The time-stamp stand-in as a program: it stamps over HTTP, and misbehaves as told."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

import httpx
import pytest
from cryptography import x509

from senim.kit.crypto import timestamp
from tests.ports import free_port
from tests.stand_ins.bureau import CHECKOUT, program

CONTENT = b"message.p7s"


class Tsa:
    """The program, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.home, self.url = folder / "tsa", f"http://127.0.0.1:{(port := free_port())}/"
        assert program("stand_ins.tsa", "init", "--home", self.home).returncode == 0
        order = (self.home / "signing.csr", "time-stamping", self.home / "signing.crt")
        assert program("stand_ins.ca", "--ca", folder / "ca.crt", *order).returncode == 0
        self.certificate = x509.load_pem_x509_certificate((self.home / "signing.crt").read_bytes())
        words = ("serve", "--home", str(self.home), "--port", str(port))
        self.process = Popen([sys.executable, "-m", "stand_ins.tsa", *words], cwd=CHECKOUT)
        while not self.is_up():
            time.sleep(0.02)

    def is_up(self) -> bool:
        """Whether somebody listens."""
        assert self.process.poll() is None
        try:
            httpx.get(self.url, trust_env=False)
        except httpx.TransportError:  # refused, or let go while it went away
            return False
        return True

    def misbehave(self, *words: str) -> None:
        assert program("stand_ins.tsa", "misbehave", "--home", self.home, *words).returncode == 0

    def post(self, data: bytes, kind: str = "application/timestamp-query") -> httpx.Response:
        return httpx.post(self.url, content=data, headers={"Content-Type": kind}, trust_env=False, timeout=30)

    def stamp(self) -> timestamp.Stamp:
        asked = timestamp.ask(CONTENT)
        answered = self.post(asked.der)
        assert answered.headers["Content-Type"] == "application/timestamp-reply"
        return timestamp.verify(answered.content, CONTENT, trusted=[self.certificate], nonce=asked.nonce)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tsa]:
    tsa = Tsa(tmp_path_factory.mktemp("tsa"))
    yield tsa
    tsa.process.terminate()
    assert tsa.process.wait(10) == 0


@pytest.fixture
def tsa(running: Tsa) -> Iterator[Tsa]:
    yield running
    running.misbehave("well")


def test_it_stamps_what_it_is_asked_to(tsa: Tsa) -> None:
    assert tsa.stamp().certificate == tsa.certificate
    assert tsa.stamp().serial != tsa.stamp().serial


def test_its_clock_can_be_off(tsa: Tsa) -> None:
    before = tsa.stamp().at
    tsa.misbehave("clock-off", "--delay", "3600")
    assert (tsa.stamp().at - before).total_seconds() >= 3600


def test_it_can_be_away_and_come_back(tsa: Tsa) -> None:
    tsa.misbehave("down")
    while tsa.is_up():
        time.sleep(0.02)
    tsa.misbehave("well")
    while not tsa.is_up():
        time.sleep(0.02)
    assert tsa.stamp()


@pytest.mark.parametrize(
    ("mode", "refusal"),
    [
        ("wrong-signature", timestamp.StampSignatureWrong),
        ("wrong-imprint", timestamp.StampForAnother),
        ("wrong-nonce", timestamp.StampNotAskedFor),
        ("refuse", timestamp.StampNotGranted),
        ("garbage", timestamp.NotAStamp),
    ],
)
def test_what_it_does_wrong_is_refused(tsa: Tsa, mode: str, refusal: type[timestamp.StampRefused]) -> None:
    tsa.misbehave(mode)
    with pytest.raises(refusal):
        tsa.stamp()


def test_what_is_no_request_gets_no_stamp(tsa: Tsa) -> None:
    for data in (b"", b"\x30\x00", b"\x30" * 100):
        with pytest.raises(timestamp.StampNotGranted):
            timestamp.verify(tsa.post(data).content, CONTENT, trusted=[tsa.certificate])
    assert tsa.post(b"", "text/plain").status_code == 415
    assert tsa.post(b"x" * 20_000).status_code == 413


def test_without_a_certificate_it_does_not_serve(tmp_path: Path) -> None:
    assert program("stand_ins.tsa", "init", "--home", tmp_path / "x").returncode == 0
    refused = program("stand_ins.tsa", "serve", "--home", tmp_path / "x", "--port", str(free_port()))
    assert refused.returncode == 2
    assert "refused" in refused.stderr
