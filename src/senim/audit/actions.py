"""Every act that leaves an audit row: `room:subject:act`, alphabetised; a retired one stays as a comment."""

from enum import StrEnum


class AuditAction(StrEnum):
    """The vocabulary of the audit log."""

    ASOI_FILE_OPENED = "asoi:file:opened"
    ASOI_MESSAGE_EXPORTED = "asoi:message:exported"
    ASOI_MESSAGE_QUEUED = "asoi:message:queued"
    ASOI_MESSAGE_REFUSED = "asoi:message:refused"
    ASOI_MESSAGE_SEALED = "asoi:message:sealed"
    ASOI_PROOF_EXPORTED = "asoi:proof:exported"
    ASOI_RECEIPT_ACCEPTED = "asoi:receipt:accepted"
    ASOI_RECEIPT_REFUSED = "asoi:receipt:refused"
    AUDIT_CHECKPOINT_EXPORTED = "audit:checkpoint:exported"
    CONSOLE_LIST_EXPORTED = "console:list:exported"
    HISTORY_DAY_EXPIRED = "history:day:expired"
    HISTORY_EVENTS_SEARCHED = "history:events:searched"
    IDENTITY_ACCESS_REFUSED = "identity:access:refused"
    IDENTITY_ACCOUNT_CREATED = "identity:account:created"
    IDENTITY_ACCOUNT_DISABLED = "identity:account:disabled"
    IDENTITY_ACCOUNT_ENABLED = "identity:account:enabled"
    IDENTITY_FACTOR_ADDED = "identity:factor:added"
    IDENTITY_FACTOR_REMOVED = "identity:factor:removed"
    IDENTITY_PASSWORD_CHANGED = "identity:password:changed"  # noqa: S105 - the name of an act
    IDENTITY_ROLE_CHANGED = "identity:role:changed"
    IDENTITY_SESSION_ENDED = "identity:session:ended"
    IDENTITY_SESSION_STARTED = "identity:session:started"
    IDENTITY_SESSION_REFUSED = "identity:session:refused"
    INCIDENTS_ALERT_DISMISSED = "incidents:alert:dismissed"
    INCIDENTS_ALERT_GRADED = "incidents:alert:graded"
    INCIDENTS_EXERCISE_DECLARED = "incidents:exercise:declared"
    INCIDENTS_EXERCISE_REFUSED = "incidents:exercise:refused"
    INCIDENTS_INCIDENT_JOINED = "incidents:incident:joined"
    INCIDENTS_INCIDENT_OPENED = "incidents:incident:opened"
