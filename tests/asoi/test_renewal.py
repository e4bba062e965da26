"""Certificates are renewed: what was signed and sealed under former ones stays open, accepted and provable."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes

from senim.asoi import pinned, queries
from senim.asoi.errors import CertificateUnreadable, ProofRefused
from senim.asoi.internal.channel import Channel
from senim.asoi.internal.credentials import Credentials
from senim.asoi.models import Message
from senim.asoi.verification import Trust, verify_bundle
from senim.kit.instance import Instance
from tests.asoi.copies import certify_real, copy_of
from tests.asoi.regulator import Regulator

RENEWED = (
    ("keys/asoi/message-signing", "signing", "keys/asoi/message-signing"),
    ("keys/asoi/receipt-decryption", "encryption", "keys/asoi/receipt-decryption"),
    ("stand_ins/asoi/signing", "signing", "trust/regulator/signing"),
    ("stand_ins/asoi/encryption", "encryption", "trust/regulator/encryption"),
)


@pytest.fixture
def renew(instance: Instance, tmp_path: Path) -> Callable[[bool], Instance]:
    """Has all certificates of messages renewed, the former ones kept behind or thrown away."""

    def do(keep: bool) -> Instance:
        renewed = copy_of(instance, tmp_path)
        for key, usage, place in RENEWED:
            path = renewed.home / f"{place}.crt"
            former = path.read_bytes()
            certify_real(renewed.home / f"{key}.key", usage, path)
            if keep:
                path.write_bytes(path.read_bytes() + former)
        return renewed

    return do


Renew = Callable[[bool], Instance]


def test_a_proof_of_before_holds_afterwards(delivered: Message, renew: Renew) -> None:
    bundle = queries.proof_bundle(delivered)
    proven = verify_bundle(bundle, Trust.of(renew(True)))
    assert proven.message["id"] == str(delivered.pk)
    assert proven.regulator == delivered.receipt.signer


@pytest.mark.refusal
def test_a_certificate_that_is_kept_nowhere_is_not_believed(delivered: Message, renew: Renew) -> None:
    with pytest.raises(ProofRefused):
        verify_bundle(queries.proof_bundle(delivered), Trust.of(renew(False)))


def test_a_receipt_of_before_is_still_accepted(
    sealed: Message, channel: Channel, regulator: Regulator, renew: Renew
) -> None:
    regulator.answers = regulator.receipt(regulator.open(bytes(sealed.sealed)))
    renewed = Credentials.load(renew(True))
    Channel(renewed, regulator, channel.settings, channel.sender).deliver(sealed.pk)
    message = queries.message(sealed.pk)
    assert message.state == Message.State.DELIVERED
    assert message.receipt.signer != renewed.regulator_signing[0].fingerprint(hashes.SHA256()).hex()


def test_what_is_told_afterwards_is_sealed_under_the_new_ones(
    enqueue: Callable[..., Message], channel: Channel, renew: Renew
) -> None:
    renewed = renew(True)
    regulator = Regulator(renewed)
    after = Channel(Credentials.load(renewed), regulator, channel.settings, channel.sender)
    message = enqueue()
    after.seal(message)
    after.deliver(message.pk)
    (regulator_now, _former) = pinned.certificates(renewed, pinned.SIGNING)
    assert queries.message(message.pk).receipt.signer == regulator_now.fingerprint(hashes.SHA256()).hex()


def test_a_file_without_a_certificate_is_refused_by_name(tmp_path: Path) -> None:
    for content in (b"", b"\x30\x82", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        (tmp_path / "x.crt").write_bytes(content)
        with pytest.raises(CertificateUnreadable, match=r"x\.crt"):
            pinned.read(tmp_path / "x.crt")
