"""Our signed notes against the reference implementation's published key and note.

Source: Go's golang.org/x/mod/sumdb/note, `note_test.go`, which C2SP signed-note quotes. Ed25519 is deterministic, so
our signature must be theirs to the byte.
"""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from senim.audit.internal.note import BadNote, Signer

SEED = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
KEY_ID = "c74f20a3"
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
NOTE = f"{TEXT}\n— PeterNeumann {SIGNATURE}\n"


@pytest.fixture
def signer() -> Signer:
    return Signer("PeterNeumann", Ed25519PrivateKey.from_private_bytes(SEED))


def test_we_sign_as_the_reference_does(signer: Signer) -> None:
    assert signer.verifier.key_id.hex() == KEY_ID
    assert signer.sign(TEXT) == NOTE


def test_we_open_what_the_reference_signed(signer: Signer) -> None:
    assert signer.verifier.open(NOTE) == TEXT


def test_signatures_of_others_are_passed_over(signer: Signer) -> None:
    stranger = base64.b64encode(bytes(68)).decode()
    assert signer.verifier.open(f"{NOTE}— EnochRoot {stranger}\n") == TEXT


@pytest.mark.parametrize(
    "note",
    [
        NOTE.replace("answer", "Answer"),
        NOTE.replace("PeterNeumann", "EnochRoot"),
        NOTE.replace("— ", "- "),
        NOTE.rstrip("\n"),
        NOTE.replace("\n\n", "\n"),
        NOTE.replace(SIGNATURE, SIGNATURE[:-8]),
        NOTE.replace("cryptography", "crypto\tgraphy"),
        TEXT,
        "",
    ],
)
def test_anything_else_is_refused(signer: Signer, note: str) -> None:
    with pytest.raises(BadNote):
        signer.verifier.open(note)
