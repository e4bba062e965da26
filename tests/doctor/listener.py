"""A TLS listener of the test's own, as strong or as weak as asked for."""

import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from socket import create_server

from senim.doctor.house import Door
from senim.kit.instance import Instance

TLS = ssl.TLSVersion


@contextmanager
def listening(instance: Instance, lowest: ssl.TLSVersion, highest: ssl.TLSVersion) -> Iterator[Door]:
    """A door with the console's own certificate that really takes the versions from `lowest` to `highest`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(instance.certificate("console", "door-tls"), instance.key("console", "door-tls"))
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = lowest, highest
    with create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        ended = threading.Event()
        thread = threading.Thread(target=_serve, args=(server, context, ended))
        thread.start()
        try:
            yield Door("127.0.0.1", server.getsockname()[1], "localhost", instance.trust("ca"))
        finally:
            ended.set()
            thread.join()


def _serve(server: object, context: ssl.SSLContext, ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            connection, _address = server.accept()  # type: ignore[attr-defined]
        except TimeoutError:
            continue
        connection.settimeout(5)
        try:
            with context.wrap_socket(connection, server_side=True) as secured:
                secured.recv(1)
        except OSError:
            continue
