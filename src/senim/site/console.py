"""The console's door, served by granian over TLS.

Clauses: R228/81-13 (the lowest version of TLS).
"""

import os

from granian.constants import Interfaces, SSLProtocols
from granian.log import LogLevels
from granian.server import Server

from senim.asoi.terms import LOWEST_TLS
from senim.kit.instance import Profile
from senim.kit.process import Process
from senim.site.web import console_settings

LOOPBACK = "127.0.0.1"
_LOWEST_TLS = SSLProtocols[LOWEST_TLS.name.replace("TLSv", "tls").replace("_", "")]
"""The law fixes one version for every connection; granian spells it in its own way."""


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
        backpressure=64,
        respawn_failed_workers=True,
        log_level=LogLevels.warning,
        ssl_cert=process.instance.certificate("console", "door-tls"),
        ssl_key=process.instance.key("console", "door-tls"),
        # The version that the law fixes, so that whoever keeps it comes in; granian's own lowest is higher.
        ssl_protocol_min=_LOWEST_TLS,
    ).serve()
