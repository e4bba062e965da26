"""Who waits for whom: joining, opening and people's acts, by PostgreSQL's advisory locks until the transaction ends.

An alert joins under a lock that joiners share, and one of its own kind and target, so that two workers never open two
incidents of one attack. An act takes the first lock for itself: while incidents are merged or split nothing joins, and
an alert that waited finds the survivor.
"""

from django.db import connection

_JOINING = """
SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0)), pg_advisory_xact_lock(hashtextextended(%s, 0))
"""
_INCIDENTS, _SERIAL = "incidents.acts", "incidents.serial"


def take_joining(kind: int, target: str) -> None:
    """Join or open in turn with others of this kind and target, and never during an act."""
    with connection.cursor() as cursor:
        cursor.execute(_JOINING, [_INCIDENTS, f"{kind}|{target}"])


def take_telling() -> None:
    """Tell of an incident, never during an act about it or another."""
    _lock("pg_advisory_xact_lock_shared", _INCIDENTS)


def take_acting() -> None:
    """Act, and let nobody join, tell or act meanwhile."""
    _lock("pg_advisory_xact_lock", _INCIDENTS)


def take_serial() -> None:
    """Number incidents in turn, so that no number is given twice or left out."""
    _lock("pg_advisory_xact_lock", _SERIAL)


def _lock(function: str, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended(%s, 0))", [name])
