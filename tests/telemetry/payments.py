"""Lines of payment journals, as a bureau's system writes them."""

import json

RECIPIENT = "client-9f86d081884c7d65"


def record(event: str, /, **words: object) -> str:
    """One line about refund `rf-1`; `words` replace or add; None leaves one out."""
    known: dict[str, object] = {
        "at": "2026-11-22T15:00:00.250+05:00",
        "system": "billing",
        "event": f"refund-{event}",
        "ledger": "client-money",
        "refund": "rf-1",
        "amount": 1_500_000,
        "recipient": RECIPIENT,
        "user": "bolat",
    }
    more: dict[str, dict[str, object]] = {
        "approved": {"approval": "ap-1", "maker": "aliya"},
        "executed": {"approval": "ap-1", "execution": "ex-1"},
        "refused": {"step": "execute", "reason": "not-approved"},
    }
    said = {**known, **more.get(event, {}), **words}
    return json.dumps({name: value for name, value in said.items() if value is not None}, separators=(",", ":"))
