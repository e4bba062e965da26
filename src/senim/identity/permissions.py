"""What staff may do: every permission, and which role has it.

`room:subject:act`, alphabetised. A door asks `may(account, Permission.X)`; nothing else decides.
"""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """Everything that needs leave."""

    ASOI_MESSAGE_EXPORT = "asoi:message:export"
    ASOI_MESSAGE_READ = "asoi:message:read"
    AUDIT_LOG_READ = "audit:log:read"
    # identity:account:manage is retired: accounts are made and reset at the machine (`senim accounts`), by no page
    INCIDENTS_ALERT_DECIDE = "incidents:alert:decide"
    INCIDENTS_EXERCISE_DECLARE = "incidents:exercise:declare"
    INCIDENTS_INCIDENT_READ = "incidents:incident:read"
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
_DECIDING = frozenset({Permission.INCIDENTS_ALERT_DECIDE, Permission.TELEMETRY_LOSS_ACKNOWLEDGE})

GRANTED: dict[Role, frozenset[Permission]] = {
    # Runs the platform, sees no more of the office than it must to do so.
    Role.ADMINISTRATOR: _READING | {Permission.INCIDENTS_EXERCISE_DECLARE},
    Role.ANALYST: _READING | _DECIDING,
    # Proves what was told without us; each export leaves an audit row.
    Role.AUDITOR: _READING | {Permission.AUDIT_LOG_READ, Permission.ASOI_MESSAGE_EXPORT},
    Role.HEAD_OF_IS: _READING | _DECIDING | {Permission.AUDIT_LOG_READ, Permission.ASOI_MESSAGE_EXPORT},
}
