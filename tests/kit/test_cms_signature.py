"""SignedData: what the owner of the pinned certificate signed, and nothing else."""

from collections.abc import Callable

import pytest
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from hypothesis import given
from hypothesis import strategies as st

from senim.kit.clock import now
from senim.kit.crypto import cms, cms_forms, keys
from tests.kit.certificates import DAY, Identity

CONTENT = '{"kind":"IncidentNotice","note":"Қауіпсіздік\\r\\n"}'.encode()
SIGNER = Identity(keys.new_ec(), "signing")
SIGNED = cms.sign(CONTENT, SIGNER.key, SIGNER.certificate)


@pytest.mark.parametrize("usage", ["signing", "commitment"])
@pytest.mark.parametrize("make", [keys.new_ec, keys.new_rsa])
def test_what_was_signed_comes_back_with_its_time(make: Callable[[], ec.EllipticCurvePrivateKey], usage: str) -> None:
    signer = Identity(make(), usage)
    signed = cms.verify(cms.sign(CONTENT, signer.key, signer.certificate), trusted=[signer.certificate], at=now())
    assert signed.content == CONTENT
    assert abs(signed.signed_at - now()) < DAY


def test_every_flipped_bit_is_refused() -> None:
    accepted = []
    for place in range(len(SIGNED) * 8):
        flipped = bytearray(SIGNED)
        flipped[place // 8] ^= 1 << place % 8
        try:
            cms.verify(bytes(flipped), trusted=[SIGNER.certificate])
        except cms.SealRefused:
            continue
        accepted.append(place)
    assert accepted == []


@given(st.data())
def test_any_other_bytes_are_refused(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(SIGNED)))
    end = data.draw(st.integers(start, len(SIGNED)))
    mangled = SIGNED[:start] + data.draw(st.binary(max_size=40)) + SIGNED[end:]
    if mangled != SIGNED:
        with pytest.raises(cms.SealRefused):
            cms.verify(mangled, trusted=[SIGNER.certificate])


def test_another_signer_is_refused_even_with_the_same_name() -> None:
    stranger = Identity(keys.new_ec(), "signing")
    with pytest.raises(cms.NotTheSigner):
        cms.verify(cms.sign(CONTENT, stranger.key, stranger.certificate), trusted=[SIGNER.certificate])


def test_a_certificate_of_another_key_signs_nothing() -> None:
    with pytest.raises(cms.CertificateNotGood, match="another key"):
        cms.sign(CONTENT, keys.new_ec(), SIGNER.certificate)


def test_a_key_that_is_not_for_signing_is_refused() -> None:
    signer = Identity(keys.new_ec(), "encryption")
    with pytest.raises(cms.CertificateNotGood, match="not meant for signing"):
        cms.verify(cms.sign(CONTENT, signer.key, signer.certificate), trusted=[signer.certificate])


def test_a_certificate_that_does_not_say_its_use_is_refused() -> None:
    signer = Identity(keys.new_ec(), "")
    with pytest.raises(cms.CertificateNotGood, match="does not say"):
        cms.verify(cms.sign(CONTENT, signer.key, signer.certificate), trusted=[signer.certificate])


def test_the_certificate_counts_as_long_as_it_is_valid_and_no_longer() -> None:
    edge = SIGNER.certificate.not_valid_after_utc
    assert cms.verify(SIGNED, trusted=[SIGNER.certificate], at=edge).content == CONTENT
    with pytest.raises(cms.CertificateNotGood, match="valid from"):
        cms.verify(SIGNED, trusted=[SIGNER.certificate], at=edge + DAY / 86400)
    with pytest.raises(cms.CertificateNotGood, match="valid from"):
        cms.verify(SIGNED, trusted=[SIGNER.certificate], at=SIGNER.certificate.not_valid_before_utc - DAY / 86400)


def test_a_proof_outlives_its_certificate_but_was_never_made_with_an_expired_one() -> None:
    expired = Identity(keys.new_ec(), "signing", starts=-2 * DAY, ends=-DAY)
    with pytest.raises(cms.CertificateNotGood):
        cms.verify(cms.sign(CONTENT, expired.key, expired.certificate), trusted=[expired.certificate])
    assert cms.verify(SIGNED, trusted=[SIGNER.certificate], at=None).content == CONTENT


@pytest.mark.parametrize("option", [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.NoAttributes])
def test_detached_or_bare_signatures_are_refused(option: pkcs7.PKCS7Options) -> None:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(CONTENT)
    builder = builder.add_signer(SIGNER.certificate, SIGNER.key, hashes.SHA256())
    with pytest.raises(cms.NotSignedData):
        cms.verify(builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary, option]), trusted=[SIGNER.certificate])


def test_two_signatures_are_refused() -> None:
    other = Identity(keys.new_ec(), "signing")
    builder = pkcs7.PKCS7SignatureBuilder().set_data(CONTENT)
    for signer in (SIGNER, other):
        builder = builder.add_signer(signer.certificate, signer.key, hashes.SHA256())
    with pytest.raises(cms.NotSignedData, match="not one signature"):
        cms.verify(builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary]), trusted=[SIGNER.certificate])


@pytest.mark.parametrize("digest", [hashes.SHA224(), hashes.SHA384(), hashes.SHA512()])
def test_another_digest_is_refused(digest: pkcs7.PKCS7HashTypes) -> None:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(CONTENT).add_signer(SIGNER.certificate, SIGNER.key, digest)
    with pytest.raises(cms.AlgorithmNotAllowed):
        cms.verify(builder.sign(Encoding.DER, [pkcs7.PKCS7Options.Binary]), trusted=[SIGNER.certificate])


def test_a_signature_over_the_attributes_as_they_stand_in_the_file_is_refused() -> None:
    """RFC 5652 §5.4: the signature is over SET OF (tag 31), not over [0] (tag A0)."""
    file = asn1.decode_der(cms_forms.SignedFile, SIGNED)
    (signer,) = file.content.signers.as_list()
    as_set = asn1.encode_der(signer.attributes)
    assert as_set[:1] == b"\x31"
    as_it_stands = b"\xa0" + as_set[1:]
    signer.signature = SIGNER.key.sign(as_it_stands, ec.ECDSA(hashes.SHA256()))
    with pytest.raises(cms.SignatureWrong):
        cms.verify(asn1.encode_der(file), trusted=[SIGNER.certificate])


def test_other_content_under_a_true_signature_is_refused() -> None:
    file = asn1.decode_der(cms_forms.SignedFile, SIGNED)
    file.content.content.content = CONTENT.replace(b"Incident", b"Accident")
    with pytest.raises(cms.ContentChanged):
        cms.verify(asn1.encode_der(file), trusted=[SIGNER.certificate])
