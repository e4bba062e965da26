"""What others are told: checkpoints, rows, proofs."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from senim.audit import proof, queries
from senim.audit.actions import AuditAction
from senim.audit.errors import CannotVerify, NotSealed, ProofRefused, ReadingNotPermitted, UnknownRow
from senim.audit.models import AuditRow
from senim.audit.operations import Actor, record
from senim.identity.models import Account
from senim.identity.permissions import Permission, Role
from tests.audit.log import Log


def test_no_checkpoint_before_the_first_seal(log: Log) -> None:
    assert queries.latest_checkpoint() is None
    log.sealed(1)
    assert queries.state(queries.latest_checkpoint() or "").size == 1


@pytest.mark.parametrize("position", range(10))
def test_every_sealed_row_is_proven_with_nothing_but_the_public_key(sealed: Log, position: int) -> None:
    made = queries.inclusion_proof(sealed.rows[position])
    read = proof.decode(proof.encode(made))
    head = proof.check(read, sealed.signer.verifier.key)
    assert (head.size, head.origin) == (10, "senim/000140000002/audit")
    assert made.index == position


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.replace(b"incident:3", b"incident:4"),
        lambda document: document.replace(b'"index": 3', b'"index": 2'),
        lambda document: document.replace(b"\\n10\\n", b"\\n11\\n"),
        lambda document: document[:-20],
        lambda document: document.replace(b'"inclusion"', b'"other"'),
        lambda document: document.replace(b'"hashes": [', b'"hashes": ["zz", '),
        lambda document: document[:0],
    ],
)
def test_a_changed_proof_is_refused(sealed: Log, change: Callable[[bytes], bytes]) -> None:
    document = proof.encode(queries.inclusion_proof(sealed.rows[3]))
    spoilt = change(document)
    assert spoilt != document
    with pytest.raises(ProofRefused):
        proof.check(proof.decode(spoilt), sealed.signer.verifier.key)


def test_a_proof_under_another_key_is_refused(sealed: Log) -> None:
    made = queries.inclusion_proof(sealed.rows[3])
    with pytest.raises(ProofRefused):
        proof.check(made, Ed25519PrivateKey.generate().public_key())


def test_what_cannot_be_proven_is_refused_by_name(sealed: Log) -> None:
    sealed.write(1)
    with pytest.raises(NotSealed):
        queries.inclusion_proof(sealed.rows[-1])
    with pytest.raises(UnknownRow):
        queries.inclusion_proof(UUID(int=0))


def test_a_flipped_row_is_not_proven(open_log: Log) -> None:
    open_log.run("UPDATE audit_auditrow SET reason = 'x' WHERE id = %s", [open_log.rows[3]])
    with pytest.raises(CannotVerify):
        queries.inclusion_proof(open_log.rows[3])


def test_growth_is_proven_from_every_earlier_checkpoint(log: Log) -> None:
    kept = []
    for batch in (1, 2, 3, 1):
        log.sealed(batch)
        kept.append(queries.latest_checkpoint() or "")
    for note in kept:
        made = queries.consistency_proof(note, log.signer.verifier)
        assert proof.check(proof.decode(proof.encode(made)), log.signer.verifier.key).size == 7


def test_growth_out_of_another_history_is_not_proven(sealed: Log) -> None:
    kept = queries.latest_checkpoint() or ""
    sealed.lift_protection()
    sealed.run("UPDATE audit_auditrow SET reason = 'x' WHERE id = %s", [sealed.rows[0]])
    sealed.rewrite()
    with pytest.raises(CannotVerify):
        queries.consistency_proof(kept, sealed.signer.verifier)


def test_rows_are_found_by_what_they_say(log: Log) -> None:
    log.sealed(3)
    anna = Actor("account", "17", "anna")
    mine = record(anna, AuditAction.IDENTITY_SESSION_STARTED, "account:17")
    assert [row.pk for row in queries.rows()] == [mine.pk, *reversed(log.rows)]
    assert [row.pk for row in queries.rows(subject="incident:1")] == [log.rows[1]]
    assert [row.pk for row in queries.rows(action="identity:session:started")] == [mine.pk]
    assert list(queries.rows(actor="anna")) == list(queries.rows(actor="17")) == [mine]
    assert [row.pk for row in queries.rows(since=mine.at)] == [mine.pk]
    assert [row.pk for row in queries.rows(until=mine.at)] == [*reversed(log.rows)]
    assert [row.pk for row in queries.rows(since=mine.at + timedelta(seconds=1))] == []
    assert list(queries.rows(waiting=True)) == [mine]
    assert not hasattr(mine, "leaf")
    assert AuditRow.objects.get(pk=log.rows[0]).leaf.index == 0


@pytest.mark.parametrize("role", list(Role))
def test_only_who_may_read_the_log_reads_it(sealed: Log, role: Role) -> None:
    account = Account(username="x", full_name="x", role=role.value, is_active=True)
    assert Permission.AUDIT_LOG_READ.value == queries.READ
    if role in {Role.AUDITOR, Role.HEAD_OF_IS}:
        assert queries.access_rows(account).count() == len(sealed.rows)
    else:
        with pytest.raises(ReadingNotPermitted):
            queries.access_rows(account)
    assert len(sealed.rows) == 10
