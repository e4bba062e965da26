"""What rooms call by stable words, as people call it."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from senim.asoi.kinds import MessageKind
from senim.asoi.models import Message, Outcome
from senim.audit.actions import AuditAction
from senim.availability.health import Health
from senim.availability.models import Cause
from senim.detection.coverage import View
from senim.detection.models import Alert
from senim.detection.rulefiles import Difference
from senim.doctor.coverage import State
from senim.incidents.dossier import Happened
from senim.incidents.kinds import IncidentKind
from senim.incidents.models import Incident, Party
from senim.incidents.notice import Update
from senim.incidents.promptness import Why
from senim.incidents.queries import AlertState, Moment
from senim.oncall.models import Attempt
from senim.oncall.models import Cause as PageCause
from senim.oncall.queries import PageState
from senim.telemetry.standing import Sight

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
    AlertState.EXERCISE: (_("Comes from an exercise"), "info"),
}
HEALTHS = {
    Health.UP: (_("Up"), "good"),
    Health.DOWN: (_("Down"), "bad"),
    Health.UNKNOWN: (_("Not known"), "warn"),
}
CAUSES = {
    Cause.INCIDENT: _("An information security incident"),
    Cause.POWER: _("Power supply"),
    Cause.PROVIDER: _("Communications provider"),
    Cause.HARDWARE: _("Failure of equipment"),
    Cause.OWN_WORK: _("Own work that was not announced"),
    Cause.OTHER: _("Something else that is no incident"),
}
SIGHTS = {
    Sight.READ: (_("Being read"), "good"),
    Sight.BLIND: (_("Blind"), "bad"),
    Sight.BEHIND: (_("Not analysed"), "bad"),
    Sight.UNKNOWN: (_("Not known"), "warn"),
    Sight.FORMER: (_("Not read any more"), "info"),
}
COVERAGE_STATES = {
    State.WATCHED: (_("Watched"), "good"),
    State.BLIND: (_("Not watched"), "bad"),
    State.UNKNOWN: (_("Not known"), "warn"),
    State.NEVER_EXERCISED: (_("Watched, never exercised"), "warn"),
    State.MISSED: (_("The last exercise was missed"), "bad"),
    State.EXERCISED_LONG_AGO: (_("Watched, exercised too long ago"), "warn"),
}
VIEWS = {
    View.WATCHED: (_("Sees"), "good"),
    View.BLIND: (_("Sees nothing"), "bad"),
    View.UNKNOWN: (_("Not known"), "warn"),
}
DIFFERENCES = {
    Difference.ADDED: _("Its file was added since detection read it"),
    Difference.CHANGED: _("Its file was changed since detection read it"),
    Difference.REMOVED: _("Its file was removed since detection read it"),
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
    PageCause.Kind.INCIDENT: _("Incident"),
    PageCause.Kind.ALERT: _("An alert that waits"),
    PageCause.Kind.TROUBLE: _("The house is not in order"),
    PageCause.Kind.TEST: _("Test page"),
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
    Message.State.EXPORTED: (_("Waits as a file"), "warn"),
    Message.State.DELIVERED: (_("Delivered"), "good"),
    Message.State.REFUSED: (_("Refused"), "bad"),
}
REPORT_CHANGES = {"added": _("New"), "changed": _("Changed"), "removed": _("Gone")}
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
    AuditAction.ASOI_FILE_TAKEN: _("Message taken out as a file to be carried"),
    AuditAction.ASOI_MESSAGE_CARRIED: _("Message carried as a file"),
    AuditAction.ASOI_MESSAGE_EXPORTED: _("Message exported as a file"),
    AuditAction.ASOI_MESSAGE_QUEUED: _("Message queued"),
    AuditAction.ASOI_MESSAGE_REFUSED: _("Message refused"),
    AuditAction.ASOI_MESSAGE_SEALED: _("Message sealed"),
    AuditAction.ASOI_PROOF_EXPORTED: _("Proof of delivery taken out"),
    AuditAction.ASOI_RECEIPT_ACCEPTED: _("Receipt accepted"),
    AuditAction.ASOI_RECEIPT_REFUSED: _("Receipt refused"),
    AuditAction.ASOI_STAMP_ACCEPTED: _("Time-stamp accepted"),
    AuditAction.AUDIT_CHECKPOINT_EXPORTED: _("Checkpoint exported"),
    AuditAction.AVAILABILITY_CAUSE_DECIDED: _("Cause of an outage decided"),
    AuditAction.AVAILABILITY_MAINTENANCE_ANNOUNCED: _("Work on a service announced"),
    AuditAction.AVAILABILITY_MAINTENANCE_CANCELLED: _("Announced work cancelled"),
    AuditAction.CONSOLE_LIST_EXPORTED: _("List exported"),
    AuditAction.HISTORY_DAY_EXPIRED: _("A day left the event history"),
    AuditAction.HISTORY_EVENTS_SEARCHED: _("Event history searched"),
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
    AuditAction.INCIDENTS_ACT_DECIDED: _("Act about an incident decided"),
    AuditAction.INCIDENTS_ACT_DONE: _("Act about an incident carried out"),
    AuditAction.INCIDENTS_ACT_OVERTAKEN: _("Act about an incident overtaken"),
    AuditAction.INCIDENTS_ALERT_DISMISSED: _("Alert dismissed"),
    AuditAction.INCIDENTS_ALERT_GRADED: _("Alert graded as an incident"),
    AuditAction.INCIDENTS_BREACH_TOLD: _("Authority for personal data told"),
    AuditAction.INCIDENTS_EXERCISE_DECLARED: _("Exercise declared"),
    AuditAction.INCIDENTS_EXERCISE_ENDED: _("Exercise ended"),
    AuditAction.INCIDENTS_EXERCISE_REFUSED: _("Exercise refused"),
    AuditAction.INCIDENTS_INCIDENT_ASSIGNED: _("Incident given to somebody"),
    AuditAction.INCIDENTS_INCIDENT_JOINED: _("Alert joined an incident"),
    AuditAction.INCIDENTS_INCIDENT_OPENED: _("Incident opened"),
    AuditAction.INCIDENTS_NOTE_WRITTEN: _("Note written"),
    AuditAction.INCIDENTS_PROOF_EXPORTED: _("Proof of an incident taken out"),
    AuditAction.INCIDENTS_STEP_TICKED: _("Step of containment ticked"),
    AuditAction.INCIDENTS_TASK_ADDED: _("Task of an incident added"),
    AuditAction.INCIDENTS_TASK_ENDED: _("Task of an incident ended"),
    AuditAction.ONCALL_CONTACT_CHANGED: _("How somebody is reached changed"),
    AuditAction.ONCALL_DUTY_ADDED: _("Put on the on-call list"),
    AuditAction.ONCALL_DUTY_ENDED: _("Taken off the on-call list"),
    AuditAction.ONCALL_PAGE_ANSWERED: _("Page answered"),
    AuditAction.ONCALL_PAGE_SENT: _("Page sent"),
    AuditAction.ONCALL_PAGE_WRITTEN: _("Somebody was woken"),
    AuditAction.ONCALL_TEST_ASKED: _("Test page asked for"),
    AuditAction.ANNUAL_REPORT_REPORT_FILED: _("Filed the yearly information"),
    AuditAction.ANNUAL_REPORT_REPORT_REFUSED: _("Did not tell the yearly information that was filed"),
    AuditAction.REGISTERS_ENTRY_ADDED: _("Added an entry to a register"),
    AuditAction.REGISTERS_ENTRY_CHANGED: _("Wrote a new version of a register's entry"),
    AuditAction.REGISTERS_ENTRY_ENDED: _("Let a register's entry end"),
    AuditAction.TELEMETRY_LOSS_ACKNOWLEDGED: _("Loss acknowledged"),
}
INCIDENT_STATES = {
    Incident.State.OPEN: (_("Open"), "warn"),
    Incident.State.CLOSED: (_("Closed"), "good"),
    Incident.State.WITHDRAWN: (_("Withdrawn"), "info"),
    Incident.State.MERGED: (_("Merged"), "info"),
}
ROLES = {
    Party.Role.ACCOUNT: _("Accounts"),
    Party.Role.ACTOR: _("Attackers"),
    Party.Role.TARGET: _("Targets"),
}
UPDATES = {
    "first": _("First notice"),
    Update.ASSESSED: _("Assessed"),
    Update.CLOSED: _("Closed"),
    Update.DOWNTIME: _("Downtime"),
    Update.EXTENT: _("Extent grown"),
    Update.KIND: _("Kind corrected"),
    Update.MERGED: _("Merged into another"),
    Update.REINSTATED: _("Reinstated"),
    Update.SPLIT: _("A part split off"),
    Update.TOOK_OVER: _("Took over another"),
    Update.WITHDRAWN: _("Withdrawn"),
}
HAPPENED = {
    Happened.ACT_DECIDED: _("Decided"),
    Happened.ACT_DONE: _("Carried out"),
    Happened.ACT_OVERTAKEN: _("Not carried out: overtaken by another act"),
    Happened.ALERT_JOINED: _("Alert joined"),
    Happened.ALERT_LEFT: _("Alert moved on"),
    Happened.ASSIGNED: _("Given to"),
    Happened.DELIVERED: _("Receipt for message"),
    Happened.NOTE: _("Note"),
    Happened.OPENED: _("Opened"),
    Happened.TASK_ADDED: _("Task"),
    Happened.TASK_DONE: _("Task done"),
    Happened.TASK_DROPPED: _("Task dropped"),
    Happened.TICKED: _("Step done"),
    Happened.TOLD: _("The regulator is told"),
    Happened.UNTICKED: _("Step not done after all"),
}
LATE_REASONS = {
    Why.PERSON: _("A person graded it, %(length)s after the alert"),
    Why.OPENED_LATE: _("The worker opened it %(length)s after the alert"),
    Why.SEALED_LATE: _("Its message was sealed after %(length)s"),
    Why.NOT_ANSWERED: _("The regulator gave no receipt for %(length)s; tries in vain: %(tries)d"),
    Why.AS_FILE: _("Its message waited as a file for %(length)s"),
    Why.WAITS: _("No receipt yet, after %(length)s"),
}
LEVELS = {
    "informational": _("informational"),
    "low": _("low"),
    "medium": _("medium"),
    "high": _("high"),
    "critical": _("critical"),
}


def kind_of(number: int) -> str:
    """What the kind `number` is called."""
    return str(KINDS[IncidentKind(number)])


def alert_line(alert: Alert) -> str:
    """An alert in one line, to choose by."""
    raised, rule = f"{timezone.localtime(alert.raised_at):%d.%m.%Y %H:%M:%S}", str(_(alert.rule_title))
    parts = [raised, rule, alert.actor, alert.account]
    return " · ".join(part for part in parts if part)
