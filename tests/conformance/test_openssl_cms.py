"""`openssl cms` opens and verifies what we seal, and we open and verify what it seals."""

import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from senim.kit.crypto import cms, keys
from tests.kit.certificates import Identity

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="NOT RUN: the openssl program is missing (apt install openssl)")

CONTENT = '{"line":"ends with\\r\\n and \\n","name":"«Үлгі»"}\r\nraw\nbytes\x00'.encode()
_OAEP = ["-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256", "-keyopt", "rsa_mgf1_md:sha256"]


class Peer:
    """`openssl cms` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.signer = self._identity("signer", Identity(keys.new_ec(), "signing"))
        self.recipient = self._identity("recipient", Identity(keys.new_rsa(), "encryption"))

    def _identity(self, name: str, identity: Identity) -> Identity:
        keys.store(self.folder / f"{name}.key", identity.key)
        (self.folder / f"{name}.crt").write_bytes(identity.certificate.public_bytes(Encoding.PEM))
        return identity

    def cms(self, data: bytes, *options: str) -> bytes:
        """`openssl cms OPTIONS` over `data`. Raises `CalledProcessError` where it refuses."""
        command = ["openssl", "cms", *options]
        return subprocess.run(command, cwd=self.folder, input=data, capture_output=True, check=True).stdout

    def open(self, der: bytes) -> bytes:
        return self.cms(
            der, "-decrypt", "-binary", "-inform", "DER", "-recip", "recipient.crt", "-inkey", "recipient.key"
        )

    def verify(self, der: bytes) -> bytes:
        trust = ["-certfile", "signer.crt", "-nointern", "-noverify"]
        return self.cms(der, "-verify", "-binary", "-inform", "DER", *trust)

    def sign(self, content: bytes, *options: str) -> bytes:
        whom = ["-signer", "signer.crt", "-inkey", "signer.key", "-outform", "DER"]
        return self.cms(content, "-sign", "-binary", "-nodetach", "-md", "sha256", *whom, *options)

    def seal(self, content: bytes, *options: str, cipher: str = "-aes-256-gcm") -> bytes:
        return self.cms(content, "-encrypt", "-binary", cipher, "-outform", "DER", "-recip", "recipient.crt", *options)


@pytest.fixture
def peer(tmp_path: Path) -> Peer:
    return Peer(tmp_path)


def test_openssl_opens_and_verifies_what_we_seal(peer: Peer) -> None:
    signed = cms.sign(CONTENT, peer.signer.key, peer.signer.certificate)
    assert peer.verify(peer.open(cms.encrypt(signed, peer.recipient.certificate))) == CONTENT


def test_openssl_refuses_what_we_sealed_when_a_byte_is_changed(peer: Peer) -> None:
    signed = cms.sign(CONTENT, peer.signer.key, peer.signer.certificate)
    with pytest.raises(subprocess.CalledProcessError):
        peer.verify(signed.replace(b"raw", b"war"))
    sealed = bytearray(cms.encrypt(signed, peer.recipient.certificate))
    sealed[-1] ^= 1
    with pytest.raises(subprocess.CalledProcessError):
        peer.open(bytes(sealed))


def test_we_open_and_verify_what_openssl_seals(peer: Peer) -> None:
    sealed = peer.seal(peer.sign(CONTENT, "-nosmimecap"), *_OAEP)
    signed = cms.decrypt(sealed, peer.recipient.key, [peer.recipient.certificate])
    assert cms.verify(signed, trusted=[peer.signer.certificate]).content == CONTENT


def test_we_verify_an_rsa_signature_of_openssl(peer: Peer) -> None:
    signer = peer._identity("signer", Identity(keys.new_rsa(), "signing"))
    assert cms.verify(peer.sign(CONTENT), trusted=[signer.certificate]).content == CONTENT


@pytest.mark.parametrize(
    ("options", "cipher"),
    [
        ([], "-aes-256-gcm"),  # RSA PKCS #1 v1.5
        (["-keyopt", "rsa_padding_mode:oaep"], "-aes-256-gcm"),  # OAEP with SHA-1
        (_OAEP, "-aes-128-gcm"),
        (_OAEP, "-aes-256-cbc"),  # no integrity
    ],
)
def test_weaker_envelopes_of_openssl_are_refused(peer: Peer, options: list[str], cipher: str) -> None:
    sealed = peer.seal(CONTENT, *options, cipher=cipher)
    assert peer.open(sealed) == CONTENT
    with pytest.raises(cms.CannotOpen):
        cms.decrypt(sealed, peer.recipient.key, [peer.recipient.certificate])


def test_weaker_signatures_of_openssl_are_refused(peer: Peer) -> None:
    weak = peer.cms(
        CONTENT, "-sign", "-binary", "-nodetach", "-md", "sha1", "-signer", "signer.crt", "-inkey", "signer.key",
        "-outform", "DER", "-nosmimecap",
    )  # fmt: skip
    with pytest.raises(cms.AlgorithmNotAllowed):
        cms.verify(weak, trusted=[peer.signer.certificate])
