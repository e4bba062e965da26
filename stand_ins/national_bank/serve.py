"""The listener, until told to stop."""

import signal
import sys
import threading
from pathlib import Path

from stand_ins.asoi.server.tls import HOST
from stand_ins.national_bank.behaviour import Behaviour, Mode, behave, mode
from stand_ins.national_bank.onward import Onward
from stand_ins.national_bank.server import PATH, Server

_GLANCE = 0.1
"""Seconds between two looks at whether to be down."""


def serve(home: Path, port: int, asoi: str) -> None:
    """Pass on to `asoi` until SIGTERM or SIGINT. Told to be down it is up again after a start.

    Raises `NotReady` where `home` is not complete, the port is taken or `asoi` is no address.
    """
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    onward = Onward(home, asoi)
    if mode(home) is Mode.DOWN:
        behave(home, Behaviour())
    while not stopping.is_set():
        if mode(home) is Mode.DOWN:
            stopping.wait(_GLANCE)
        else:
            _up(Server(home, port, onward), home, port, stopping)


def _up(server: Server, home: Path, port: int, stopping: threading.Event) -> None:
    """Listen until told to stop or to be down."""
    sys.stderr.write(f"passing on what comes to https://{HOST}:{port}{PATH}\n")
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(_GLANCE,))
        thread.start()
        while not stopping.wait(_GLANCE) and mode(home) is not Mode.DOWN:
            pass
        server.shutdown()
        thread.join()
