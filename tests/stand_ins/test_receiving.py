"""A message sealed by `openssl` is received, kept and receipted, and the receipt convinces `openssl`."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

from stand_ins.asoi.store import Received, Store
from tests.stand_ins.bureau import Bureau, digest, identifier, message, program, request
from tests.stand_ins.conftest import StandIn


def kept(store: Store, content: bytes) -> Received:
    """The message with this content's id, which must have been kept."""
    one = store.one(uuid.UUID(identifier(content)))
    assert one is not None
    return one


def test_the_receipt_is_the_regulators_and_names_the_very_content(bureau: Bureau) -> None:
    content = message()
    answer = bureau.deliver(content)
    assert answer.status == 200
    receipt = bureau.open_receipt(answer.body)
    assert receipt.pop("received_at").endswith("Z")
    expected = {"version": 1, "message": identifier(content), "sha256": digest(content), "status": "accepted"}
    assert receipt == expected


def test_what_was_received_is_kept_as_it_came(bureau: Bureau, store: Store) -> None:
    content = message(exercise=False)
    sealed = bureau.seal(content)
    assert bureau.post(sealed).status == 200
    received = kept(store, content)
    assert (received.sealed, received.content) == (sealed, content)
    assert content in received.signed


def test_the_same_bytes_again_get_the_very_same_receipt(bureau: Bureau, store: Store) -> None:
    content = message()
    sealed = bureau.seal(content)
    first, again = bureau.post(sealed), bureau.post(sealed)
    assert (again.status, again.body) == (200, first.body)
    assert kept(store, content).delivered_again == 1


def test_the_same_content_sealed_anew_gets_the_very_same_receipt(bureau: Bureau) -> None:
    content = message()
    assert bureau.deliver(content).body == bureau.deliver(content).body


def test_a_known_id_with_other_content_is_in_conflict(bureau: Bureau, store: Store) -> None:
    content = message()
    changed = message(id=identifier(content), sequence=2)
    first = bureau.deliver(content)
    conflict = bureau.deliver(changed)
    assert (conflict.status, conflict.body) == (409, b"this id was received before with other content\n")
    assert bureau.deliver(content).body == first.body, "the first content keeps its receipt"
    assert kept(store, content).conflicts == 1


def test_one_message_delivered_at_once_many_times_is_one(bureau: Bureau, store: Store) -> None:
    content = message()
    sealed = bureau.seal(content)
    together = threading.Barrier(8)

    def deliver(_: int) -> bytes:
        together.wait()
        return bureau.post(sealed).body

    with ThreadPoolExecutor(8) as pool:
        receipts = set(pool.map(deliver, range(8)))
    assert len(receipts) == 1
    assert kept(store, content).delivered_again == 7


def test_many_messages_at_once_are_all_kept(bureau: Bureau, store: Store) -> None:
    contents = [message() for _ in range(16)]
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda content: bureau.deliver(content).status, contents))
    assert statuses == [200] * 16
    assert {identifier(content) for content in contents} <= {str(one.message.id) for one in store.all()}


def test_a_connection_serves_several_messages(bureau: Bureau) -> None:
    first, second = (bureau.seal(message()) for _ in range(2))
    came = bureau.exchange(request(first, Connection="") + request(second))
    assert came.count(b"HTTP/1.1 200 ") == 2


def test_the_header_is_a_hint_and_the_signed_id_counts(bureau: Bureau) -> None:
    content = message()
    answer = bureau.post(bureau.seal(content), Senim_Message=str(uuid.uuid4()))
    assert bureau.open_receipt(answer.body)["message"] == identifier(content)


def test_what_was_sealed_under_former_certificates_is_received_after_a_renewal(
    own_stand_in: StandIn,
) -> None:
    bureau = own_stand_in.bureau
    sealed, content = [], [message(), message()]
    sealed.append(bureau.seal(content[0]))
    renewed = [bureau.regulator / "encryption", bureau.folder / "message-signing"]
    former = {path: path.with_suffix(".crt").read_bytes() for path in renewed}
    usages = zip(renewed, ("encryption", "signing"), strict=True)
    orders = [word for path, usage in usages for word in (f"{path}.csr", usage, f"{path}.crt")]
    assert program("stand_ins.ca", "--ca", bureau.folder / "another-ca.crt", *orders).returncode == 0
    sealed.append(bureau.seal(content[1]))
    kept = [bureau.regulator / "encryption", bureau.regulator / "bureau" / "message-signing"]
    for path, (source, before) in zip(kept, former.items(), strict=True):
        path.with_suffix(".crt").write_bytes(source.with_suffix(".crt").read_bytes() + before)
    own_stand_in.start()
    for each, said in zip(sealed, content, strict=True):
        answer = bureau.post(each)
        assert answer.status == 200, answer.body
        assert bureau.open_receipt(answer.body)["message"] == identifier(said)
