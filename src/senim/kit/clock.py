"""The one place where the present moment is read.

Rooms take `now=` as an argument or call `now()`. There is no switch to make it say anything but the truth: a running
process never accepts a made-up clock.
"""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(tz=UTC)


def iso(moment: datetime) -> str:
    """`moment` as RFC 3339 in UTC with milliseconds and `Z`: `2026-11-22T17:00:13.000Z`.

    Raises `ValueError` for a naive moment: without a zone it names no instant.
    """
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a time zone names no instant: {moment!r}")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_iso(text: str) -> datetime:
    """The aware UTC moment that `iso` wrote. Raises `ValueError` for anything without a zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a time zone names no instant: {text!r}")
    return moment.astimezone(UTC)
