"""`POST /`: where stamps are asked for, over plain HTTP (RFC 3161 §3.4): what is signed needs no other guard."""

import signal
import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from stand_ins.tsa.behaviour import Behaviour, Mode, behave, behaviour
from stand_ins.tsa.keys import Authority
from stand_ins.tsa.stamp import answer

HOST = "127.0.0.1"
LONGEST = 16 * 1024
"""Bytes of a request; one has about seventy."""
_PATIENCE = 30.0
"""Seconds that a connection may stand still."""
_GLANCE = 0.1


class Server(ThreadingHTTPServer):
    """The listener, on loopback only."""

    daemon_threads = True

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.authority, self.stopping = home, Authority.load(home), threading.Event()
        super().__init__((HOST, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = _PATIENCE

    def do_POST(self) -> None:
        """Give one stamp."""
        length = self.headers.get("Content-Length", "")
        if self.headers.get_content_type() != "application/timestamp-query":
            return self.send_error(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        if not (length.isascii() and length.isdigit() and int(length) <= LONGEST):
            return self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        now = behaviour(self.server.home)
        given = answer(self.rfile.read(int(length)), self.server.authority, now)
        if now.mode is Mode.LATE:
            self.server.stopping.wait(now.delay)
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(given)))
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):  # whoever asked did not wait
            self.wfile.write(given)
        return None


def serve(home: Path, port: int) -> None:
    """Stamp until SIGTERM or SIGINT. Told to be down it is up again after a start; every other behaviour goes on.

    Raises `OSError` where key or certificate is missing or the port is taken.
    """
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    if behaviour(home).mode is Mode.DOWN:
        behave(home, Behaviour())
    while not stopping.is_set():
        if behaviour(home).mode is Mode.DOWN:
            stopping.wait(_GLANCE)
        else:
            _up(home, port, stopping)


def _up(home: Path, port: int, stopping: threading.Event) -> None:
    """Listen until told to stop or to be down."""
    with Server(home, port) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": _GLANCE})
        thread.start()
        while not stopping.wait(_GLANCE) and behaviour(home).mode is not Mode.DOWN:
            pass
        server.stopping.set()
        server.shutdown()
        thread.join()
