"""How sealed messages travel. Everything that belongs to one way of travelling stands behind this interface.

The interface of the real ASOI is not public; ours is HTTPS with mutual TLS (`https`). Another way is another class.
"""

from typing import ClassVar, Protocol
from uuid import UUID

from senim.asoi.models import Outcome


class NotSent(Exception):
    """A try that brought no receipt; the text is a short detail without content."""

    outcome: ClassVar[Outcome]


class Unreachable(NotSent):
    """No connection, or it broke."""

    outcome = Outcome.UNREACHABLE


class TimedOut(NotSent):
    """No whole answer in time; whether the message arrived is not known."""

    outcome = Outcome.TIMED_OUT


class ServerNotTrusted(NotSent):
    """Whoever answered is not who our trusted authority vouches for."""

    outcome = Outcome.SERVER_NOT_TRUSTED


class AnsweredWithError(NotSent):
    """The regulator answered, and not with a receipt."""

    outcome = Outcome.REFUSED


class InConflict(NotSent):
    """The regulator has other content under this message's identifier."""

    outcome = Outcome.IN_CONFLICT


class Adapter(Protocol):
    """One way for sealed bytes to reach the regulator."""

    def send(self, message: UUID, sealed: bytes) -> bytes:
        """Bring `sealed` there and return the sealed receipt, unchecked. Raises a `NotSent`; takes a bounded time."""

    def close(self) -> None:
        """Let go of what is kept between tries; what is under way may end."""
