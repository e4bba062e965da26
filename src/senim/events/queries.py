"""Reading event rows in an order in which none can be missed."""

from senim.events.models import Event

_SETTLED_AFTER = """
SELECT * FROM events_event
WHERE (transaction, id) > (%s, %s::uuid) AND transaction < txid_snapshot_xmin(txid_current_snapshot())
ORDER BY transaction, id LIMIT %s
"""
BEGINNING = (0, "00000000-0000-0000-0000-000000000000")


def settled_after(transaction: int, event_id: str, *, limit: int) -> list[Event]:
    """Up to `limit` events after the place (`transaction`, `event_id`), in the order (transaction, id).

    Only events whose transaction is older than every running one: a slower transaction that began earlier may still
    commit rows that belong before. Start with `BEGINNING`.
    """
    return list(Event.objects.raw(_SETTLED_AFTER, [transaction, event_id, limit]))
