"""Who may do what to which table: the whole of it, on one page. Applied after every migration.

`R` read, `A` add, `C` change, `D` remove. What is not here is not granted; audit and event rows are never `C` or `D`.
A name that ends in `*` means every table with that beginning.
"""

PRIVILEGES = {"R": "SELECT", "A": "INSERT", "C": "UPDATE", "D": "DELETE"}

_EVERYBODY = {
    "django_content_type": "R",
    "django_migrations": "R",
    "audit_auditrow": "RA",
    "audit_unsealed": "RA",
    # Messages carry the latest checkpoint; reading the log changes nothing.
    "audit_leaf": "R",
    "audit_node": "R",
    "audit_checkpoint": "R",
    "events_event": "RA",
    # Booking a handler of an event is a row in the job queue.
    "procrastinate_jobs": "RA",
    "procrastinate_events": "RA",
}
# Doors and handlers sign nobody in but staff; sessions belong to the console.
_SIGN_IN = {
    "identity_account": "RAC",
    "identity_attempts": "RACD",
    "identity_session": "RACD",
    "account_*": "RACD",
    "mfa_*": "RACD",
}

GRANTS: dict[str, dict[str, str]] = {
    "console": {**_EVERYBODY, **_SIGN_IN},
    "worker": {
        **_EVERYBODY,
        "events_handled": "RA",
        "procrastinate_*": "RACD",
        "identity_account": "R",
    },
    # Says what it met; the ledger of what arrived is detection's.
    "collector": {**_EVERYBODY, "telemetry_notice": "RA"},
    "detection": {
        **_EVERYBODY,
        "telemetry_ledger": "RAC",
        "telemetry_gap": "RAC",
        "telemetry_notice": "R",
    },
    "asoi": {**_EVERYBODY},
    # Seals what others wrote: adds to the log, empties its queue, writes no row of its own.
    "sealer": {
        "audit_auditrow": "R",
        "audit_unsealed": "RD",
        "audit_leaf": "RA",
        "audit_node": "RA",
        "audit_checkpoint": "RA",
    },
    "operator": {**_EVERYBODY, "identity_account": "RAC", "mfa_authenticator": "RD"},
}
