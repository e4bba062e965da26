"""The supervisor knows its child from a stranger at the same port."""

import os
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from django.utils import translation

from senim.kit.instance import Instance
from senim.site.embedded import pin
from senim.site.supervisor.child import Child, WillNotStart
from senim.site.supervisor.listening import Listening, NoPort
from senim.site.supervisor.up import Supervisor
from tests.ports import free_port

HOST = "127.0.0.1"
Serve = Callable[[Path | None], int]


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate; its key lies beside it."""
    return _made(tmp_path / "ours")


def _made(folder: Path) -> Path:
    folder.mkdir()
    key, certificate = pin.fresh(HOST)
    (folder / "x.key").write_bytes(key)
    (folder / "x.crt").write_bytes(certificate)
    return folder / "x.crt"


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts somebody who listens, with a certificate or in clear; the port."""
    with closing(socket.create_server((HOST, 0))) as listener:

        def go(shown: Path | None) -> int:
            context = None
            if shown is not None:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(shown, shown.with_suffix(".key"))
            threading.Thread(target=_answer, args=(listener, context), daemon=True).start()
            return int(listener.getsockname()[1])

        yield go
        listener.shutdown(socket.SHUT_RDWR)


def _answer(listener: socket.socket, context: ssl.SSLContext | None) -> None:
    with suppress(OSError):
        while True:
            connection, _address = listener.accept()
            with connection, suppress(OSError):
                if context is None:
                    connection.sendall(b"hello\n")
                else:
                    context.wrap_socket(connection, server_side=True).close()


class TestWhoAnswers:
    """It is the child who has the child's key."""

    def test_whoever_has_the_key(self, certificate: Path, serve: Serve) -> None:
        assert Listening(HOST, serve(certificate), "", certificate).is_served()

    def test_what_follows_the_certificate_is_its_chain(self, certificate: Path, serve: Serve, tmp_path: Path) -> None:
        chain = tmp_path / "chain.crt"
        chain.write_bytes(b"issued\n" + certificate.read_bytes() + _made(tmp_path / "authority").read_bytes())
        assert Listening(HOST, serve(certificate), "", chain).is_served()

    @pytest.mark.parametrize("in_clear", [True, False])
    def test_a_stranger_is_not_taken_for_it(
        self, certificate: Path, serve: Serve, tmp_path: Path, *, in_clear: bool
    ) -> None:
        port = serve(None if in_clear else _made(tmp_path / "strange"))
        assert not Listening(HOST, port, "", certificate).is_served()

    def test_nobody_is_not(self, certificate: Path) -> None:
        assert not Listening(HOST, free_port(), "", certificate).is_served()


class TestStart:
    """Nobody says that the house is up while a stranger has a child's port."""

    @pytest.fixture
    def child(self, tmp_path: Path, certificate: Path) -> Iterator[Callable[[int], Child]]:
        for name in ("run", "logs"):
            (tmp_path / name).mkdir()
        (tmp_path / "senim.toml").touch()
        made: list[Child] = []

        def make(port: int) -> Child:
            text = "import time; print('where I listen: nowhere'); time.sleep(600)"
            listens = (Listening(HOST, port, "[console] port", certificate),)
            instance = Instance.load(tmp_path)
            made.append(Child("door", instance, [sys.executable, "-uc", text], dict(os.environ), listens=listens))
            return made[-1]

        yield make
        for one in made:
            one.stop()

    def test_a_port_that_is_taken_is_told_by_its_setting_and_nothing_is_started(
        self, child: Callable[[int], Child], serve: Serve
    ) -> None:
        port = serve(None)
        one = child(port)
        with pytest.raises(NoPort, match=rf"{port}, \[console\] port"):
            Supervisor(one.instance, print)._started(one)
        assert one.pid is None

    def test_a_free_one_is_not(self, child: Callable[[int], Child]) -> None:
        one = child(free_port())
        assert Supervisor(one.instance, print)._started(one).pid is not None

    def test_a_child_at_whose_port_a_stranger_answers_does_not_serve(
        self, child: Callable[[int], Child], serve: Serve, tmp_path: Path
    ) -> None:
        one = child(serve(_made(tmp_path / "strange")))
        one.start()
        with translation.override("en"), pytest.raises(WillNotStart, match="door does not serve") as refusal:
            one.wait_ready(2)
        assert "where I listen: nowhere" in str(refusal.value)
        assert str(one.log) in str(refusal.value)

    def test_one_that_has_the_key_does(self, child: Callable[[int], Child], serve: Serve, certificate: Path) -> None:
        one = child(serve(certificate))
        one.start()
        one.wait_ready(10)
