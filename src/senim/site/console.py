"""The console's door, served by granian over TLS.

Clauses: R228/81-13 (the lowest version of TLS).
"""

import os
import resource

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
_HEAD_WITHIN = 10
"""Seconds in which a request's head must have come; so long, too, may a connection be silent. Our choice."""
_LARGEST_HEAD = 64 * 1024
"""Bytes. Our choice."""
_MOST_CONNECTIONS = 8192
"""Our choice, for memory's sake; fewer where the system grants fewer open files. Further ones wait their turn."""
_OTHER_FILES = 256
"""Open files that are no connections of browsers: the database's, logs, libraries."""


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
        # HTTP/1.1 alone: while the server looks which version a connection speaks, it would wait for ever.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEAD_WITHIN * 1000, max_buffer_size=_LARGEST_HEAD),
        websockets=False,
        backlog=1024,
        backpressure=_room_for_connections(),
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        ssl_cert=process.instance.certificate("console", "door-tls"),
        ssl_key=process.instance.key("console", "door-tls"),
        # The version that the law fixes, so that whoever keeps it comes in; granian's own lowest is higher.
        ssl_protocol_min=_LOWEST_TLS,
    ).serve()


def _room_for_connections() -> int:
    """How many connections are held at once, after asking the system for all the open files that it grants."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    granted = _MOST_CONNECTIONS if hard == resource.RLIM_INFINITY else hard - _OTHER_FILES
    return max(1, min(granted, _MOST_CONNECTIONS))
