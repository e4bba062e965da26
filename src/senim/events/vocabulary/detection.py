"""What detection reports."""

from enum import StrEnum


class DetectionEvent(StrEnum):
    """Alphabetised; a retired one stays as a comment."""

    ALERT_RAISED = "detection:alert:raised"
    RULE_REFUSED = "detection:rule:refused"
