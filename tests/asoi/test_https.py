"""The way to the regulator: who is trusted, and that no peer can hold a try for longer than we allow."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from senim.asoi import adapters
from senim.asoi.adapters.https import Https, tls_context
from senim.asoi.settings import AsoiSettings, asoi_settings
from senim.kit.crypto import keys
from senim.kit.files import ExposedFile
from senim.kit.ids import new_id
from senim.kit.instance import Instance
from tests.kit.certificates import Identity

Answer = Callable[[ssl.SSLSocket], None]
SEALED = b"sealed" * 500


@dataclass
class Server:
    """One TLS server that answers every connection by `answer`, after reading the whole request."""

    context: ssl.SSLContext
    answer: Answer
    requests: list[bytes] = field(default_factory=list)
    _listener: socket.socket = field(default_factory=lambda: socket.create_server(("0.0.0.0", 0)))  # noqa: S104 - all of 127/8
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self._listener.getsockname()[1]}/messages"

    def serve(self) -> None:
        while not self._over.is_set():
            with contextlib.suppress(OSError):
                connection, _address = self._listener.accept()
                with self.context.wrap_socket(connection, server_side=True) as tls:
                    self.requests.append(_request(tls))
                    self.answer(tls)

    def stop(self) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def _request(tls: ssl.SSLSocket) -> bytes:
    read = b""
    while SEALED not in read and (more := tls.recv(65536)):
        read += more
    return read


def says(head: str, body: bytes = b"") -> Answer:
    return lambda tls: tls.sendall(f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)


def server_context(home: Path) -> ssl.SSLContext:
    """The stand-in's own certificate, and demand of ours."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home / "tls.crt", home / "tls.key")
    context.load_verify_locations(home / "ca.crt")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


@pytest.fixture
def place(instance: Instance) -> Path:
    return instance.home / "stand_ins" / "asoi"


@pytest.fixture
def serve(place: Path) -> Iterator[Callable[..., Server]]:
    started: list[tuple[Server, threading.Thread]] = []

    def start(answer: Answer, context: ssl.SSLContext | None = None) -> Server:
        server = Server(context or server_context(place), answer)
        thread = threading.Thread(target=server.serve)
        thread.start()
        started.append((server, thread))
        return server

    yield start
    for server, thread in started:
        server.stop()
        thread.join()


@pytest.fixture
def send(instance: Instance) -> Callable[..., bytes]:
    def do(server: Server | str, within: float = 5.0) -> bytes:
        url = server if isinstance(server, str) else server.url
        settings = msgspec.structs.replace(asoi_settings(instance), url=url, answer_within=within)
        with contextlib.closing(Https(instance, settings, settings.url)) as way:
            return way.send(new_id(), SEALED)

    return do


Send = Callable[..., bytes]
Serve = Callable[..., Server]


def test_the_very_bytes_are_posted_and_the_answer_comes_back(serve: Serve, send: Send) -> None:
    server = serve(says("200 OK", b"receipt"))
    assert send(server) == b"receipt"
    (request,) = server.requests
    assert request.startswith(b"POST /messages HTTP/1.1\r\n")
    assert b"content-type: application/pkcs7-mime\r\n" in request.lower()
    assert request.endswith(b"\r\n\r\n" + SEALED)


@pytest.mark.parametrize(
    ("answer", "refusal", "detail"),
    [
        (says("409 Conflict", b"known with other content"), adapters.InConflict, "known with other content"),
        (says("503 Busy", b"later\x00\x1b[31m"), adapters.AnsweredWithError, r"^503 later  \[31m$"),
        (says("201 Created", b"receipt"), adapters.AnsweredWithError, "201 receipt"),
        (says("302 Found\r\nLocation: https://127.0.0.1:1/"), adapters.AnsweredWithError, "302"),
        (says("404 Not Found", b"x" * 10_000), adapters.AnsweredWithError, "^404 x{100}$"),
        (
            lambda tls: tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"),
            adapters.Unreachable,
            "Protocol",
        ),
        (lambda _tls: None, adapters.Unreachable, "Protocol|Read"),
        (lambda tls: tls.sendall(b"\x00garbage\r\n\r\n"), adapters.Unreachable, "Protocol"),
    ],
)
def test_whatever_is_not_a_receipt_is_named(
    serve: Serve, send: Send, answer: Answer, refusal: type[adapters.NotSent], detail: str
) -> None:
    with pytest.raises(refusal, match=detail):
        send(serve(answer))


def test_an_answer_without_end_is_cut_off(serve: Serve, send: Send) -> None:
    def flood(tls: ssl.SSLSocket) -> None:
        with contextlib.suppress(OSError):
            tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
            while True:
                tls.sendall(b"x" * 65536)

    assert 64 * 1024 < len(send(serve(flood))) < 1024 * 1024


