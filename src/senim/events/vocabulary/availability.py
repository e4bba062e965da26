"""What availability reports."""

from enum import StrEnum


class AvailabilityEvent(StrEnum):
    """Alphabetised; a retired one stays as a comment."""

    CAUSE_DECIDED = "availability:cause:decided"
    MAINTENANCE_ANNOUNCED = "availability:maintenance:announced"
    MAINTENANCE_CANCELLED = "availability:maintenance:cancelled"
    OUTAGE_BEGAN = "availability:outage:began"
    OUTAGE_ENDED = "availability:outage:ended"
