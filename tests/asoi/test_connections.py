"""Connections are kept between tries, and a try is no worse off for it: it ends in time and fails only where it did."""

import contextlib
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from senim.asoi import adapters
from senim.asoi.adapters.https import Https
from senim.asoi.internal import connection as module
from senim.asoi.internal.channel import Channel
from senim.asoi.internal.renewal import Renewing
from senim.asoi.settings import asoi_settings
from senim.kit.crypto import keys
from senim.kit.ids import new_id
from senim.kit.instance import Instance
from tests.asoi.copies import copy_of
from tests.asoi.test_https import SEALED, Server, place, says, serve
from tests.kit.certificates import Identity

__all__ = ["place", "serve"]
Answer = Callable[[ssl.SSLSocket], None]
Serve = Callable[[Answer], Server]
receipt = says("200 OK", b"receipt")
ANSWERS = (b"receipt", b"another")


def keeping(*answers: Answer) -> Answer:
    """Each request on one connection is answered by the next of `answers`; behind the last the server hangs up."""

    def answer(tls: ssl.SSLSocket) -> None:
        first, *others = answers
        first(tls)
        for each in others:
            read = b""
            while SEALED not in read:
                more = tls.recv(65536)
                if not more:
                    return
                read += more
            each(tls)

    return answer


@pytest.fixture
def way(instance: Instance) -> Iterator[Callable[..., Https]]:
    with contextlib.ExitStack() as kept:

        def to(server: Server, within: float = 5.0) -> Https:
            settings = msgspec.structs.replace(asoi_settings(instance), url=server.url, answer_within=within)
            return kept.enter_context(contextlib.closing(Https(instance, settings, settings.url)))

        yield to


Way = Callable[..., Https]


def send(way: Https, times: int = 1) -> list[bytes]:
    return [way.send(new_id(), SEALED) for _ in range(times)]


def test_tries_go_over_one_connection(serve: Serve, way: Way) -> None:
    server = serve(keeping(receipt, receipt, receipt))
    assert send(way(server), 3) == [b"receipt"] * 3
    assert len(server.requests) == 1  # the server counts connections


class TestAPeerThatGoesAway:
    """A connection that has ended is no failure of the try that finds it so."""

    def test_between_two_tries(self, serve: Serve, way: Way) -> None:
        server = serve(receipt)
        assert send(way(server), 3) == [b"receipt"] * 3
        assert len(server.requests) == 3

    def test_with_the_second_request_read_and_not_a_byte_answered(self, serve: Serve, way: Way) -> None:
        server = serve(keeping(receipt, lambda _tls: None))
        assert send(way(server), 2) == [b"receipt"] * 2
        assert len(server.requests) == 2
        assert server.requests[1].endswith(SEALED)

    @pytest.mark.refusal
    def test_in_the_middle_of_an_answer(self, serve: Serve, way: Way) -> None:
        server = serve(keeping(receipt, lambda tls: tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")))
        to = way(server)
        send(to)
        with pytest.raises(adapters.Unreachable, match="Protocol"):
            send(to)
        assert len(server.requests) == 1

    @pytest.mark.refusal
    def test_that_was_never_used_before(self, serve: Serve, way: Way) -> None:
        """Then it is a failure like any: it is not tried over and over within one try."""
        server = serve(lambda _tls: None)
        with pytest.raises(adapters.Unreachable):
            send(way(server))
        assert len(server.requests) == 1


@pytest.mark.refusal
def test_a_kept_connection_that_falls_silent_costs_the_limit_and_no_longer(serve: Serve, way: Way) -> None:
    over = threading.Event()
    server = serve(keeping(receipt, lambda _tls: bool(over.wait(10)) and None))
    to = way(server, within=1.0)
    send(to)
    with pytest.raises(adapters.TimedOut):
        send(to)
    over.set()


class TestWhatNobodyAskedFor:
    """It is not taken for the next answer."""

    @staticmethod
    def apart(tls: ssl.SSLSocket) -> None:
        receipt(tls)
        says("200 OK", b"another")(tls)

    @staticmethod
    def in_one_record(tls: ssl.SSLSocket) -> None:
        answers = (b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(each), each) for each in ANSWERS)
        tls.sendall(b"".join(answers))

    @pytest.mark.parametrize("twice", ["apart", "in_one_record"])
    def test_behind_an_answer(self, serve: Serve, way: Way, twice: str) -> None:
        server = serve(keeping(getattr(self, twice), receipt))
        to = way(server)
        assert send(to) == [b"receipt"]
        threading.Event().wait(0.2)  # until all of it has come
        assert send(to) == [b"receipt"]
        assert len(server.requests) == 2

    def test_an_answer_in_pieces_ends_its_connection(self, serve: Serve, way: Way) -> None:
        def pieces(tls: ssl.SSLSocket) -> None:
            tls.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nreceipt\r\n0\r\n\r\n")

        server = serve(keeping(pieces, receipt))
        assert send(way(server), 2) == [b"receipt"] * 2
        assert len(server.requests) == 2


@pytest.mark.parametrize("bound", ["IDLE_FOR", "KEPT_FOR"])
def test_none_is_kept_for_long(serve: Serve, way: Way, monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    server = serve(receipt)
    monkeypatch.setattr(module, bound, 0.0)
    to = way(server)
    send(to, 2)
    assert len(server.requests) == 2


def test_refusals_and_redirects_end_the_connection_or_not_but_never_lead_elsewhere(serve: Serve, way: Way) -> None:
    server = serve(keeping(says("302 Found\r\nLocation: https://127.0.0.1:1/"), receipt))
    to = way(server)
    with pytest.raises(adapters.AnsweredWithError, match="302"):
        send(to)
    assert send(to) == [b"receipt"]


@pytest.mark.refusal
@pytest.mark.clause("R228/81")
def test_without_tls_nothing_leaves(instance: Instance) -> None:
    settings = msgspec.structs.replace(asoi_settings(instance), url="http://127.0.0.1:9/messages")
    with contextlib.closing(Https(instance, settings, settings.url)) as to, pytest.raises(adapters.Unreachable):
        send(to)


def test_a_replaced_client_certificate_is_used_at_once(serve: Serve, instance: Instance, tmp_path: Path) -> None:
    """The server does not know the new one, which a connection that was kept under the former one would hide."""
    server = serve(keeping(receipt, receipt))
    house = copy_of(instance, tmp_path)
    told = (house.home / "senim.toml").read_text()
    (house.home / "senim.toml").write_text(
        re.sub(r'(\[asoi\]\n(?:.*\n)*?url = )".*"', rf'\1"{server.url}"', told, count=1)
    )
    house = Instance.load(house.home)
    stranger = Identity(keys.new_ec(), "signing")
    with contextlib.closing(Renewing(house, Channel.of(house))) as renewing:
        assert renewing.channel().adapter.send(new_id(), SEALED) == b"receipt"
        keys.store(house.key("asoi", "client-tls"), stranger.key)
        house.certificate("asoi", "client-tls").write_bytes(stranger.certificate.public_bytes(Encoding.PEM))
        with pytest.raises(adapters.Unreachable):
            renewing.channel().adapter.send(new_id(), SEALED)
