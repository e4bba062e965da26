"""Which markers are worn by exercises: those that were declared, until they are over. Any other is a text like any.

Whoever attacks may write what he likes, so also what looks like a marker. Were that believed, each of his requests
could wear another one, be counted apart from all others, and never be too many.

Clauses: R228/81-1 (an exercise takes nothing from what is detected).
"""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import InterfaceError, OperationalError, connection, transaction

from senim.kit.clock import now
from senim.telemetry.models import Marker


def declare(marker: str, until: datetime) -> None:
    """Let `marker` be worn by an exercise in what is read up to `until`, in the transaction that declares it.

    Raises `TransactionManagementError` outside a transaction, `IntegrityError` for what is no marker or known already.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("a marker is declared together with its exercise")
    Marker.objects.create(marker=marker, until=until)


def declared(worn: Collection[str]) -> Mapping[str, datetime]:
    """Those of `worn` that were declared, each with the moment up to which it counts."""
    return dict(Marker.objects.filter(marker__in=worn).values_list("marker", "until")) if worn else {}


class InForce:
    """The markers that count now, for who looks every second and must go on where the database is away."""

    def __init__(self) -> None:
        self._until: Mapping[str, datetime] = {}

    def among(self, worn: Collection[str]) -> frozenset[str]:
        """Those of `worn` that count now. Where the database is away, as it was known last: no new one counts."""
        if not worn:
            return frozenset()
        try:
            self._until = dict(Marker.objects.filter(until__gte=now()).values_list("marker", "until"))
        except (InterfaceError, OperationalError):
            connection.close()
        return frozenset(marker for marker in worn if marker in self._until and now() <= self._until[marker])
