"""HTTPS with mutual TLS: our default way to the regulator.

Clauses: R228/81 (cryptographic protection of confidentiality), R228/81-13 (the lowest version of TLS).

Every try has one limit for the whole of it: a peer that falls silent half-way, or answers a byte at a time, costs that
long and no longer. Connections are kept for a while (`internal.connection`); keys and certificates that are replaced
come with another `Https`, and what this one kept is then closed.
"""

import ssl
from http import HTTPStatus
from uuid import UUID

import httpx

from senim.asoi.adapters import AnsweredWithError, InConflict, ServerNotTrusted, TimedOut, Unreachable
from senim.asoi.errors import NotSealable
from senim.asoi.internal.connection import NO_ANSWER, Connections
from senim.asoi.internal.credentials import CLIENT_TLS, PROCESS
from senim.asoi.settings import AsoiSettings
from senim.asoi.terms import LOWEST_TLS
from senim.kit.files import read_private
from senim.kit.instance import BadSettings, Instance

_MEDIA_TYPE = "application/pkcs7-mime"
_DETAIL = 100


class Https:
    """Posts sealed messages to an address of senim.toml, and to no other: there is no proxy and no redirect."""

    def __init__(self, instance: Instance, settings: AsoiSettings, url: str) -> None:
        try:
            self._url = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise BadSettings(f"senim.toml, [asoi] url: {error}") from error
        self._within = settings.answer_within
        self._connections = Connections(self._url, tls_context(instance))

    def send(self, message: UUID, sealed: bytes) -> bytes:
        """See `Adapter.send`."""
        if self._url.scheme != "https":  # what is sealed goes over mutual TLS or not at all
            raise Unreachable("senim.toml names no https address")
        headers = {"Content-Type": _MEDIA_TYPE, "Senim-Message": str(message)}
        try:
            answer = self._connections.post(sealed, headers, within=self._within)
        except TimeoutError:
            raise TimedOut(f"no whole answer within {self._within:g} s") from None
        except ssl.SSLCertVerificationError as error:
            raise ServerNotTrusted(error.verify_message) from error
        except NO_ANSWER as error:
            raise Unreachable(f"{type(error).__name__}: {error}"[:_DETAIL]) from error
        if answer.status == HTTPStatus.OK:
            return answer.content
        text = _printable(answer.content)
        if answer.status == HTTPStatus.CONFLICT:
            raise InConflict(text)
        raise AnsweredWithError(f"{answer.status} {text}".strip())

    def close(self) -> None:
        """Let go of the connections that are kept."""
        self._connections.close()


def tls_context(instance: Instance) -> ssl.SSLContext:
    """Our side of mutual TLS. Raises `NotSealable` naming what is missing, `ExposedFile`."""
    key, certificate = instance.key(PROCESS, CLIENT_TLS), instance.certificate(PROCESS, CLIENT_TLS)
    try:
        read_private(key)
        context = ssl.create_default_context(cafile=str(instance.trust("ca")))
        # R228/81-13: nothing below the version that the law fixes.
        context.minimum_version = LOWEST_TLS
        context.load_cert_chain(certificate, key)
    except (FileNotFoundError, ssl.SSLError) as error:
        raise NotSealable(f"client TLS: {error}") from error
    return context


def _printable(answer: bytes) -> str:
    text = answer[: 4 * _DETAIL].decode(errors="replace")
    return "".join(character if character.isprintable() else " " for character in text)[:_DETAIL].strip()
