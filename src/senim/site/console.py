"""The console's door, served by granian over TLS.

Clauses: R228/81-13 (the lowest version of TLS).
"""

import os

from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from senim.asoi.terms import LOWEST_TLS
from senim.kit.instance import Profile
from senim.kit.process import Process
from senim.site.web import console_settings

LOOPBACK = "127.0.0.1"
_LOWEST_TLS = SSLProtocols[LOWEST_TLS.name.replace("TLSv", "tls").replace("_", "")]
"""The law fixes one version for every connection; granian spells it in its own way."""


_HEAD_WITHIN = 10_000
"""Milliseconds in which a request's head must have come; also how long a connection may be silent."""
_MOST_CONNECTIONS = 512
"""Held at once. Further ones wait in the kernel (`backlog`) until one ends, which it does within seconds."""


def run(process: Process) -> None:
    """Serve until asked to stop."""
    console = console_settings(process.instance)
    if process.instance.profile is Profile.DEMONSTRATION and console.host != LOOPBACK:
        raise SystemExit(f"a demonstration listens on {LOOPBACK} only, not on {console.host}")
    os.environ["SENIM_PROCESS"] = process.name
    Server(
        "senim.site.asgi:application",
        address=console.host,
        port=console.port,
        interface=Interfaces.ASGINL,
        workers=1,
        # HTTP/1 alone: where the server waits to see which version it will be, it waits for ever.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEAD_WITHIN, max_buffer_size=64 * 1024),
        websockets=False,
        backlog=1024,
        backpressure=_MOST_CONNECTIONS,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        ssl_cert=process.instance.certificate("console", "door-tls"),
        ssl_key=process.instance.key("console", "door-tls"),
        # The version that the law fixes, so that whoever keeps it comes in; granian's own lowest is higher.
        ssl_protocol_min=_LOWEST_TLS,
    ).serve()
