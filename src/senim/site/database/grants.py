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
# Each says of itself that it works; a trigger refuses what one says of another.
_PULSE = {"pulse_beat": "RAC"}
_PULSE_READ = {"pulse_beat": "R"}
# Doors and handlers sign nobody in but staff; sessions belong to the console.
_SIGN_IN = {
    # Adds those of a demonstration only (a trigger sees to it); what it may change stands in `COLUMNS`.
    "identity_account": "RA",
    "identity_attempts": "RACD",
    "identity_session": "RACD",
    "account_*": "RACD",
    "mfa_*": "RACD",
}

_REGULATOR_READ = {
    "asoi_message": "R",
    "asoi_attempt": "R",
    "asoi_receipt": "R",
    "asoi_timestamp": "R",
    "asoi_carriage": "R",
    "asoi_ending": "R",
    "asoi_carriervisit": "R",
}
_DETECTION_READ = {
    "detection_alert": "R",
    "detection_rulestatus": "R",
    "detection_rulefile": "R",
    "detection_setaside": "R",
    "detection_takenup": "R",
}

_AVAILABILITY_READ = {"availability_*": "R"}
_FEED_READ = {"event_feed_chain": "R", "event_feed_place": "R", "event_feed_portion": "R"}
_HISTORY_READ = {"history_expiry": "R"}
_TELEMETRY_READ = {
    "telemetry_dayend": "R",
    "telemetry_ledger": "R",
    "telemetry_gap": "R",
    "telemetry_notice": "R",
    "telemetry_seenloss": "R",
}
_INCIDENTS_READ = {
    "incidents_incident": "R",
    "incidents_incidentalert": "R",
    "incidents_exercise": "R",
    "incidents_exerciseend": "R",
    "incidents_breachnotice": "R",
    "incidents_decision": "R",
    "incidents_downtime": "R",
    "incidents_act": "R",
    "incidents_actoutcome": "R",
    "incidents_assignment": "R",
    "incidents_note": "R",
    "incidents_party": "R",
    "incidents_scope": "R",
    "incidents_task": "R",
    "incidents_taskend": "R",
    "incidents_tick": "R",
}
# What the checks look at, by whomever they are made (`doctor.collection`); the worker makes those that wake people.
_CHECKED = {
    **_REGULATOR_READ,
    **_DETECTION_READ,
    **_TELEMETRY_READ,
    **_AVAILABILITY_READ,
    **_PULSE_READ,
    **_FEED_READ,
    "events_handled": "R",
    "oncall_*": "R",
    "registers_version": "R",
    "annual_report_filing": "R",
    "annual_report_report": "R",
}

