"""The limits that an outage can pass."""

from datetime import timedelta
from enum import StrEnum

WARNING = timedelta(minutes=45)
"""Our choice: a quarter of an hour is enough to look whether it is power, a provider or one's own work, and to say so
before the regulator is told."""


class Limit(StrEnum):
    """What was passed."""

    WARNING = "warning"
    """A person looks: soon the regulator is told."""
    POSSIBLE = "possible"
    """It ended while nobody looked and may have been too long: a person decides."""
    LAW = "law"
    """R228/81-1(6): it is told."""
