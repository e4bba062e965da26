"""The bank's own connection to ASOI: mutual TLS, 1.2 at least, the bank's client certificate."""

import http.client
import ssl
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from stand_ins.asoi.credentials import NotReady

MEDIA_TYPE = "application/pkcs7-mime"
_PATIENCE = 15.0
"""Seconds that ASOI may be silent."""
_LARGEST = 16 * 1024 * 1024
_PLAIN = "text/plain; charset=utf-8"


@dataclass(frozen=True)
class Answered:
    """What ASOI answered, or what is said in its place where it did not."""

    status: int
    kind: str
    body: bytes


class Onward:
    """The way to ASOI."""

    def __init__(self, home: Path, url: str) -> None:
        """Raises `NotReady` where the address is none or a file is missing."""
        address = urlsplit(url)
        if address.scheme != "https" or not address.hostname:
            raise NotReady(f"{url} is no address that begins with https://")
        self._host, self._port, self._path = address.hostname, address.port, address.path or "/"
        self._tls = _context(home)

    def send(self, sealed: bytes, named: str) -> Answered:
        """Bring `sealed` to ASOI; its answer as it is, or 502 or 504 where there is none."""
        connection = http.client.HTTPSConnection(self._host, self._port, timeout=_PATIENCE, context=self._tls)
        headers = {"Content-Type": MEDIA_TYPE, "Senim-Message": named, "Connection": "close"}
        try:
            connection.request("POST", self._path, sealed, headers)
            answer = connection.getresponse()
            return Answered(answer.status, answer.getheader("Content-Type", _PLAIN), answer.read(_LARGEST))
        except TimeoutError:
            return Answered(HTTPStatus.GATEWAY_TIMEOUT, _PLAIN, b"ASOI does not answer the National Bank\n")
        except (OSError, http.client.HTTPException):
            return Answered(HTTPStatus.BAD_GATEWAY, _PLAIN, b"the National Bank does not reach ASOI\n")
        finally:
            connection.close()


def _context(home: Path) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(home / "ca.crt"))
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(home / "client.crt", home / "client.key")
    except (FileNotFoundError, ssl.SSLError) as error:
        raise NotReady(f"{home}: ca.crt, client.crt and client.key are needed ({error})") from None
    return context
