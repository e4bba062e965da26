"""A demonstration's certificates: issued together, renewed before they end, whole again after a broken-off renewal."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from senim.kit.clock import now
from senim.kit.instance import Instance
from senim.site.certificates import RENEWED_BEFORE, certify_demonstration, is_renewal_due
from senim.site.startup import raise_if_unfit
from tests.founded import founded


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return founded(tmp_path / "d", usual_ports=True)


def _certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _ends(instance: Instance) -> timedelta:
    return _certificate(instance.trust("ca")).not_valid_after_utc - now()


def test_fresh_certificates_are_not_renewed(instance: Instance) -> None:
    assert not is_renewal_due(instance, now())


def test_they_are_renewed_thirty_days_before_they_end(instance: Instance) -> None:
    left = _ends(instance)
    assert not is_renewal_due(instance, now() + left - RENEWED_BEFORE - timedelta(hours=1))
    assert is_renewal_due(instance, now() + left - RENEWED_BEFORE + timedelta(hours=1))


@pytest.mark.parametrize("place", ["trust/regulator/signing.crt", "keys/asoi/client-tls.crt", "trust/ca.crt"])
def test_a_missing_one_is_issued_with_all_others(instance: Instance, place: str) -> None:
    (instance.home / place).unlink()
    assert is_renewal_due(instance, now())
    certify_demonstration(instance)
    assert not is_renewal_due(instance, now())
    raise_if_unfit(instance)


def test_a_renewal_keeps_the_keys_and_both_sides_believe_the_new_certificates(instance: Instance) -> None:
    path = instance.certificate("asoi", "message-signing")
    before = _certificate(path)
    certify_demonstration(instance)
    after = _certificate(path)
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert after.public_key().public_bytes(*form) == before.public_key().public_bytes(*form)
    assert after.serial_number != before.serial_number
    regulator = instance.home / "stand_ins" / "asoi"
    assert (regulator / "bureau" / "message-signing.crt").read_bytes() == path.read_bytes()
    assert (regulator / "signing.crt").read_bytes() == instance.trust("regulator/signing").read_bytes()
    _certificate(instance.certificate("console", "door-tls")).verify_directly_issued_by(
        _certificate(instance.trust("ca"))
    )


@pytest.mark.parametrize("times", [1, 2])
def test_former_certificates_of_messages_stay_behind_the_present_ones(instance: Instance, times: int) -> None:
    regulator = instance.home / "stand_ins" / "asoi"
    ours = [instance.certificate("asoi", purpose) for purpose in ("message-signing", "receipt-decryption")]
    theirs = [instance.trust("regulator/signing"), instance.trust("regulator/encryption")]
    before = {path: path.read_bytes() for path in (*ours, *theirs)}
    for _time in range(times):
        certify_demonstration(instance)
    for path, former in before.items():
        assert path.read_bytes().endswith(former)
        assert len(x509.load_pem_x509_certificates(path.read_bytes())) == 1 + times
    assert (regulator / "encryption.crt").read_bytes() == theirs[1].read_bytes()
    assert len(x509.load_pem_x509_certificates(instance.certificate("console", "door-tls").read_bytes())) == 1
    assert not list(instance.home.rglob("*.new"))
    raise_if_unfit(instance)


def test_a_renewal_that_broke_off_is_done_again(instance: Instance) -> None:
    handed_over = instance.home / "stand_ins" / "asoi" / "ca.crt"
    of_before = handed_over.read_bytes()
    certify_demonstration(instance)
    handed_over.write_bytes(of_before)
    assert is_renewal_due(instance, now())


def test_a_broken_one_is_issued_anew(instance: Instance) -> None:
    instance.certificate("asoi", "client-tls").write_text("not a certificate\n")
    assert is_renewal_due(instance, now())
    certify_demonstration(instance)
    assert not is_renewal_due(instance, now())
    raise_if_unfit(instance)
