"""What can be said of a service."""

from enum import StrEnum


class Health(StrEnum):
    """What can be said of a service now."""

    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"
    """No sample came for too long: neither up nor down is known."""
