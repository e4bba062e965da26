"""What incidents report."""

from enum import StrEnum


class IncidentEvent(StrEnum):
    """Alphabetised; a retired one stays as a comment."""

    EXERCISE_DECLARED = "incidents:exercise:declared"
    INCIDENT_JOINED = "incidents:incident:joined"
    INCIDENT_OPENED = "incidents:incident:opened"