class TestAPeerThatHoldsUs:
    """The whole try has one limit; the peer here would hold it for ever."""

    def test_by_silence(self, serve: Serve, send: Send) -> None:
        with pytest.raises(adapters.TimedOut):
            send(serve(lambda tls: _wait_for_hang_up(tls)), within=1.0)

    def test_by_a_byte_at_a_time(self, serve: Serve, send: Send) -> None:
        def drip(tls: ssl.SSLSocket) -> None:
            over = threading.Event()
            with contextlib.suppress(OSError):
                tls.sendall(b"HTTP/1.1 200 OK\r\n")
                while not over.wait(0.05):
                    tls.sendall(b"X: y\r\n")

        with pytest.raises(adapters.TimedOut):
            send(serve(drip), within=1.0)

    def test_by_not_finishing_the_handshake(self, send: Send) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(adapters.TimedOut):
            send(f"https://127.0.0.1:{silent.getsockname()[1]}/", within=1.0)


def _wait_for_hang_up(tls: ssl.SSLSocket) -> None:
    with contextlib.suppress(OSError):
        tls.recv(1)


def test_where_nobody_listens_it_is_unreachable(send: Send) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = listener.getsockname()[1]
    with pytest.raises(adapters.Unreachable):
        send(f"https://127.0.0.1:{free}/")


@pytest.mark.clause("R228/81")
class TestWhoIsTrusted:
    """Confidentiality: mutual TLS, 1.2 or higher, our own authority only."""

    @pytest.mark.refusal
    def test_a_server_of_another_authority_is_not(self, serve: Serve, send: Send, tmp_path: Path) -> None:
        stranger = Identity(keys.new_ec(), "signing")
        keys.store(tmp_path / "k", stranger.key)
        (tmp_path / "c").write_bytes(stranger.certificate.public_bytes(Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "c", tmp_path / "k")
        server = serve(says("200 OK", b"receipt"), context)
        with pytest.raises(adapters.ServerNotTrusted):
            send(server)
        assert server.requests == []

    @pytest.mark.refusal
    def test_a_name_that_is_not_the_servers_is_not(self, serve: Serve, send: Send) -> None:
        server = serve(says("200 OK", b"receipt"))
        with pytest.raises(adapters.ServerNotTrusted):
            send(server.url.replace("127.0.0.1", "127.0.0.2"))

    def test_a_server_that_does_not_trust_us_is_no_crash(self, serve: Serve, send: Send, place: Path) -> None:
        """TLS 1.3 tells it after the handshake, while the answer is read."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(place / "tls.crt", place / "tls.key")
        context.verify_mode = ssl.CERT_REQUIRED
        with pytest.raises(adapters.Unreachable):
            send(serve(says("200 OK", b"receipt"), context))

    def test_bytes_that_are_no_tls_are_no_crash(self, serve: Serve, send: Send) -> None:
        def break_in(tls: ssl.SSLSocket) -> None:
            with socket.socket(fileno=tls.detach()) as plain:
                plain.sendall(b"HTTP/1.1 200 OK" * 20)

        with pytest.raises(adapters.Unreachable):
            send(serve(break_in))

    def test_the_server_sees_our_certificate(self, serve: Serve, send: Send) -> None:
        seen: list[object] = []

        def look(tls: ssl.SSLSocket) -> None:
            seen.append((tls.getpeercert() or {})["subject"])
            says("200 OK", b"receipt")(tls)

        send(serve(look))
        assert "client-tls" in str(seen)

    @pytest.mark.refusal
    @pytest.mark.clause("R228/81-13")
    @pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
    def test_tls_1_1_is_refused_by_us_and_not_by_chance(
        self, serve: Serve, send: Send, place: Path, instance: Instance
    ) -> None:
        old = server_context(place)
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        server = serve(says("200 OK", b"receipt"), old)
        with pytest.raises(adapters.Unreachable):
            send(server)
        lax = tls_context(instance)
        lax.minimum_version = ssl.TLSVersion.TLSv1_1
        lax.set_ciphers("ALL:@SECLEVEL=0")
        port = int(server.url.split(":")[2].split("/")[0])
        with socket.create_connection(("127.0.0.1", port)) as plain:
            with lax.wrap_socket(plain, server_hostname="127.0.0.1") as tls:
                assert tls.version() == "TLSv1.1"
                tls.sendall(SEALED)

    @pytest.mark.refusal
    @pytest.mark.clause("R228/81-13")
    def test_the_lowest_version_is_the_law_s_and_not_the_library_s(
        self, serve: Serve, send: Send, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Were the law to ask for more, less would be refused."""
        only_1_2 = server_context(place)
        only_1_2.maximum_version = ssl.TLSVersion.TLSv1_2
        server = serve(says("200 OK", b"receipt"), only_1_2)
        assert send(server) == b"receipt"
        monkeypatch.setattr("senim.asoi.adapters.https.LOWEST_TLS", ssl.TLSVersion.TLSv1_3)
        with pytest.raises(adapters.Unreachable):
            send(server)

    @pytest.mark.refusal
    def test_a_key_that_lies_open_is_not_used(self, instance: Instance) -> None:
        key = instance.key("asoi", "client-tls")
        key.chmod(0o644)
        try:
            with pytest.raises(ExposedFile):
                Https(instance, AsoiSettings(), "https://127.0.0.1/")
        finally:
            key.chmod(0o600)
