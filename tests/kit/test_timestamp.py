"""Time-stamps: what is asked for leaves no content behind, and only what an authority signed for it is believed."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from senim.kit.clock import now
from senim.kit.crypto import keys, timestamp
from stand_ins.tsa.behaviour import Behaviour, Mode
from stand_ins.tsa.keys import Authority
from stand_ins.tsa.stamp import POLICY, answer
from tests.kit.certificates import DAY, Identity

CONTENT = "«Үлгі» signed".encode()
OURS = ObjectIdentifier(POLICY)
STAMPING = (ExtendedKeyUsageOID.TIME_STAMPING,)


def authority(**more: object) -> Authority:
    key = keys.new_ec()
    made = Identity(key, "signing", **{"extended": STAMPING, **more})  # type: ignore[arg-type]
    return Authority(key, made.certificate)


@pytest.fixture(scope="module")
def known() -> Authority:
    return authority()


@pytest.fixture(scope="module")
def stamped(known: Authority) -> bytes:
    return answer(timestamp.ask(CONTENT).der, known, Behaviour())


def test_a_stamp_says_when_and_by_whose_word(known: Authority) -> None:
    asked, before = timestamp.ask(CONTENT, policy=OURS), now()
    stamp = timestamp.verify(
        answer(asked.der, known, Behaviour()), CONTENT, trusted=[known.certificate], policies=[OURS], nonce=asked.nonce
    )
    assert before.replace(microsecond=0) <= stamp.at <= now()
    assert (stamp.certificate, stamp.policy) == (known.certificate, OURS)
    assert stamp.accuracy is not None
    assert stamp.accuracy.total_seconds() == 1


def test_a_request_holds_the_digest_and_nothing_of_the_content() -> None:
    one, other = timestamp.ask(CONTENT), timestamp.ask(CONTENT)
    assert CONTENT not in one.der
    assert one.nonce != other.nonce


@pytest.mark.parametrize(
    ("mode", "refusal"),
    [
        (Mode.GARBAGE, timestamp.NotAStamp),
        (Mode.REFUSE, timestamp.StampNotGranted),
        (Mode.WRONG_IMPRINT, timestamp.StampForAnother),
        (Mode.WRONG_NONCE, timestamp.StampNotAskedFor),
        (Mode.WRONG_SIGNATURE, timestamp.StampSignatureWrong),
    ],
)
def test_an_answer_that_is_not_right_is_refused_by_name(
    known: Authority, mode: Mode, refusal: type[timestamp.StampRefused]
) -> None:
    asked = timestamp.ask(CONTENT)
    with pytest.raises(refusal):
        timestamp.verify(
            answer(asked.der, known, Behaviour(mode)), CONTENT, trusted=[known.certificate], nonce=asked.nonce
        )


def test_a_stamp_over_other_bytes_is_refused(known: Authority, stamped: bytes) -> None:
    with pytest.raises(timestamp.StampForAnother):
        timestamp.verify(stamped, CONTENT + b" ", trusted=[known.certificate])


def test_another_policy_than_those_agreed_to_is_refused(known: Authority, stamped: bytes) -> None:
    assert timestamp.verify(stamped, CONTENT, trusted=[known.certificate], policies=[OURS])
    with pytest.raises(timestamp.PolicyUnknown):
        timestamp.verify(stamped, CONTENT, trusted=[known.certificate], policies=[ObjectIdentifier("1.2.398.1")])
    refused = answer(timestamp.ask(CONTENT, policy=ObjectIdentifier("1.2.398.1")).der, known, Behaviour())
    with pytest.raises(timestamp.StampNotGranted):
        timestamp.verify(refused, CONTENT, trusted=[known.certificate])


def test_only_a_pinned_authority_is_believed_present_or_former(known: Authority, stamped: bytes) -> None:
    other = authority()
    assert timestamp.verify(stamped, CONTENT, trusted=[other.certificate, known.certificate])
    for trusted in ([], [other.certificate]):
        with pytest.raises(timestamp.NotTheAuthority):
            timestamp.verify(stamped, CONTENT, trusted=trusted)


def test_a_certificate_under_the_same_name_and_number_is_another_one(known: Authority, stamped: bytes) -> None:
    """The same key, name and number: only the digest among the signed attributes tells them apart."""
    ours = known.certificate
    twin = x509.CertificateBuilder(
        ours.issuer, ours.subject, ours.public_key(), ours.serial_number, ours.not_valid_before_utc, now() + 9 * DAY
    )
    with pytest.raises(timestamp.NotTheAuthority):
        timestamp.verify(stamped, CONTENT, trusted=[twin.sign(known.key, hashes.SHA256())])


@pytest.mark.parametrize(
    "more",
    [
        {"extended": ()},
        {"critical": False},
        {"extended": (*STAMPING, ExtendedKeyUsageOID.CODE_SIGNING)},
        {"extended": (ExtendedKeyUsageOID.SERVER_AUTH,)},
        {"starts": -2 * DAY, "ends": -DAY},
        {"starts": DAY, "ends": 2 * DAY},
    ],
)
def test_a_certificate_for_another_use_or_time_stamps_nothing(more: dict[str, object]) -> None:
    unfit = authority(**more)
    stamped = answer(timestamp.ask(CONTENT).der, unfit, Behaviour())
    with pytest.raises(timestamp.AuthorityNotGood):
        timestamp.verify(stamped, CONTENT, trusted=[unfit.certificate])


def test_both_sides_of_a_certificates_end(known: Authority) -> None:
    ends = known.certificate.not_valid_after_utc
    timestamp.require_authority(known.certificate, ends)
    with pytest.raises(timestamp.AuthorityNotGood):
        timestamp.require_authority(known.certificate, ends + DAY / 86400)


def test_a_key_on_another_curve_still_signs_with_sha256() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    other = Authority(key, Identity(key, "signing", extended=STAMPING).certificate)
    assert timestamp.verify(
        answer(timestamp.ask(CONTENT).der, other, Behaviour()), CONTENT, trusted=[other.certificate]
    )


def test_no_bit_of_a_stamp_can_be_turned_unseen(known: Authority, stamped: bytes) -> None:
    """But for the certificate that lies beside, which is not read, and the words of the status."""
    true = timestamp.verify(stamped, CONTENT, trusted=[known.certificate])
    beside = stamped.find(known.certificate.tbs_certificate_bytes)
    end = beside + len(known.certificate.tbs_certificate_bytes) + len(known.certificate.signature)
    for place in [*range(beside - 8), *range(end + 20, len(stamped))]:
        turned = bytearray(stamped)
        turned[place] ^= 1
        try:
            found = timestamp.verify(bytes(turned), CONTENT, trusted=[known.certificate])
        except timestamp.StampRefused:
            continue
        assert found == true, place


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_by_name(known: Authority, data: bytes) -> None:
    with pytest.raises(timestamp.StampRefused):
        timestamp.verify(data, CONTENT, trusted=[known.certificate])


@given(st.data())
def test_a_stamp_with_any_bytes_inside_is_refused_or_proves_the_same(
    known: Authority, stamped: bytes, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(stamped) - 1))
    length = data.draw(st.integers(0, 20))
    changed = stamped[:start] + data.draw(st.binary(max_size=20)) + stamped[start + length :]
    try:
        found = timestamp.verify(changed, CONTENT, trusted=[known.certificate])
    except timestamp.StampRefused:
        return
    assert found == timestamp.verify(stamped, CONTENT, trusted=[known.certificate])
