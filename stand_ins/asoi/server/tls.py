"""An HTTP server over TLS 1.2 or newer, a thread a connection, on this machine only."""

import socket
import ssl
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from stand_ins.asoi.credentials import NotReady

HOST = "127.0.0.1"
PATIENCE = 30.0
"""Seconds that a connection may take over its handshake, or stay idle."""


def server_context(home: Path) -> ssl.SSLContext:
    """TLS as the stand-in: its own certificate, 1.2 at least."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(home / "tls.crt", home / "tls.key")
    return context


def mutual_context(home: Path) -> ssl.SSLContext:
    """The same, and nobody is served without a client certificate of the demonstration CA."""
    context = server_context(home)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(home / "ca.crt")
    return context


class TlsServer(ThreadingHTTPServer):
    """Handshakes in the connection's own thread, so that a slow peer holds up nobody else."""

    request_queue_size = 128

    def __init__(self, port: int, handler: type[BaseHTTPRequestHandler], context: ssl.SSLContext) -> None:
        self._context = context
        try:
            super().__init__((HOST, port), handler)
        except OSError as error:
            raise NotReady(f"{HOST}:{port} cannot be listened on: {error.strerror}") from None

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve one connection."""
        request.settimeout(PATIENCE)
        with self._context.wrap_socket(request, server_side=True) as secured:
            super().finish_request(secured, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base class names them
        """A connection that broke is a line in the log; anything else is our fault and shown whole."""
        error = sys.exception() if sys.version_info >= (3, 12) else sys.exc_info()[1]
        if isinstance(error, OSError):
            sys.stderr.write(f"connection ended: {error}\n")
        else:
            traceback.print_exc()


class PlainHandler(BaseHTTPRequestHandler):
    """What both listeners share: HTTP/1.1, short plain error texts."""

    protocol_version = "HTTP/1.1"
    server_version = "ASOI-stand-in"
    sys_version = ""
    default_request_version = "HTTP/1.0"  # 0.9 would answer nonsense without a status
    timeout = PATIENCE
    # Connections are kept, and answers are small: neither side waits for the other's acknowledgement of half a one.
    disable_nagle_algorithm = True
    wbufsize = -1
    error_content_type = "text/plain; charset=utf-8"
    error_message_format = "%(message)s\n"
    connection: socket.socket
