"""What staff may do: every permission, and which role has it.

`room:subject:act`, alphabetised. A door asks `may(account, Permission.X)`; nothing else decides.
"""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """Everything that needs leave."""

    ANNUAL_REPORT_REPORT_FILE = "annual-report:report:file"
    ANNUAL_REPORT_REPORT_READ = "annual-report:report:read"
    ASOI_MESSAGE_CARRY = "asoi:message:carry"
    ASOI_MESSAGE_EXPORT = "asoi:message:export"
    ASOI_MESSAGE_READ = "asoi:message:read"
    AUDIT_LOG_READ = "audit:log:read"
    AVAILABILITY_CAUSE_DECIDE = "availability:cause:decide"
    AVAILABILITY_MAINTENANCE_ANNOUNCE = "availability:maintenance:announce"
    HISTORY_EVENT_READ = "history:event:read"
    # is retired: accounts are made and reset at the machine (`senim accounts`), by no page
    INCIDENTS_ALERT_DECIDE = "incidents:alert:decide"
    INCIDENTS_EXERCISE_DECLARE = "incidents:exercise:declare"
    INCIDENTS_INCIDENT_CLOSE = "incidents:incident:close"
    INCIDENTS_INCIDENT_CORRECT = "incidents:incident:correct"
    INCIDENTS_INCIDENT_DIVIDE = "incidents:incident:divide"
    INCIDENTS_INCIDENT_READ = "incidents:incident:read"
    INCIDENTS_INCIDENT_WITHDRAW = "incidents:incident:withdraw"
    INCIDENTS_INCIDENT_WORK = "incidents:incident:work"
    ONCALL_LIST_EDIT = "oncall:list:edit"
    ONCALL_PAGE_ANSWER = "oncall:page:answer"
    REGISTERS_ENTRY_CHANGE = "registers:entry:change"
    REGISTERS_ENTRY_READ = "registers:entry:read"
    TELEMETRY_LOSS_ACKNOWLEDGE = "telemetry:loss:acknowledge"
    TELEMETRY_SOURCE_READ = "telemetry:source:read"


class Role(StrEnum):
    """Staff roles of the security office."""

    ADMINISTRATOR = "administrator"
    ANALYST = "analyst"
    AUDITOR = "auditor"
    HEAD_OF_IS = "head-of-is"


ROLE_NAMES = {
    Role.ADMINISTRATOR: _("Administrator"),
    Role.ANALYST: _("Security analyst"),
    Role.AUDITOR: _("Auditor"),
    Role.HEAD_OF_IS: _("Head of the information security unit"),
}

_READING = frozenset(
    {Permission.INCIDENTS_INCIDENT_READ, Permission.ASOI_MESSAGE_READ, Permission.TELEMETRY_SOURCE_READ}
)
_HANDLING = frozenset(
    {
        Permission.ANNUAL_REPORT_REPORT_READ,
        Permission.ASOI_MESSAGE_CARRY,
        Permission.AVAILABILITY_CAUSE_DECIDE,
        Permission.HISTORY_EVENT_READ,
        Permission.INCIDENTS_ALERT_DECIDE,
        Permission.INCIDENTS_INCIDENT_CLOSE,
        Permission.INCIDENTS_INCIDENT_CORRECT,
        Permission.INCIDENTS_INCIDENT_DIVIDE,
        Permission.INCIDENTS_INCIDENT_WITHDRAW,
        Permission.INCIDENTS_INCIDENT_WORK,
        Permission.REGISTERS_ENTRY_CHANGE,
        Permission.REGISTERS_ENTRY_READ,
        Permission.TELEMETRY_LOSS_ACKNOWLEDGE,
    }
)
"""What the security office does about alerts, incidents, outages and losses, and the registers that it keeps. Whoever
works on a service does not judge why it was down, and whoever runs the platform has no need of the registers: they tell
what is weak. Lines of logs tell of people: who answers for security and who checks them may read them, no others."""
_ON_CALL = frozenset({Permission.ONCALL_PAGE_ANSWER})
"""Who may be woken may also say that they are on it; an auditor only looks."""

GRANTED: dict[Role, frozenset[Permission]] = {
    # Runs the platform, sees no more of the office than it must to do so.
    Role.ADMINISTRATOR: _READING
    | _ON_CALL
    | {
        Permission.AVAILABILITY_MAINTENANCE_ANNOUNCE,
        Permission.INCIDENTS_EXERCISE_DECLARE,
        Permission.ONCALL_LIST_EDIT,
    },
    Role.ANALYST: _READING | _ON_CALL | _HANDLING,
    # Proves what was told without us; each export leaves an audit row.
    Role.AUDITOR: _READING
    | {
        Permission.ANNUAL_REPORT_REPORT_READ,
        Permission.ASOI_MESSAGE_EXPORT,
        Permission.AUDIT_LOG_READ,
        Permission.HISTORY_EVENT_READ,
        Permission.REGISTERS_ENTRY_READ,
    },
    Role.HEAD_OF_IS: _READING
    | _ON_CALL
    | _HANDLING
    | {
        Permission.ANNUAL_REPORT_REPORT_FILE,
        Permission.AUDIT_LOG_READ,
        Permission.ASOI_MESSAGE_EXPORT,
        Permission.AVAILABILITY_MAINTENANCE_ANNOUNCE,
        Permission.ONCALL_LIST_EDIT,
    },
}
