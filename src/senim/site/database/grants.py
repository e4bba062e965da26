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
    # Adds those of a demonstration only (a trigger sees to it); what it may change stands in `COLUMNS`.
    "identity_account": "RA",
    "identity_attempts": "RACD",
    "identity_session": "RACD",
    "account_*": "RACD",
    "mfa_*": "RACD",
}

_REGULATOR_READ = {"asoi_message": "R", "asoi_attempt": "R", "asoi_receipt": "R"}
_DETECTION_READ = {
    "detection_alert": "R",
    "detection_rulestatus": "R",
    "detection_setaside": "R",
    "detection_takenup": "R",
}

_TELEMETRY_READ = {"telemetry_ledger": "R", "telemetry_gap": "R", "telemetry_notice": "R"}
_INCIDENTS_READ = {
    "incidents_incident": "R",
    "incidents_incidentalert": "R",
    "incidents_exercise": "R",
    "incidents_decision": "R",
}
_ONCALL_READ = {
    "oncall_contact": "R",
    "oncall_duty": "R",
    "oncall_cause": "R",
    "oncall_letter": "R",
    "oncall_page": "R",
    "oncall_attempt": "R",
}
# What the checks look at, by whomever they are made (`doctor.collection`).
_CHECKED = {**_REGULATOR_READ, **_DETECTION_READ, **_INCIDENTS_READ, **_TELEMETRY_READ, "events_handled": "R"}

GRANTS: dict[str, dict[str, str]] = {
    "console": {
        **_EVERYBODY,
        **_SIGN_IN,
        **_REGULATOR_READ,
        **_DETECTION_READ,
        **_INCIDENTS_READ,
        **_TELEMETRY_READ,
        # *Now* says which news nobody has heard.
        "events_handled": "R",
        "incidents_exercise": "RA",
        # A decision about an alert; the incident that follows from it is the worker's to open.
        "incidents_decision": "RA",
        # The on-call list; of causes only that somebody answered (`COLUMNS`). Pages are the worker's to write.
        **_ONCALL_READ,
        "oncall_contact": "RAC",
        "oncall_duty": "RAC",
    },
    "worker": {
        **_EVERYBODY,
        **_CHECKED,
        "events_handled": "RA",
        "procrastinate_*": "RACD",
        "identity_account": "R",
        "asoi_message": "RA",
        "detection_alert": "R",
        "incidents_exercise": "R",
        "incidents_decision": "R",
        "incidents_incident": "RAC",
        "incidents_incidentalert": "RA",
        "oncall_contact": "R",
        "oncall_duty": "R",
        "oncall_cause": "RAC",
        "oncall_letter": "RAC",
        "oncall_page": "RA",
        "oncall_attempt": "RAC",
    },
    # Says what it met; the ledger of what arrived is detection's.
    "collector": {**_EVERYBODY, "telemetry_notice": "RA", "telemetry_ledger": "R"},
    "detection": {
        **_EVERYBODY,
        "telemetry_ledger": "RAC",
        "telemetry_gap": "RAC",
        "telemetry_notice": "R",
        "detection_alert": "RA",
        "detection_remembered": "RACD",
        "detection_rememberedmark": "RACD",
        "detection_turn": "RAC",
        "detection_rulestatus": "RACD",
        "detection_setaside": "RA",
        "detection_takenup": "RA",
    },
    "asoi": {
        **_EVERYBODY,
        "audit_checkpoint": "R",
        "asoi_message": "RC",
        "asoi_attempt": "RAC",
        "asoi_receipt": "RA",
        "asoi_handedin": "RC",
    },
    # Seals what others wrote: adds to the log, empties its queue, writes no row of its own.
    "sealer": {
        "audit_auditrow": "R",
        "audit_unsealed": "RD",
        "audit_leaf": "RA",
        "audit_node": "RA",
        "audit_checkpoint": "RA",
    },
    "operator": {
        **_EVERYBODY,
        **_CHECKED,
        **_ONCALL_READ,
        "identity_account": "RAC",
        "mfa_authenticator": "RD",
        # Ends the sessions of an account that is disabled or reset.
        "identity_session": "RD",
        # Exports messages, hands in receipts; a trigger refuses every other change of a message.
        "asoi_message": "RC",
        "asoi_handedin": "RA",
    },
}

COLUMNS: dict[str, dict[str, tuple[str, ...]]] = {
    # What the owner of an account changes of it by signing in. Name, role and whether it is alive are the operator's.
    "console": {
        "identity_account": ("enrol_until", "language", "last_login", "password", "password_chosen_at"),
        "oncall_cause": ("answered_at", "answered_by_id"),
    },
}
"""Process → table → the columns that it may change, where the row as a whole is not its to change."""
