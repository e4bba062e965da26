"""What incidents report."""

from enum import StrEnum


class IncidentEvent(StrEnum):
    """Alphabetised; a retired one stays as a comment."""

    ACT_DECIDED = "incidents:act:decided"
    ACT_DONE = "incidents:act:done"
    ACT_OVERTAKEN = "incidents:act:overtaken"
    ALERT_DISMISSED = "incidents:alert:dismissed"
    ALERT_GRADED = "incidents:alert:graded"
    EXERCISE_DECLARED = "incidents:exercise:declared"
    EXERCISE_ENDED = "incidents:exercise:ended"
    INCIDENT_JOINED = "incidents:incident:joined"
    INCIDENT_OPENED = "incidents:incident:opened"
