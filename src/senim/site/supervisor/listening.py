"""Where a child listens, and how the supervisor knows that it is the child who answers there."""

import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Problem

_PATIENCE = 1.0


class NoPort(Problem):
    """A child could not listen where it should."""

    code = "site:no-port"
    status = 500
    title = _("The house does not start: a port cannot be listened on")
    remedy = _(
        "End the program that listens there, or name another port in senim.toml;"
        " `senim init --any-ports` founds a demonstration on free ones"
    )


@dataclass(frozen=True)
class Listening:
    """An address at which a child serves over TLS."""

    host: str
    port: int
    setting: str
    """Table and word of senim.toml that say so."""
    certificate: Path
    """Of the key that the child alone has; what follows in the file is its chain."""

    def is_served(self) -> bool:
        """Whether whoever has the key answers. A stranger at the port has not, whatever certificate it shows."""
        try:
            with (
                socket.create_connection((self.host, self.port), timeout=_PATIENCE) as connection,
                _asking().wrap_socket(connection) as secured,
            ):
                shown = secured.getpeercert(binary_form=True)
        except OSError:
            return False
        own = x509.load_pem_x509_certificates(self.certificate.read_bytes())[0]
        return shown == own.public_bytes(Encoding.DER)

    def raise_if_taken(self) -> None:
        """Raise `NoPort` where somebody else listens there, or we may not."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                raise NoPort(f"{self.host}:{self.port}, {self.setting}: {error.strerror}") from error


def _asking() -> ssl.SSLContext:
    """Whoever shows a certificate has its key; whether it is the right one is compared byte by byte."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
