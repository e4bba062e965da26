"""Certificates are renewed: what was signed and sealed under former ones stays open, accepted and provable."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from senim.asoi import pinned, queries
from senim.asoi.errors import CertificateUnreadable, ProofRefused
from senim.asoi.internal.channel import Channel
from senim.asoi.internal.credentials import MESSAGE_SIGNING, Credentials, own_certificates
from senim.asoi.internal.renewal import Renewing
from senim.asoi.models import Message
from senim.asoi.verification import Trust, verify_bundle
from senim.kit.crypto import cms, keys
from senim.kit.instance import Instance
from tests.asoi.copies import certify_real, copy_of
from tests.asoi.regulator import Regulator
from tests.kit.certificates import DAY, Identity

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


class TestWhileTheProcessRuns:
    """Certificates are replaced under its hands; nothing is started again, and nothing is lost."""

    @pytest.fixture
    def house(self, instance: Instance, tmp_path: Path) -> Instance:
        return copy_of(instance, tmp_path / "running")

    @pytest.fixture
    def renewing(self, house: Instance) -> Renewing:
        return Renewing(house, Channel.of(house))

    def replace(self, house: Instance, *places: str) -> None:
        """Put a new certificate in front of the one at each of `places`."""
        for key, usage, place in RENEWED:
            if place in places:
                path = house.home / f"{place}.crt"
                former = path.read_bytes()
                certify_real(house.home / f"{key}.key", usage, path)
                path.write_bytes(path.read_bytes() + former)

    def deliver(self, renewing: Renewing, house: Instance, message: Message) -> Message:
        """By the channel as it is now, to a regulator who knows the present files."""
        channel = renewing.channel()
        Channel(channel.credentials, Regulator(house), channel.settings, channel.sender).deliver(message.pk)
        return queries.message(message.pk)

    def test_without_a_change_it_is_the_same_channel(self, renewing: Renewing) -> None:
        assert renewing.channel() is renewing.channel()

    @pytest.mark.clause("R228/81")
    @pytest.mark.parametrize("place", [place for _, _, place in RENEWED])
    def test_what_waited_sealed_and_what_waited_unsealed_both_arrive(
        self, enqueue: Callable[..., Message], renewing: Renewing, house: Instance, place: str
    ) -> None:
        before, after = enqueue(), enqueue()
        former = renewing.channel()
        assert former.seal(before)
        self.replace(house, place)
        assert renewing.channel() is not former
        assert renewing.channel().seal(after)
        for message in (before, after):
            assert self.deliver(renewing, house, message).state == Message.State.DELIVERED
            verify_bundle(queries.proof_bundle(queries.message(message.pk)), Trust.of(house))

    def test_what_is_sealed_next_is_signed_under_the_new_certificate(
        self, enqueue: Callable[..., Message], renewing: Renewing, house: Instance
    ) -> None:
        message = enqueue()
        self.replace(house, "keys/asoi/message-signing")
        assert renewing.channel().seal(message)
        signed = bytes(queries.message(message.pk).signed or b"")
        assert cms.enclosed_certificate(signed) == own_certificates(house, MESSAGE_SIGNING)[0]

    def test_a_successor_that_has_not_begun_is_not_used_yet(
        self, enqueue: Callable[..., Message], renewing: Renewing, house: Instance
    ) -> None:
        message, path = enqueue(), house.certificate("asoi", "message-signing")
        present = path.read_bytes()
        key = renewing.channel().credentials.signing_key
        path.write_bytes(Identity(key, "signing", starts=DAY, ends=90 * DAY).certificate.public_bytes(Encoding.PEM))
        path.write_bytes(path.read_bytes() + present)
        assert renewing.channel().seal(message)
        signed = bytes(queries.message(message.pk).signed or b"")
        assert cms.enclosed_certificate(signed) == own_certificates(house, MESSAGE_SIGNING)[1]

    @pytest.mark.refusal
    @pytest.mark.parametrize("written", [b"", b"-----BEGIN CERTIFICATE-----\nMIIB"])
    def test_a_file_that_is_half_written_changes_nothing_until_it_is_whole(
        self, enqueue: Callable[..., Message], renewing: Renewing, house: Instance, written: bytes
    ) -> None:
        message, path, former = enqueue(), house.trust(pinned.ENCRYPTION), renewing.channel()
        whole = path.read_bytes()
        path.write_bytes(written)
        assert renewing.channel() is former
        path.unlink()
        assert renewing.channel() is former
        assert renewing.channel().seal(message)
        path.write_bytes(whole)
        assert renewing.channel() is not former
        assert self.deliver(renewing, house, message).state == Message.State.DELIVERED

    @pytest.mark.parametrize("purpose", ["message-signing", "receipt-decryption", "client-tls"])
    def test_a_certificate_of_another_key_is_not_taken_up_before_its_key_is_there(
        self, renewing: Renewing, house: Instance, purpose: str
    ) -> None:
        former, path = renewing.channel(), house.key("asoi", purpose)
        usage = "encryption" if purpose == "receipt-decryption" else "signing"
        key = keys.new_rsa() if usage == "encryption" else keys.new_ec()
        house.certificate("asoi", purpose).write_bytes(Identity(key, usage).certificate.public_bytes(Encoding.PEM))
        assert renewing.channel() is former
        keys.store(path, key)
        assert renewing.channel() is not former

    def test_a_new_tls_certificate_is_shown_from_the_next_try_on(self, renewing: Renewing, house: Instance) -> None:
        former = renewing.channel().adapter
        path = house.certificate("asoi", "client-tls")
        certify_real(house.key("asoi", "client-tls"), "signing", path)
        assert renewing.channel().adapter is not former


def test_a_file_without_a_certificate_is_refused_by_name(tmp_path: Path) -> None:
    for content in (b"", b"\x30\x82", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"):
        (tmp_path / "x.crt").write_bytes(content)
        with pytest.raises(CertificateUnreadable, match=r"x\.crt"):
            pinned.read(tmp_path / "x.crt")
