"""What telemetry reports. What the collector itself has to say is a notice and no event (ADR 0003)."""

from enum import StrEnum


class TelemetryEvent(StrEnum):
    """Alphabetised; a retired one stays as a comment."""

    LOSS_ACKNOWLEDGED = "telemetry:loss:acknowledged"
