"""How files of the electronic format are carried by themselves. What belongs to one way of carrying stands behind this.

Clauses: R228/81 (or in electronic format). A carrier brings sealed files to a folder of the regulator and fetches what
lies in another. It delivers nothing and judges nothing: a receipt alone delivers, whoever carried the file.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from senim.asoi.kinds import VisitOutcome


class NotCarried(Exception):
    """What kept a visit from its end; the text is a short detail without content."""

    outcome: ClassVar[VisitOutcome]


class OutOfReach(NotCarried):
    """No connection, or it broke."""

    outcome = VisitOutcome.UNREACHABLE


class TookTooLong(NotCarried):
    """Not at its end in time, or the process was asked to stop."""

    outcome = VisitOutcome.TIMED_OUT


class HostNotTrusted(NotCarried):
    """Whoever answered does not have the pinned host key, or none is pinned."""

    outcome = VisitOutcome.HOST_NOT_TRUSTED


class TurnedAway(NotCarried):
    """The other side does not let us in, or does not let us put or fetch."""

    outcome = VisitOutcome.REFUSED


@dataclass(frozen=True)
class Visit:
    """What one visit brought about, whether or not it came to its end."""

    put: tuple[str, ...] = ()
    """Names of the files that lie there now, whole."""
    fetched: Mapping[str, bytes] = field(default_factory=dict)
    """What lay there as receipts: name and bytes, unjudged."""
    failure: NotCarried | None = None


class Carrier(Protocol):
    """One way to the regulator's folders."""

    @property
    def way(self) -> str:
        """How, and to whom, in words that let it be found again."""

    def visit(self, files: Mapping[str, bytes], *, fetch: bool) -> Visit:
        """Put `files` there by name and, where asked for, fetch what lies there.

        Takes a bounded time; what the other side does wrong stands in `Visit.failure`.
        """
