"""What is not a bureau's sealed message, as agreed, is refused with a short reason and not kept."""

import contextlib
import json
import socket
import ssl
from collections.abc import Callable, Iterator

import pytest

from stand_ins.asoi.store import Store
from tests.stand_ins.bureau import Answer, Bureau, canonical, message, openssl, request


@pytest.fixture(autouse=True)
def nothing_is_kept_and_the_next_is_served(bureau: Bureau, store: Store) -> Iterator[None]:
    """Whatever a test sends, the store stays as it was and a good message still gets its receipt."""
    before = store.count()
    yield
    assert store.count() == before
    assert bureau.deliver(message()).status == 200


class TestConnections:
    """TLS 1.2 or newer, and a client certificate of the demonstration CA."""

    def test_without_a_client_certificate_nobody_is_served(self, bureau: Bureau) -> None:
        with pytest.raises(ssl.SSLError, match="certificate required"):
            greet(bureau, client=None)

    def test_a_self_made_client_certificate_is_refused(self, bureau: Bureau) -> None:
        out, key = bureau.folder / "self-made.crt", bureau.folder / "self-made.key"
        subject = ["-subj", "/O=A bureau made of openssl/CN=client-tls", "-newkey", "rsa:2048", "-nodes"]
        openssl("req", "-x509", *subject, "-keyout", key, "-out", out)
        with pytest.raises(ssl.SSLError, match="unknown ca"):
            greet(bureau, client="self-made")

    def test_tls_1_1_is_refused_and_1_2_served(self, bureau: Bureau) -> None:
        content = request(bureau.seal(b"{}"))
        versions = ssl.TLSVersion
        assert b" 422 " in bureau.exchange(content, maximum_version=versions.TLSv1_2)
        with pytest.warns(DeprecationWarning, match="TLSv1"), pytest.raises(ssl.SSLError):
            bureau.connect(minimum_version=versions.TLSv1, maximum_version=versions.TLSv1_1).close()

    def test_plain_http_and_noise_are_dropped(self, bureau: Bureau) -> None:
        for noise in (b"GET / HTTP/1.1\r\n\r\n", bytes(range(256)) * 40, b""):
            with socket.create_connection(("127.0.0.1", bureau.port), timeout=30) as plain:
                plain.sendall(noise)


def greet(bureau: Bureau, client: str | None) -> None:
    """Shake hands and listen: TLS 1.3 tells a client only after the handshake that it was refused."""
    with bureau.connect(client) as connection:
        connection.recv(1)


class TestRequests:
    """One path, one method, one content type, a length that is said and kept."""

    def test_the_limits_of_a_request(self, bureau: Bureau) -> None:
        sealed = bureau.seal(message())
        assert _status(bureau, request(sealed, path="/")) == 404
        assert _status(bureau, request(sealed).replace(b"POST", b"GET", 1)) == 405
        assert _status(bureau, request(sealed).replace(b"POST", b"BREW", 1)) == 501
        assert _status(bureau, request(sealed, Content_Type="application/json")) == 415
        assert _status(bureau, request(sealed, Content_Length="")) == 411
        assert _status(bureau, request(sealed, Content_Length="-1")) == 411
        assert _status(bureau, request(sealed, Content_Length=str(16 * 1024 * 1024 + 1))) == 413
        assert _status(bureau, request(sealed, Content_Length="9" * 5000)) == 413
        assert _status(bureau, b"\x00\xff nonsense of this kind\r\n\r\n") == 400

    def test_a_body_that_breaks_off_is_not_answered(self, bureau: Bureau) -> None:
        sealed = bureau.seal(message())
        with bureau.connect() as connection:
            connection.sendall(request(sealed)[:-100])
            # It may hang up without the goodbye of TLS; an answer would be application data and raise another error.
            with contextlib.suppress(ssl.SSLEOFError):
                connection.unwrap().close()


