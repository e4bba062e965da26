"""AuthEnvelopedData: opens for its recipient, whole, or not at all and without a word why."""

import pytest
from cryptography.hazmat import asn1
from hypothesis import given
from hypothesis import strategies as st

from senim.kit.crypto import cms, cms_forms, keys
from tests.kit.certificates import Identity

RECIPIENT = Identity(keys.new_rsa(), "encryption")
STRANGER = Identity(keys.new_rsa(), "encryption")
ENVELOPE = cms.encrypt(b"what was said", RECIPIENT.certificate)


def opened(der: bytes) -> bytes:
    return cms.decrypt(der, RECIPIENT.key, [RECIPIENT.certificate])


@given(st.binary(max_size=5000))
def test_what_is_sealed_opens_for_its_recipient(content: bytes) -> None:
    assert opened(cms.encrypt(content, RECIPIENT.certificate)) == content


def test_the_same_content_never_has_the_same_envelope() -> None:
    assert cms.encrypt(b"x", RECIPIENT.certificate) != cms.encrypt(b"x", RECIPIENT.certificate)


def test_every_flipped_byte_is_refused_in_the_same_words() -> None:
    said = set()
    for place in range(len(ENVELOPE)):
        flipped = bytearray(ENVELOPE)
        flipped[place] ^= 1 << place % 8
        with pytest.raises(cms.SealRefused) as refusal:
            opened(bytes(flipped))
        said.add((refusal.type, refusal.value.args, refusal.value.__cause__))
    assert said == {(cms.CannotOpen, (), None)}


@given(st.data())
def test_any_other_bytes_are_refused(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(ENVELOPE)))
    end = data.draw(st.integers(start, len(ENVELOPE)))
    mangled = ENVELOPE[:start] + data.draw(st.binary(max_size=40)) + ENVELOPE[end:]
    if mangled != ENVELOPE:
        with pytest.raises(cms.CannotOpen):
            opened(mangled)


def test_a_stranger_does_not_open_it() -> None:
    with pytest.raises(cms.CannotOpen):
        cms.decrypt(ENVELOPE, STRANGER.key, [STRANGER.certificate])
    with pytest.raises(cms.CannotOpen):
        cms.decrypt(ENVELOPE, STRANGER.key, [RECIPIENT.certificate])


def test_a_second_recipient_is_refused() -> None:
    file = asn1.decode_der(cms_forms.EnvelopedFile, ENVELOPE)
    other = asn1.decode_der(cms_forms.EnvelopedFile, cms.encrypt(b"", STRANGER.certificate))
    both = [*file.content.recipients.as_list(), *other.content.recipients.as_list()]
    file.content.recipients = asn1.SetOf(both)
    with pytest.raises(cms.CannotOpen):
        opened(asn1.encode_der(file))


def test_nothing_is_sealed_to_a_key_that_cannot_open_it() -> None:
    with pytest.raises(cms.CertificateNotGood, match="no RSA key"):
        cms.encrypt(b"x", Identity(keys.new_ec(), "encryption").certificate)


def test_envelopes_and_signed_files_are_told_apart() -> None:
    signer = Identity(keys.new_ec(), "signing")
    assert cms.is_enveloped(ENVELOPE)
    assert not cms.is_enveloped(cms.sign(b"x", signer.key, signer.certificate))
    assert not cms.is_enveloped(b"x")
