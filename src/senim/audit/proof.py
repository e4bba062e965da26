"""Proofs that stand alone: whoever holds one and the log's public key needs neither us nor our database.

An inclusion proof shows that a row, with exactly these fields, is in the log of a signed checkpoint; a consistency
proof shows that a later log only added to an earlier one (RFC 9162 §2.1.3, §2.1.4). Both are JSON documents.
"""

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.utils.translation import gettext as _

from senim.audit.errors import ProofRefused
from senim.audit.internal import leaf, tree_head
from senim.audit.internal.note import BadNote, Verifier, split
from senim.audit.internal.proofs import proves_consistency, proves_inclusion
from senim.audit.internal.tree_head import TreeHead
from senim.kit.unreadable import UNREADABLE


class InclusionProof(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="inclusion"):
    """That `row` stands at `index` of the log at `checkpoint`."""

    row: dict[str, object]
    """The sealed row, all fields; its canonical JSON is the leaf."""
    index: int
    hashes: tuple[str, ...]
    """The path of RFC 9162 §2.1.3.1, hexadecimal."""
    checkpoint: str
    version: int = 1


class ConsistencyProof(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="consistency"):
    """That the log at `checkpoint` begins with the whole log at `earlier`."""

    earlier: str
    hashes: tuple[str, ...]
    """The path of RFC 9162 §2.1.4.1, hexadecimal."""
    checkpoint: str
    version: int = 1


Proof = InclusionProof | ConsistencyProof


def encode(proof: Proof) -> bytes:
    """`proof` as a document."""
    return msgspec.json.format(msgspec.json.encode(proof), indent=2) + b"\n"


def decode(document: bytes) -> Proof:
    """The proof in a document. Raises `ProofRefused`."""
    try:
        proof: Proof = msgspec.json.decode(document, type=Proof)
    except (*UNREADABLE, RecursionError) as error:
        raise ProofRefused(str(error)) from error
    return proof


def check(proof: Proof, key: Ed25519PublicKey) -> TreeHead:
    """The state of the log that `proof` holds for, with nothing asked but the log's public key.

    Raises `ProofRefused` where a signature is wrong or the hashes do not lead to the signed root.
    """
    try:
        head = _head(proof.checkpoint, key)
        path = [bytes.fromhex(text) for text in proof.hashes]
        if isinstance(proof, InclusionProof):
            holds = proves_inclusion(leaf.hash_of(proof.row), proof.index, head.size, path, head.root)
        else:
            earlier = _head(proof.earlier, key)
            holds = earlier.origin == head.origin and proves_consistency(
                earlier.size, earlier.root, head.size, head.root, path
            )
    except (ValueError, RecursionError) as error:
        raise ProofRefused(str(error)) from error
    if not holds:
        raise ProofRefused(_("the hashes do not lead to the signed root"))
    return head


def _head(checkpoint: str, key: Ed25519PublicKey) -> TreeHead:
    """What `checkpoint` states, signed by `key` under the name of the log that it names itself."""
    text, _signatures = split(checkpoint)
    origin = tree_head.parse(text).origin
    try:
        verifier = Verifier(origin, key)
    except ValueError as error:
        raise BadNote(str(error)) from error
    return tree_head.read(checkpoint, verifier)
