"""Which processes of the house are at work, as the database sees it.

Every process signs in to the database with a role of its own and keeps that connection for as long as it works, so a
process without a connection does not run, or cannot do anything. A process that holds its connection and does nothing
is found by what waits before it (`checks`).
"""

from django.db import connection

NAMES = ("asoi", "collector", "detection", "history", "sealer", "worker")
"""All but the one that asks."""
_CONNECTED = "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = current_database()"


def absent() -> list[str]:
    """Those that hold no connection now."""
    with connection.cursor() as cursor:
        cursor.execute(_CONNECTED)
        connected = {name for (name,) in cursor.fetchall()}
    return [name for name in NAMES if f"senim_{name}" not in connected]
