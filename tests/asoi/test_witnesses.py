"""What the regulator acknowledged bears witness to the audit log, as far as both signatures hold and no further."""

from collections.abc import Callable

import pytest
from django.db import connection

from senim.asoi import queries
from senim.asoi.internal.channel import Channel
from senim.asoi.models import Message
from senim.asoi.verification import Trust
from senim.audit.findings import Finding, FindingCode
from senim.audit.verification import Witness
from senim.kit import canonical
from senim.kit.crypto import cms, keys
from senim.kit.instance import Instance
from tests.kit.certificates import Identity

NOTE = "bureau.example/log\n7\nq83v\n\n— bureau.example/log AAAA\n"
OTHER = NOTE.replace("7", "6")
Enqueue = Callable[..., Message]


@pytest.fixture
def trust(instance: Instance) -> Trust:
    return Trust.of(instance)


@pytest.fixture
def acknowledged(enqueue: Enqueue, channel: Channel, monkeypatch: pytest.MonkeyPatch) -> Message:
    """A delivered message that carried a checkpoint."""
    monkeypatch.setattr("senim.asoi.internal.channel.latest_checkpoint", lambda: NOTE)
    message = enqueue()
    channel.seal(message)
    channel.deliver(message.pk)
    return queries.message(message.pk)


def as_owner(change: str, *values: object) -> None:
    """What the tables' owner can do once he has put the triggers out of his way."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in ("asoi_message", "asoi_receipt"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(change, values)
        assert cursor.rowcount == 1


@pytest.mark.clause("R228/81")
class TestAWitness:
    """The database's owner cannot make the regulator say something else."""

    def test_is_the_checkpoint_in_an_acknowledged_message(
        self, acknowledged: Message, sealed: Message, trust: Trust
    ) -> None:
        assert sealed.state == Message.State.SEALED
        assert list(queries.witnessed_checkpoints(trust)) == [Witness(acknowledged.subject, NOTE)]

    @pytest.mark.refusal
    @pytest.mark.parametrize("content", [b"x", b"{}", b'{"checkpoint":5}', b"[" * 100_000, b""])
    def test_is_no_content_that_nobody_signed(self, acknowledged: Message, trust: Trust, content: bytes) -> None:
        as_owner("UPDATE asoi_message SET content = %s WHERE id = %s", content, acknowledged.pk)
        self.is_broken(acknowledged, trust)

    @pytest.mark.refusal
    def test_is_not_rewritten_with_the_content_and_its_hash(self, acknowledged: Message, trust: Trust) -> None:
        said = canonical.loads(bytes(acknowledged.content))
        content = canonical.dumps({**said, "checkpoint": OTHER})
        change = "UPDATE asoi_message SET content = %s, sha256 = %s WHERE id = %s"
        as_owner(change, content, canonical.sha256(content), acknowledged.pk)
        self.is_broken(acknowledged, trust)

    @pytest.mark.refusal
    @pytest.mark.parametrize("key", ["stranger's", "bureau's"])
    def test_is_not_rewritten_and_signed_again(
        self, acknowledged: Message, trust: Trust, channel: Channel, key: str
    ) -> None:
        """Even with the bureau's own key: the regulator's receipt is for what was sent."""
        content = canonical.dumps({**canonical.loads(bytes(acknowledged.content)), "checkpoint": OTHER})
        stranger = Identity(keys.new_ec(), "signing")
        ours = (channel.credentials.signing_key, channel.credentials.signing[0])
        signed = cms.sign(content, *((stranger.key, stranger.certificate) if key == "stranger's" else ours))
        change = "UPDATE asoi_message SET content = %s, signed = %s, sha256 = %s WHERE id = %s"
        as_owner(change, content, signed, canonical.sha256(content), acknowledged.pk)
        self.is_broken(acknowledged, trust)

    @pytest.mark.refusal
    def test_is_not_silenced_by_removing_the_receipt(self, acknowledged: Message, trust: Trust) -> None:
        as_owner("DELETE FROM asoi_receipt WHERE message_id = %s", acknowledged.pk)
        self.is_broken(acknowledged, trust)

    def test_is_not_silenced_by_calling_the_message_undelivered(self, acknowledged: Message, trust: Trust) -> None:
        change = "UPDATE asoi_message SET state = 'sealed', delivered_at = NULL WHERE id = %s"
        as_owner(change, acknowledged.pk)
        assert list(queries.witnessed_checkpoints(trust)) == [Witness(acknowledged.subject, NOTE)]

    @pytest.mark.refusal
    def test_needs_the_receipt_of_this_very_message(
        self, acknowledged: Message, delivered: Message, trust: Trust
    ) -> None:
        change = "UPDATE asoi_receipt SET signed = %s WHERE message_id = %s"
        as_owner(change, bytes(delivered.receipt.signed), acknowledged.pk)
        self.is_broken(acknowledged, trust)

    def is_broken(self, message: Message, trust: Trust) -> None:
        broken = [one for one in queries.witnessed_checkpoints(trust) if one.source == message.subject]
        assert [type(one) for one in broken] == [Finding]
        assert broken[0].code is FindingCode.WITNESS_BROKEN
        assert broken[0].means_tampering
        assert message.subject in broken[0].explanation
