"""`openssl ts` verifies the stamps that we believe, and we believe those that it gives."""

import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import ExtendedKeyUsageOID

from senim.kit.crypto import keys, timestamp
from stand_ins.tsa.behaviour import Behaviour, Mode
from stand_ins.tsa.keys import Authority
from stand_ins.tsa.stamp import answer
from tests.kit.certificates import Identity

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="NOT RUN: the openssl program is missing (apt install openssl)"
)
CONTENT = "«Үлгі»\r\n\x00".encode()
POLICY = "1.2.398.3.3.2.6.1"
_CONFIGURATION = f"""
[tsa]
default_tsa = here
[here]
serial = serial
signer_digest = sha256
default_policy = {POLICY}
digests = sha256, sha512
accuracy = secs:1, millisecs:500, microsecs:100
clock_precision_digits = 3
ordering = yes
tsa_name = yes
"""
_BY_PINNED = ("-CAfile", "tsa.crt", "-partial_chain", "-no_check_time")


class Peer:
    """`openssl ts` in a folder of its own, with an authority's key and certificate."""

    def __init__(self, folder: Path, *, rsa: bool = False) -> None:
        self.folder = folder
        key = keys.new_rsa() if rsa else keys.new_ec()
        self.certificate = Identity(key, "signing", extended=(ExtendedKeyUsageOID.TIME_STAMPING,)).certificate
        self.authority = None if rsa else Authority(key, self.certificate)  # type: ignore[arg-type]
        keys.store(folder / "tsa.key", key)
        (folder / "tsa.crt").write_bytes(self.certificate.public_bytes(Encoding.PEM))
        (folder / "serial").write_text("01\n")
        (folder / "ts.cnf").write_text(_CONFIGURATION)
        (folder / "content").write_bytes(CONTENT)

    def ts(self, *words: str) -> None:
        """`openssl ts WORDS`. Raises `CalledProcessError` where it refuses."""
        subprocess.run(["openssl", "ts", *words], cwd=self.folder, capture_output=True, check=True)

    def reply(self, request: bytes, *, digest: str = "sha256") -> bytes:
        (self.folder / "request").write_bytes(request)
        signer = ("-signer", "tsa.crt", "-inkey", "tsa.key", f"-{digest}")
        self.ts("-reply", "-config", "ts.cnf", "-queryfile", "request", "-out", "response", *signer)
        return (self.folder / "response").read_bytes()

    def verify(self, response: bytes, *against: str) -> None:
        (self.folder / "response").write_bytes(response)
        self.ts("-verify", "-in", "response", *(against or ("-data", "content")), *_BY_PINNED)


@pytest.fixture
def peer(tmp_path: Path) -> Peer:
    return Peer(tmp_path)


@pytest.mark.parametrize("rsa", [False, True])
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_we_believe_what_openssl_stamps(tmp_path: Path, rsa: bool, digest: str) -> None:
    peer = Peer(tmp_path, rsa=rsa)
    asked = timestamp.ask(CONTENT, policy=ObjectIdentifier(POLICY))
    response = peer.reply(asked.der, digest=digest)
    stamp = timestamp.verify(
        response, CONTENT, trusted=[peer.certificate], policies=[ObjectIdentifier(POLICY)], nonce=asked.nonce
    )
    assert stamp.accuracy is not None
    assert stamp.accuracy.total_seconds() == 1.5001
    peer.verify(response, "-queryfile", "request")


def test_openssl_verifies_what_the_stand_in_stamps(peer: Peer) -> None:
    assert peer.authority is not None
    response = answer(timestamp.ask(CONTENT).der, peer.authority, Behaviour())
    timestamp.verify(response, CONTENT, trusted=[peer.certificate])
    peer.verify(response)


@pytest.mark.parametrize("mode", [Mode.WRONG_IMPRINT, Mode.WRONG_SIGNATURE, Mode.REFUSE])
def test_openssl_refuses_what_we_refuse(peer: Peer, mode: Mode) -> None:
    assert peer.authority is not None
    response = answer(timestamp.ask(CONTENT).der, peer.authority, Behaviour(mode))
    with pytest.raises(timestamp.StampRefused):
        timestamp.verify(response, CONTENT, trusted=[peer.certificate])
    with pytest.raises(subprocess.CalledProcessError):
        peer.verify(response)


def test_openssl_reads_our_request_and_refuses_another_policy(peer: Peer) -> None:
    refused = peer.reply(timestamp.ask(CONTENT, policy=ObjectIdentifier("1.2.398.9")).der)
    with pytest.raises(timestamp.StampNotGranted):
        timestamp.verify(refused, CONTENT, trusted=[peer.certificate])
