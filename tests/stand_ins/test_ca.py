"""The demonstration CA: certificates that are good here, for ninety days at most, and nowhere else."""

import subprocess
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.stand_ins.bureau import Bureau, openssl, program


@pytest.fixture
def certificates(founded: Bureau) -> dict[str, x509.Certificate]:
    """Everything that was issued, by file name."""
    paths = [founded.folder / "ca.crt", *founded.folder.glob("*[!a].crt"), *founded.regulator.glob("[!c]*.crt")]
    return {path.stem: x509.load_pem_x509_certificate(path.read_bytes()) for path in paths}


def test_no_certificate_outlives_ninety_days(certificates: dict[str, x509.Certificate]) -> None:
    assert len(certificates) == 8
    for certificate in certificates.values():
        assert (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days <= 90


def test_the_cas_key_is_nowhere(founded: Bureau, certificates: dict[str, x509.Certificate]) -> None:
    ca = certificates["ca"].public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    keys = list(founded.folder.rglob("*.key"))
    assert len(keys) == 10
    for path in keys:
        public = openssl("pkey", "-in", path, "-pubout", "-outform", "DER")
        assert public != ca


def test_openssl_accepts_each_for_its_use_and_for_no_other(founded: Bureau) -> None:
    assert _verifies(founded, founded.regulator / "tls.crt", "sslserver")
    assert not _verifies(founded, founded.regulator / "tls.crt", "sslclient")
    assert _verifies(founded, founded.folder / "client-tls.crt", "sslclient")
    assert not _verifies(founded, founded.folder / "client-tls.crt", "sslserver")


def _verifies(founded: Bureau, certificate: Path, purpose: str) -> bool:
    try:
        openssl("verify", "-CAfile", founded.folder / "ca.crt", "-purpose", purpose, certificate)
    except subprocess.CalledProcessError:
        return False
    return True


def test_a_request_that_is_not_its_keys_own_is_refused(founded: Bureau, tmp_path: Path) -> None:
    request = tmp_path / "forged.csr"
    good = openssl("req", "-in", founded.folder / "client-tls.csr", "-outform", "DER")
    request.write_bytes(openssl("req", "-inform", "DER", given=good[:-1] + bytes([good[-1] ^ 1])))
    result = program("stand_ins.ca", "--ca", tmp_path / "ca.crt", request, "signing", tmp_path / "x.crt")
    assert result.returncode != 0
    assert "not signed by the key it names" in result.stderr
    assert not (tmp_path / "x.crt").exists()


@pytest.mark.parametrize("words", [("one",), ("x.csr", "signing"), ("x.csr", "signing", "x.crt", "y.csr")])
def test_an_order_that_is_not_whole_is_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    result = program("stand_ins.ca", "--ca", tmp_path / "ca.crt", *words)
    assert result.returncode == 2
    assert "three words each" in result.stderr
    assert not (tmp_path / "ca.crt").exists()
