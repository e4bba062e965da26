"""Both listeners, until told to stop."""

import signal
import sys
import threading
from contextlib import closing
from pathlib import Path

from stand_ins.asoi.behaviour import Behaviour, Mode
from stand_ins.asoi.clock import now
from stand_ins.asoi.credentials import Credentials
from stand_ins.asoi.page.server import Page
from stand_ins.asoi.server.receiver import PATH, Receiver
from stand_ins.asoi.server.tls import HOST, TlsServer
from stand_ins.asoi.store import Store

_GLANCE = 0.1
"""Seconds between two looks at whether to be down."""


def serve(home: Path, port: int, page_port: int) -> None:
    """Serve bureaus on `port` and people on `page_port` until SIGTERM or SIGINT.

    A stand-in that was told to be down is up again after a start; every other behaviour goes on.
    Raises `NotReady` where `home` is not complete or a port is taken.
    """
    credentials = Credentials.load(home)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with closing(Store(home)) as store:
        if store.behaviour(now()).mode is Mode.DOWN:
            store.behave(Behaviour())
        page = Page(home, page_port, store)
        _start(page)
        receiver: Receiver | None = None
        while not stopping.is_set():
            down = store.behaviour(now()).mode is Mode.DOWN
            if receiver is None and not down:
                receiver = Receiver(home, port, store, credentials)
                _start(receiver)
                sys.stderr.write(f"receiving at https://{HOST}:{port}{PATH}, page at https://{HOST}:{page_port}/\n")
            elif receiver is not None and down:
                _stop(receiver)
                receiver = None
                sys.stderr.write("down on request: connections are refused\n")
            stopping.wait(_GLANCE)
        if receiver is not None:
            _stop(receiver)
        _stop(page)


def _start(server: TlsServer) -> None:
    threading.Thread(target=server.serve_forever, args=(_GLANCE,), daemon=True).start()


def _stop(server: TlsServer) -> None:
    if isinstance(server, Receiver):
        server.stopping.set()
    server.shutdown()
    server.server_close()
