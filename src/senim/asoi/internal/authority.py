"""The time-stamping authority: asked for a stamp over what we signed, and its answer checked before it is believed.

The protocol is RFC 3161 over HTTP, whoever the authority is. What leaves the house is a digest; what comes back is
signed under a pinned certificate, so that the way between needs no protection of its own.
"""

import ssl
from http import HTTPStatus

import httpx
from cryptography.x509 import ObjectIdentifier

from senim.asoi import pinned
from senim.asoi.errors import CertificateUnreadable
from senim.asoi.internal.connection import NO_ANSWER, Connections
from senim.asoi.internal.content import lies_between
from senim.asoi.settings import TsaSettings
from senim.kit.clock import now
from senim.kit.crypto import timestamp
from senim.kit.instance import BadSettings, Instance

_DETAIL = 100


class NotStamped(Exception):
    """A try that brought no stamp; the text is a short detail without content."""


class Authority:
    """Asks the authority that senim.toml names. Its certificates are read anew for each stamp: they may be renewed."""

    def __init__(self, instance: Instance, settings: TsaSettings) -> None:
        """Raises `BadSettings` where address or policy is none."""
        self._instance, self._within = instance, settings.answer_within
        try:
            self._url = httpx.URL(settings.url)
            self._policy = ObjectIdentifier(settings.policy) if settings.policy else None
        except (httpx.InvalidURL, ValueError) as error:
            raise BadSettings(f"senim.toml, [asoi.tsa]: {error}") from error
        self._connections = Connections(self._url, ssl.create_default_context())

    def stamp(self, content: bytes) -> tuple[bytes, timestamp.Stamp]:
        """The authority's response over `content`, and what it says, once it holds. Raises `NotStamped`."""
        question, asked_at = timestamp.ask(content, policy=self._policy), now()
        answer = self._ask(question.der)
        try:
            stamp = timestamp.verify(
                answer,
                content,
                trusted=pinned.certificates(self._instance, pinned.TSA),
                policies=[self._policy] if self._policy else (),
                nonce=question.nonce,
            )
        except (timestamp.StampRefused, CertificateUnreadable) as refusal:
            raise NotStamped(f"{type(refusal).__name__}: {refusal}"[:_DETAIL]) from refusal
        if not lies_between(stamp.at, asked_at, now()):
            raise NotStamped("the time in the stamp is far from ours")
        return answer, stamp

    def close(self) -> None:
        """Let go of the connections that are kept."""
        self._connections.close()

    def _ask(self, question: bytes) -> bytes:
        headers = {"Content-Type": "application/timestamp-query"}
        try:
            answer = self._connections.post(question, headers, within=self._within)
        except TimeoutError:
            raise NotStamped(f"no whole answer within {self._within:g} s") from None
        except NO_ANSWER as error:
            raise NotStamped(f"{type(error).__name__}: {error}"[:_DETAIL]) from error
        if answer.status != HTTPStatus.OK:
            raise NotStamped(f"answered with {answer.status}")
        return answer.content
