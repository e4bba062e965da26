"""Files that people hand in may hold anything: they are refused by name, never by a crash."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from senim.audit import proof
from senim.audit.errors import ProofRefused
from senim.audit.internal import tree_head
from senim.audit.internal.note import BadNote, Signer

SIGNER = Signer("senim/000140000002/audit", Ed25519PrivateKey.from_private_bytes(bytes(32)))
ROOT = base64.b64encode(bytes(32)).decode()
texts = st.text(st.characters(codec=None) | st.sampled_from("\n— +/=\ud800"), max_size=200)


@given(texts)
def test_any_text_is_refused_as_a_checkpoint(text: str) -> None:
    with pytest.raises(BadNote):
        tree_head.read(text, SIGNER.verifier)


@given(texts)
def test_any_lines_below_a_text_are_refused_as_signatures(text: str) -> None:
    with pytest.raises(BadNote):
        tree_head.read(f"{SIGNER.name}\n1\n{ROOT}\n\n— {text}\n", SIGNER.verifier)


@pytest.mark.parametrize(
    "text",
    [
        f"{SIGNER.name}\n01\n{ROOT}\n",
        f"{SIGNER.name}\n-1\n{ROOT}\n",
        f"{SIGNER.name}\n٣\n{ROOT}\n",
        f"{SIGNER.name}\n{'9' * 5000}\n{ROOT}\n",
        f"{SIGNER.name}\n1\n{ROOT[:-4]}\n",
        f"{SIGNER.name}\n1\nқате\n",
        f"{SIGNER.name}\n1\n",
        f"other\n1\n{ROOT}\n",
    ],
)
def test_a_signed_text_that_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        tree_head.read(SIGNER.sign(text), SIGNER.verifier)


def test_lines_that_others_add_below_the_third_are_passed_over() -> None:
    assert tree_head.read(SIGNER.sign(f"{SIGNER.name}\n7\n{ROOT}\nmore\n"), SIGNER.verifier).size == 7


@given(st.binary(max_size=200) | texts.map(lambda text: text.encode(errors="surrogatepass")))
def test_any_bytes_are_refused_as_a_proof(document: bytes) -> None:
    with pytest.raises(ProofRefused):
        proof.check(proof.decode(document), SIGNER.verifier.key)


@pytest.mark.parametrize(
    "document",
    [
        b'{"kind":"inclusion","row":{"x":1e400},"index":0,"hashes":[],"checkpoint":"x"}',
        b'{"kind":"inclusion","row":{"x":"\\ud800"},"index":0,"hashes":[],"checkpoint":"x"}',
        b'{"kind":"inclusion","row":{},"index":-1,"hashes":["x"],"checkpoint":"a\\n\\nb"}',
        b'{"kind":"consistency","earlier":"\\ud800","hashes":[],"checkpoint":"\\ud800\\n\\n"}',
        b'{"kind":"inclusion","row":%s1%s,"index":0,"hashes":[],"checkpoint":"x"}' % (b'{"a":' * 3000, b"}" * 3000),
        b'{"kind":"inclusion","row":{"x":"\xff"},"index":0,"hashes":[],"checkpoint":"x"}',
    ],
)
def test_a_proof_of_nonsense_is_refused(document: bytes) -> None:
    with pytest.raises(ProofRefused):
        proof.check(proof.decode(document), SIGNER.verifier.key)


def nested(depth: int) -> dict[str, object]:
    row: dict[str, object] = {}
    for _ in range(depth):
        row = {"a": row}
    return row


@pytest.mark.parametrize("row", [{"x": 2**60}, {"x": "\ud800"}, nested(5000)])
def test_a_true_checkpoint_over_a_row_that_has_no_canonical_form_is_refused(row: dict[str, object]) -> None:
    checkpoint = SIGNER.sign(f"{SIGNER.name}\n1\n{ROOT}\n")
    with pytest.raises(ProofRefused):
        proof.check(proof.InclusionProof(row, 0, (), checkpoint), SIGNER.verifier.key)
