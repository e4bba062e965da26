"""What identity reports."""

from enum import StrEnum


class IdentityEvent(StrEnum):
    """Alphabetised; a retired one stays as a comment."""

    ACCESS_REFUSED = "identity:access:refused"
    FACTOR_ADDED = "identity:factor:added"
    FACTOR_REMOVED = "identity:factor:removed"
    PASSWORD_CHANGED = "identity:password:changed"  # noqa: S105 - the name of an event
    SESSION_ENDED = "identity:session:ended"
    SESSION_REFUSED = "identity:session:refused"
    SESSION_STARTED = "identity:session:started"