def _status(bureau: Bureau, sent: bytes) -> int:
    return int(bureau.exchange(sent).split()[1])


CANNOT_BE_OPENED = b"cannot be opened: not AuthEnvelopedData (RSAES-OAEP SHA-256, AES-256-GCM) for our certificate\n"


class TestEnvelopes:
    """One text for every envelope that does not open: a sender must not learn at which step it failed."""

    @pytest.mark.parametrize(
        "spoil",
        [
            pytest.param(lambda b, _: b.encrypt(b.sign(message()), to="receipt-decryption"), id="to another"),
            pytest.param(
                lambda b, _: b.encrypt(b.sign(message()), options=("rsa_padding_mode:pkcs1",)), id="PKCS #1 v1.5"
            ),
            pytest.param(
                lambda b, _: b.encrypt(b.sign(message()), options=("rsa_padding_mode:oaep", "rsa_oaep_md:sha1")),
                id="OAEP with SHA-1",
            ),
            pytest.param(lambda b, _: b.sign(message()), id="not encrypted"),
            pytest.param(lambda _, sealed: sealed[:-1] + bytes([sealed[-1] ^ 1]), id="tag changed"),
            pytest.param(lambda _, sealed: _flip(sealed, len(sealed) - 200), id="ciphertext changed"),
            pytest.param(lambda _, sealed: _flip(sealed, 300), id="encrypted key changed"),
            pytest.param(lambda _, sealed: sealed + b"\0", id="a byte too many"),
            pytest.param(lambda _, sealed: sealed[:-1], id="a byte too few"),
            pytest.param(lambda _, __: b"", id="empty"),
            pytest.param(lambda _, __: bytes(range(256)) * 16, id="noise"),
            pytest.param(lambda _, __: b"\x30\x80" * 20000, id="nested without end"),
        ],
    )
    def test_an_envelope_that_does_not_open(self, bureau: Bureau, spoil: Callable[[Bureau, bytes], bytes]) -> None:
        answer = bureau.post(spoil(bureau, bureau.seal(message())))
        assert (answer.status, answer.body) == (400, CANNOT_BE_OPENED)


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


class TestSignatures:
    """Only the pinned certificate signs for the bureau, over the whole content."""

    def test_another_certificate_of_the_same_ca(self, bureau: Bureau) -> None:
        answer = bureau.post(bureau.seal(message(), by="another-signing"))
        assert (answer.status, answer.body) == (403, b"the signer's certificate is not included or not known\n")

    def test_the_bureaus_certificate_with_another_signers_name(self, bureau: Bureau) -> None:
        signed = bureau.sign(message(), "-certfile", str(bureau.folder / "message-signing.crt"), by="another-signing")
        answer = bureau.post(bureau.encrypt(signed))
        assert (answer.status, answer.body) == (403, b"the signer is not the certificate we know\n")

    def test_two_signers(self, bureau: Bureau) -> None:
        other = [f"{bureau.folder / 'another-signing'}.{end}" for end in ("crt", "key")]
        signed = bureau.sign(message(), "-signer", other[0], "-inkey", other[1])
        answer = bureau.post(bureau.encrypt(signed))
        assert (answer.status, answer.body) == (403, b"there is not exactly one signer\n")

    def test_without_its_certificate(self, bureau: Bureau) -> None:
        answer = bureau.post(bureau.encrypt(bureau.sign(message(), "-nocerts")))
        assert answer.status == 403

    def test_without_signed_attributes(self, bureau: Bureau) -> None:
        assert bureau.post(bureau.encrypt(bureau.sign(message(), "-noattr"))).status == 403

    def test_with_another_digest(self, bureau: Bureau) -> None:
        answer = bureau.post(bureau.encrypt(bureau.sign(message(), "-md", "sha384")))
        assert (answer.status, answer.body) == (403, b"the digest is not SHA-256\n")

    def test_content_changed_after_signing(self, bureau: Bureau) -> None:
        signed = bureau.sign(message(sequence=3)).replace(b'"sequence":3', b'"sequence":4')
        answer = bureau.post(bureau.encrypt(signed))
        assert (answer.status, answer.body) == (403, b"the signed digest is wrong\n")

    def test_signature_changed(self, bureau: Bureau) -> None:
        signed = bureau.sign(message())
        answer = bureau.post(bureau.encrypt(_flip(signed, len(signed) - 4)))
        assert answer.status == 403

    def test_not_signed_at_all(self, bureau: Bureau) -> None:
        answer = bureau.post(bureau.encrypt(message()))
        assert (answer.status, answer.body) == (403, b"what is inside is not CMS SignedData as agreed\n")


