"""What start-up hears of the channel before anything is sent."""

import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from senim.asoi import checks, pinned
from senim.asoi.errors import NotSealable
from senim.asoi.internal.channel import Channel
from senim.asoi.internal.credentials import Credentials
from senim.kit.clock import now
from senim.kit.crypto import keys
from senim.kit.instance import BadSettings, Instance
from tests.asoi.copies import certify_real, copy_of, pin_real
from tests.kit.certificates import DAY, Identity


@pytest.fixture
def copy(instance: Instance, tmp_path: Path) -> Path:
    """The folder of an instance with the same settings, keys and certificates."""
    return copy_of(instance, tmp_path).home


def names(home: Path) -> list[str]:
    return [finding.name for finding in checks.findings(Instance.load(home))]


def settings(home: Path, old: str, new: str) -> None:
    path = home / "senim.toml"
    path.write_text(path.read_text().replace(old, new))


def without_authority(home: Path) -> None:
    path = home / "senim.toml"
    path.write_text(re.sub(r"\[asoi\.tsa\]\nurl = .*\npolicy = .*\n", "", path.read_text()))


def test_a_demonstration_has_nothing_to_say(copy: Path) -> None:
    assert names(copy) == []
    assert checks.ending_soon(Instance.load(copy)) == []


@pytest.mark.clause("R228/81")
@pytest.mark.refusal
def test_production_refuses_every_certificate_of_a_demonstration(copy: Path) -> None:
    settings(copy, 'profile = "demonstration"', 'profile = "production"')
    assert names(copy) == ["asoi:demonstration"] * 6


def test_production_accepts_real_ones(copy: Path) -> None:
    settings(copy, 'profile = "demonstration"', 'profile = "production"')
    pin_real(Instance.load(copy))
    assert names(copy) == ["asoi:demonstration"] * 4
    stamping = Identity(keys.new_ec(), "signing", extended=(ExtendedKeyUsageOID.TIME_STAMPING,))
    (copy / "trust/tsa.crt").write_bytes(stamping.certificate.public_bytes(Encoding.PEM))
    for purpose, usage in (
        ("client-tls", "signing"),
        ("message-signing", "signing"),
        ("receipt-decryption", "encryption"),
    ):
        certify_real(copy / f"keys/asoi/{purpose}.key", usage, copy / f"keys/asoi/{purpose}.crt")
    assert names(copy) == []


@pytest.mark.clause("R228/81", "R228/81-13")
@pytest.mark.refusal
@pytest.mark.parametrize(
    "url", ["", "http://asoi.example/messages", "https://", "ftp://x", "https://x:port", "https://[x"]
)
def test_an_address_without_tls_is_refused(copy: Path, url: str) -> None:
    settings(copy, 'url = "https', f'url = "{url}" # ')
    assert names(copy) == ["asoi:address"]


@pytest.mark.parametrize("url", ["", "ftp://x", "http://", "http://x:port"])
def test_an_authority_without_an_address_is_refused(copy: Path, url: str) -> None:
    settings(copy, '[asoi.tsa]\nurl = "http', f'[asoi.tsa]\nurl = "{url}" # ')
    assert names(copy) == ["asoi:address"]


def test_an_authority_whose_certificate_is_for_something_else_is_named(copy: Path) -> None:
    shutil.copy(copy / "trust/regulator/signing.crt", copy / "trust/tsa.crt")
    assert names(copy) == ["asoi:certificate-not-good"]
    (copy / "trust/tsa.crt").unlink()
    assert names(copy) == ["asoi:certificate-missing"]


def test_without_an_authority_nothing_of_one_is_asked_for(copy: Path) -> None:
    without_authority(copy)
    (copy / "trust/tsa.crt").unlink()
    assert names(copy) == []


def test_a_missing_certificate_is_named(copy: Path) -> None:
    (copy / "trust/regulator/signing.crt").unlink()
    (finding,) = checks.findings(Instance.load(copy))
    assert finding.name == "asoi:certificate-missing"
    assert "trust/regulator/signing.crt" in str(finding.reason)
    with pytest.raises(NotSealable, match="regulator/signing"):
        Credentials.load(Instance.load(copy))


def test_a_certificate_for_another_use_or_time_is_named(copy: Path) -> None:
    expired = Identity(keys.new_rsa(), "encryption", starts=-2 * DAY, ends=-DAY)
    wrong = Identity(keys.new_ec(), "encryption")
    for name, identity in (("encryption", expired), ("signing", wrong)):
        (copy / f"trust/regulator/{name}.crt").write_bytes(identity.certificate.public_bytes(Encoding.PEM))
    assert names(copy) == ["asoi:certificate-not-good"] * 2


def test_certificates_are_named_before_they_end(copy: Path) -> None:
    instance = Instance.load(copy)
    ends = pinned.certificates(instance, pinned.SIGNING)[0].not_valid_after_utc
    assert len(checks.ending_soon(instance, now=ends - 30 * DAY + DAY / 1440)) == 6
    assert len(checks.ending_soon(instance, now=ends - 30 * DAY - DAY / 1440)) == 0
    assert len(checks.ending_soon(instance, now=now())) == 0


def test_how_long_before_is_a_setting(copy: Path) -> None:
    settings(copy, "[asoi]\n", "[asoi]\nends_within = 7.0\n")
    instance = Instance.load(copy)
    ends = pinned.certificates(instance, pinned.SIGNING)[0].not_valid_after_utc
    assert len(checks.ending_soon(instance, now=ends - 7 * DAY + DAY / 1440)) == 6
    assert len(checks.ending_soon(instance, now=ends - 7 * DAY - DAY / 1440)) == 0


@pytest.mark.parametrize(("starts", "is_named"), [(-DAY, False), (2 * DAY, False), (4 * DAY, True)])
def test_a_successor_that_begins_in_time_ends_the_warning(copy: Path, starts: timedelta, is_named: bool) -> None:
    """The present one ends in three days; its successor lies in front of it and begins before that, or too late."""
    key, path = keys.new_ec(), copy / "trust/regulator/signing.crt"
    present = Identity(key, "signing", ends=3 * DAY).certificate
    successor = Identity(key, "signing", starts=starts, ends=90 * DAY).certificate
    path.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in (successor, present)))
    named = [str(one.reason) for one in checks.ending_soon(Instance.load(copy))]
    assert any("regulator/signing" in reason for reason in named) is is_named
    assert names(copy) == []


def test_keys_of_the_wrong_kind_are_refused(copy: Path) -> None:
    shutil.copy(copy / "keys/asoi/receipt-decryption.key", copy / "keys/asoi/message-signing.key")
    with pytest.raises(NotSealable, match="needs an EC key"):
        Credentials.load(Instance.load(copy))


def test_an_unknown_word_in_the_settings_is_refused(copy: Path) -> None:
    settings(copy, "[asoi]", "[asoi]\nlaness = 3")
    with pytest.raises(BadSettings, match="laness"):
        Channel.of(Instance.load(copy))


def test_an_address_that_is_none_is_refused(copy: Path) -> None:
    settings(copy, 'url = "https', 'url = "https://x:port" # ')
    with pytest.raises(BadSettings, match=r"\[asoi\] url"):
        Channel.of(Instance.load(copy))
