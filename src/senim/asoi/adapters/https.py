"""HTTPS with mutual TLS: our default way to the regulator.

Clauses: R228/81 (cryptographic protection of confidentiality), R228/81-13 (the lowest version of TLS).

Every try has a connection of its own and one limit for the whole of it: a peer that falls silent half-way, or answers
a byte at a time, costs that long and no longer.
"""

import asyncio
import ssl
from http import HTTPStatus
from uuid import UUID

import httpx

from senim.asoi.adapters import AnsweredWithError, InConflict, NotSent, ServerNotTrusted, TimedOut, Unreachable
from senim.asoi.errors import NotSealable
from senim.asoi.internal.credentials import CLIENT_TLS, PROCESS
from senim.asoi.internal.exchange import post
from senim.asoi.settings import AsoiSettings
from senim.asoi.terms import LOWEST_TLS
from senim.kit.files import read_private
from senim.kit.instance import BadSettings, Instance

_MEDIA_TYPE = "application/pkcs7-mime"
_DETAIL = 100


class Https:
    """Posts sealed messages to an address of senim.toml."""

    def __init__(self, instance: Instance, settings: AsoiSettings, url: str) -> None:
        try:
            self._url = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise BadSettings(f"senim.toml, [asoi] url: {error}") from error
        self._within = settings.answer_within
        # A connection is there, handshake included, in half of the time or not at all.
        self._patience = httpx.Timeout(self._within, connect=self._within / 4)
        self._tls = tls_context(instance)

    def send(self, message: UUID, sealed: bytes) -> bytes:
        """See `Adapter.send`."""
        return asyncio.run(self._send(message, sealed))

    async def _send(self, message: UUID, sealed: bytes) -> bytes:
        try:
            async with asyncio.timeout(self._within):
                status, answer = await self._exchange(message, sealed)
        except (TimeoutError, httpx.TimeoutException):
            raise TimedOut(f"no whole answer within {self._within:g} s") from None
        except (httpx.HTTPError, OSError) as error:  # a TLS alert after the handshake comes as it is, an OSError
            raise _unsent(error) from error
        if status == HTTPStatus.OK:
            return answer
        text = _printable(answer)
        if status == HTTPStatus.CONFLICT:
            raise InConflict(text)
        raise AnsweredWithError(f"{status} {text}".strip())

    async def _exchange(self, message: UUID, sealed: bytes) -> tuple[int, bytes]:
        headers = {"Content-Type": _MEDIA_TYPE, "Senim-Message": str(message)}
        # No proxy and no redirect: the message goes where the settings say, and nowhere else.
        async with httpx.AsyncClient(verify=self._tls, trust_env=False, timeout=self._patience) as client:
            return await post(client, self._url, sealed, headers)


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


def _unsent(error: httpx.HTTPError | OSError) -> NotSent:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return ServerNotTrusted(cause.verify_message)
        cause = cause.__cause__ or cause.__context__
    return Unreachable(f"{type(error).__name__}: {error}"[:_DETAIL])


def _printable(answer: bytes) -> str:
    text = answer[: 4 * _DETAIL].decode(errors="replace")
    return "".join(character if character.isprintable() else " " for character in text)[:_DETAIL].strip()