class TestContent:
    """Every field of the signed content is read strictly."""

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"version": 2}, "version must be 1"),
            ({"version": True}, "version must be a whole number"),
            ({"id": "ABCDEF00-0000-7000-8000-000000000000"}, "id must be a UUID in lower case with hyphens"),
            ({"id": 7}, "id must be a text of 1 to 300 characters"),
            ({"kind": "Gossip"}, "kind must be one of IncidentNotice, IncidentUpdate, EventBatch, AnnualReport"),
            ({"purpose": "R228/81-2"}, "purpose of IncidentNotice must be R228/81-1"),
            ({"kind": "EventBatch"}, "purpose of EventBatch must be R228/81-2"),
            ({"sender": "somebody"}, "sender must be an object"),
            ({"sender": {"bin": "12345", "name": "x"}}, "sender.bin must have twelve digits"),
            ({"sender": {"bin": "000140000002"}}, "sender lacks name"),
            ({"sender": {"bin": "000140000002", "name": ""}}, "name must be a text of 1 to 300 characters"),
            ({"recipient": "somebody else"}, "recipient must be ASOI"),
            ({"sequence": 0}, "sequence starts at 1"),
            ({"sequence": "1"}, "sequence must be a whole number"),
            ({"about": "an incident"}, "about must name a thing as kind:identifier"),
            ({"corrects": "none"}, "corrects must be a UUID in lower case with hyphens"),
            ({"exercise": 0}, "exercise must be true or false"),
            ({"exercise": None}, "exercise must be true or false"),
            ({"made_at": "2026-11-22T22:00:13+05:00"}, "made_at must be an RFC 3339 moment in UTC"),
            ({"made_at": "2999-01-01T00:00:00.000Z"}, "made_at is in the future"),
            ({"checkpoint": "no note"}, "checkpoint is not a signed note"),
            ({"body": []}, "body must be an object"),
            ({"more": 1}, "the message has members we do not know"),
        ],
    )
    def test_a_wrong_field_is_named(self, bureau: Bureau, changes: dict[str, object], reason: str) -> None:
        answer = bureau.deliver(message(**changes))
        assert (answer.status, answer.body.decode().strip()) == (422, reason)

    @pytest.mark.parametrize("name", json.loads(message()))
    def test_a_missing_field_is_named(self, bureau: Bureau, name: str) -> None:
        said = json.loads(message())
        del said[name]
        answer = bureau.deliver(canonical(said))
        assert (answer.status, answer.body.decode()) == (422, f"the message lacks {name}\n")

    def test_a_message_does_not_correct_itself(self, bureau: Bureau) -> None:
        said = json.loads(message())
        answer = bureau.deliver(canonical(said | {"corrects": said["id"]}))
        assert answer.body == b"a message does not correct itself\n"

    @pytest.mark.parametrize("spoil", [lambda c: c + b"\n", lambda c: c.replace(b":", b": ", 1), lambda c: c[:-1]])
    def test_other_spellings_of_json(self, bureau: Bureau, spoil: Callable[[bytes], bytes]) -> None:
        answer: Answer = bureau.deliver(spoil(message()))
        assert answer.status == 422
        assert answer.body.startswith(b"the content is not canonical JSON")
