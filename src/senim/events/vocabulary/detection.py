"""What detection reports."""

from enum import StrEnum


class DetectionEvent(StrEnum):
    """Alphabetised; a retired one stays as a comment."""

    ALERT_RAISED = "detection:alert:raised"
    FRAME_SET_ASIDE = "detection:frame:set-aside"
    RULE_FILE_ADDED = "detection:rule-file:added"
    RULE_FILE_CHANGED = "detection:rule-file:changed"
    RULE_FILE_REMOVED = "detection:rule-file:removed"
    RULE_REFUSED = "detection:rule:refused"
    WAITING_FORGOTTEN = "detection:waiting:forgotten"
