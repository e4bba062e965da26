"""The database roles of the house: one per process, each with its own secret (least privilege, ADR 0004)."""

OWNER = "senim_owner"
"""Owns the schema and migrates it; no serving process knows its secret."""

ROLES: dict[str, str] = {
    "console": "senim_console",
    "worker": "senim_worker",
    "collector": "senim_collector",
    "detection": "senim_detection",
    "feed": "senim_feed",
    "history": "senim_history",
    "asoi": "senim_asoi",
    "sealer": "senim_sealer",
    "operator": "senim_operator",
}
"""Process → its role. `operator` is the command line at the machine: it reads, and carries what `senim` commands do."""

LIMITS: dict[str, str] = {"idle_in_transaction_session_timeout": "60s", "statement_timeout": "300s"}
"""What the server allows a session of every role: an event row is news only when all older transactions have ended, so
that one which hangs would hold up the news of all (`events.queries`). The owner migrates and has no such limits."""