GRANTS: dict[str, dict[str, str]] = {
    "console": {
        **_EVERYBODY,
        **_SIGN_IN,
        **_CHECKED,
        **_INCIDENTS_READ,
        **_HISTORY_READ,
        # Announcing work, cancelling it, deciding a cause; outages themselves are detection's.
        "availability_maintenance": "RA",
        "availability_cancellation": "RA",
        "availability_causedecision": "RA",
        "incidents_exercise": "RA",
        "incidents_exerciseend": "RA",
        "telemetry_marker": "A",
        # A decision about an alert; the incident that follows from it is the worker's to open.
        "incidents_decision": "RA",
        # What a person says of a loss.
        "telemetry_seenloss": "RA",
        # What people decide and write down about an incident; what follows from an act is the worker's to do.
        "incidents_act": "RA",
        "incidents_assignment": "RA",
        "incidents_breachnotice": "RA",
        "incidents_note": "RA",
        "incidents_task": "RA",
        "incidents_taskend": "RA",
        "incidents_tick": "RA",
        # That somebody carried a message's file; only a receipt delivers it.
        "asoi_carriage": "RA",
        # The on-call list; of causes only that somebody answered (`COLUMNS`). Pages are the worker's to write.
        "oncall_contact": "RAC",
        "oncall_duty": "RAC",
        "registers_version": "RA",
        # That somebody filed what was shown; what follows from it is the worker's to do.
        "annual_report_filing": "RA",
    },
    "worker": {
        **_EVERYBODY,
        **_CHECKED,
        **_PULSE,
        "events_handled": "RA",
        "procrastinate_*": "RACD",
        "identity_account": "R",
        "asoi_message": "RA",
        "incidents_breachnotice": "R",
        "incidents_task": "R",
        "incidents_taskend": "R",
        "incidents_exercise": "R",
        "incidents_exerciseend": "R",
        "incidents_decision": "R",
        "incidents_incident": "RAC",
        "incidents_incidentalert": "RA",
        "incidents_downtime": "RA",
        "incidents_act": "R",
        "incidents_actoutcome": "RA",
        "incidents_party": "RAC",
        "incidents_scope": "RAC",
        "annual_report_report": "RA",
        "oncall_cause": "RAC",
        "oncall_letter": "RAC",
        "oncall_page": "RA",
        "oncall_attempt": "RAC",
    },
    # Says what it met; the ledger of what arrived is detection's.
    "collector": {
        **_EVERYBODY,
        **_PULSE,
        "telemetry_notice": "RA",
        "telemetry_ledger": "R",
        "telemetry_marker": "R",
    },
    "detection": {
        **_EVERYBODY,
        **_PULSE,
        "telemetry_dayend": "RA",
        "telemetry_ledger": "RAC",
        "telemetry_gap": "RAC",
        "telemetry_notice": "R",
        "telemetry_marker": "R",
        "detection_alert": "RA",
        "detection_remembered": "RACD",
        "detection_rememberedmark": "RACD",
        "detection_turn": "RAC",
        "detection_rulestatus": "RACD",
        "detection_rulefile": "RACD",
        "detection_setaside": "RA",
        "detection_takenup": "RA",
        "availability_sample": "RAD",
        "availability_tally": "RAC",
        "availability_outage": "RAC",
        # What people said of services.
        "availability_maintenance": "R",
        "availability_cancellation": "R",
        "availability_causedecision": "R",
    },
    # Picks events and tells the regulator of them, of nothing else (a trigger knows: asoi, 0004).
    "feed": {
        **_EVERYBODY,
        **_PULSE,
        "asoi_message": "RA",
        "event_feed_chain": "RAC",
        "event_feed_place": "RAC",
        "event_feed_portion": "RAD",
        "telemetry_marker": "R",
    },
    # Says which numbers leave with their day. The events themselves lie in its folder.
    "history": {**_EVERYBODY, **_PULSE, "history_expiry": "RA"},
    "asoi": {
        **_EVERYBODY,
        **_PULSE,
        "audit_checkpoint": "R",
        "asoi_message": "R",
        "asoi_attempt": "RAC",
        "asoi_receipt": "RA",
        "asoi_timestamp": "RA",
        "asoi_ending": "RACD",
        "asoi_handedin": "RC",
        # Says of files that it carried them by itself; only a receipt delivers.
        "asoi_carriage": "RA",
        "asoi_carriervisit": "RA",
    },
    # Seals what others wrote: adds to the log, empties its queue, writes no row of its own.
    "sealer": {
        **_PULSE,
        "audit_auditrow": "R",
        "audit_unsealed": "RD",
        "audit_leaf": "RA",
        "audit_node": "RA",
        "audit_checkpoint": "RA",
    },
    "operator": {
        **_EVERYBODY,
        **_CHECKED,
        **_INCIDENTS_READ,
        **_HISTORY_READ,
        "identity_account": "RAC",
        "mfa_authenticator": "RD",
        # Ends the sessions of an account that is disabled or reset.
        "identity_session": "RD",
        # Hands in receipts, says that files were carried. That it exported a message stands in `COLUMNS`.
        "asoi_handedin": "RA",
        "asoi_carriage": "RA",
        # Files that are brought in at the machine.
        "registers_version": "RA",
    },
}

COLUMNS: dict[str, dict[str, tuple[str, ...]]] = {
    # Seals, sends, refuses, takes receipts; which states it may give a message a trigger knows (asoi, 0003).
    "asoi": {
        "asoi_message": (
            *("content", "signed", "sealed", "sha256", "sealed_at", "state"),
            *("first_sent_at", "exported_at", "delivered_at", "refusal", "tries", "next_try_at"),
        )
    },
    # What the owner of an account changes of it by signing in. Name, role and whether it is alive are the operator's.
    "console": {
        "identity_account": ("enrol_until", "language", "last_login", "password", "password_chosen_at"),
        "oncall_cause": ("answered_at", "answered_by_id"),
    },
    # Exports: from sealed to exported and nothing else.
    "operator": {"asoi_message": ("exported_at", "state")},
}
"""Process → table → the columns that it may change, where the row as a whole is not its to change."""
