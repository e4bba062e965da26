"""What rooms call by stable words, as people call it."""

from django.utils.translation import gettext_lazy as _

from senim.asoi.kinds import MessageKind
from senim.asoi.models import Message, Outcome
from senim.audit.actions import AuditAction
from senim.incidents.kinds import IncidentKind
from senim.incidents.queries import AlertState, Moment
from senim.oncall.models import Attempt, Cause
from senim.oncall.queries import PageState
from senim.telemetry.sight import Sight

KINDS = {
    IncidentKind.EXPLOITATION_OF_VULNERABILITY: _("Exploitation of a vulnerability"),
    IncidentKind.UNAUTHORISED_ACCESS: _("Unauthorised access"),
    IncidentKind.DENIAL_OF_SERVICE: _("Denial of service"),
    IncidentKind.MALWARE_ON_SERVER: _("Malware on a server"),
    IncidentKind.UNAUTHORISED_TRANSFER: _("Unauthorised transfer of money"),
    IncidentKind.OTHER_WITH_DOWNTIME: _("Another incident with long downtime"),
}
ALERT_STATES = {
    AlertState.WAITING: (_("Waits for a person"), "warn"),
    AlertState.OPENING: (_("Its incident is being opened"), "warn"),
    AlertState.INCIDENT: (_("Belongs to an incident"), "good"),
    AlertState.DISMISSED: (_("Dismissed"), "info"),
}
SIGHTS = {
    Sight.READ: (_("Being read"), "good"),
    Sight.BLIND: (_("Blind"), "bad"),
    Sight.UNKNOWN: (_("Not known"), "warn"),
    Sight.FORMER: (_("Not read any more"), "info"),
}
PAGE_STATES = {
    PageState.ANSWERED: (_("Answered"), "good"),
    PageState.OVER: (_("Over by itself"), "info"),
    PageState.ESCALATED: (_("Not answered in time: the next one was woken"), "bad"),
    PageState.SENT: (_("Sent, not answered yet"), "warn"),
    PageState.WAITING: (_("On its way"), "warn"),
}
OPEN_PAGES = _("Waits for an answer")
PAGE_CAUSES = {
    Cause.Kind.INCIDENT: _("Incident"),
    Cause.Kind.ALERT: _("An alert that waits"),
    Cause.Kind.TROUBLE: _("The house is not in order"),
    Cause.Kind.TEST: _("Test page"),
}
WAYS = {"sms": _("SMS"), "webhook": _("Webhook"), "mail": _("E-mail")}
TRIES = {
    Attempt.Outcome.SENT: _("Sent"),
    Attempt.Outcome.FAILED: _("Failed"),
    Attempt.Outcome.INTERRUPTED: _("Interrupted: not known whether it left"),
}
MESSAGE_STATES = {
    Message.State.QUEUED: (_("Being prepared"), "warn"),
    Message.State.SEALED: (_("On its way"), "warn"),
    Message.State.EXPORTED: (_("Handed over as a file"), "warn"),
    Message.State.DELIVERED: (_("Delivered"), "good"),
    Message.State.REFUSED: (_("Refused"), "bad"),
}
MESSAGE_KINDS = {
    MessageKind.ANNUAL_REPORT: _("Annual report"),
    MessageKind.EVENT_BATCH: _("Batch of events"),
    MessageKind.INCIDENT_NOTICE: _("Notice of an incident"),
    MessageKind.INCIDENT_UPDATE: _("Update on an incident"),
}
OUTCOMES = {
    Outcome.DELIVERED: _("Delivered, receipt checked"),
    Outcome.INTERRUPTED: _("Interrupted: not known whether the regulator has it"),
    Outcome.UNREACHABLE: _("The regulator could not be reached"),
    Outcome.TIMED_OUT: _("No answer in time"),
    Outcome.SERVER_NOT_TRUSTED: _("The server did not prove to be the regulator's"),
    Outcome.REFUSED: _("The regulator answered with an error"),
    Outcome.IN_CONFLICT: _("The regulator has another message of the same number"),
    Outcome.RECEIPT_REFUSED: _("The receipt does not hold"),
    Outcome.NOT_SEALABLE: _("Could not be sealed"),
}
MOMENTS = {
    Moment.FIRST_EVENT: _("First event"),
    Moment.ALERT: _("Alert"),
    Moment.INCIDENT: _("Incident opened"),
    Moment.SEALED: _("Message sealed"),
    Moment.SENT: _("Sent to the regulator"),
    Moment.RECEIPT: _("Receipt from the regulator"),
}
ACTIONS = {
    AuditAction.ASOI_FILE_OPENED: _("Sealed file opened"),
    AuditAction.ASOI_MESSAGE_EXPORTED: _("Message exported as a file"),
    AuditAction.ASOI_MESSAGE_QUEUED: _("Message queued"),
    AuditAction.ASOI_MESSAGE_REFUSED: _("Message refused"),
    AuditAction.ASOI_MESSAGE_SEALED: _("Message sealed"),
    AuditAction.ASOI_PROOF_EXPORTED: _("Proof of delivery taken out"),
    AuditAction.ASOI_RECEIPT_ACCEPTED: _("Receipt accepted"),
    AuditAction.ASOI_RECEIPT_REFUSED: _("Receipt refused"),
    AuditAction.AUDIT_CHECKPOINT_EXPORTED: _("Checkpoint exported"),
    AuditAction.CONSOLE_LIST_EXPORTED: _("List exported"),
    AuditAction.IDENTITY_ACCESS_REFUSED: _("Access refused"),
    AuditAction.IDENTITY_ACCOUNT_CREATED: _("Account made"),
    AuditAction.IDENTITY_ACCOUNT_DISABLED: _("Account disabled"),
    AuditAction.IDENTITY_ACCOUNT_ENABLED: _("Account enabled"),
    AuditAction.IDENTITY_FACTOR_ADDED: _("Second factor added"),
    AuditAction.IDENTITY_FACTOR_REMOVED: _("Second factor removed"),
    AuditAction.IDENTITY_PASSWORD_CHANGED: _("Password changed"),
    AuditAction.IDENTITY_ROLE_CHANGED: _("Role changed"),
    AuditAction.IDENTITY_SESSION_ENDED: _("Signed out"),
    AuditAction.IDENTITY_SESSION_STARTED: _("Signed in"),
    AuditAction.IDENTITY_SESSION_REFUSED: _("Sign-in refused"),
    AuditAction.INCIDENTS_ALERT_DISMISSED: _("Alert dismissed"),
    AuditAction.INCIDENTS_ALERT_GRADED: _("Alert graded as an incident"),
    AuditAction.INCIDENTS_EXERCISE_DECLARED: _("Exercise declared"),
    AuditAction.INCIDENTS_EXERCISE_REFUSED: _("Exercise refused"),
    AuditAction.INCIDENTS_INCIDENT_JOINED: _("Alert joined an incident"),
    AuditAction.INCIDENTS_INCIDENT_OPENED: _("Incident opened"),
    AuditAction.ONCALL_CONTACT_CHANGED: _("How somebody is reached changed"),
    AuditAction.ONCALL_DUTY_ADDED: _("Put on the on-call list"),
    AuditAction.ONCALL_DUTY_ENDED: _("Taken off the on-call list"),
    AuditAction.ONCALL_PAGE_ANSWERED: _("Page answered"),
    AuditAction.ONCALL_PAGE_SENT: _("Page sent"),
    AuditAction.ONCALL_PAGE_WRITTEN: _("Somebody was woken"),
    AuditAction.ONCALL_TEST_ASKED: _("Test page asked for"),
}
LEVELS = {
    "informational": _("informational"),
    "low": _("low"),
    "medium": _("medium"),
    "high": _("high"),
    "critical": _("critical"),
}
