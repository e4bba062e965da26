"""What identity reports."""

from enum import StrEnum


class IdentityEvent(StrEnum):
    """Alphabetised; a retired one stays as a comment."""

    ACCESS_REFUSED = "identity:access:refused"
    ACCOUNT_ADDED = "identity:account:added"
    FACTOR_ADDED = "identity:factor:added"
    FACTOR_REMOVED = "identity:factor:removed"
    PASSWORD_CHANGED = "identity:password:changed"  # noqa: S105 - the name of an event
    ROLE_CHANGED = "identity:role:changed"
    SESSION_ENDED = "identity:session:ended"
    SESSION_REFUSED = "identity:session:refused"
    SESSION_SHARED = "identity:session:shared"
    SESSION_STARTED = "identity:session:started"
    SESSION_USED_AFTER_END = "identity:session:used-after-end"
