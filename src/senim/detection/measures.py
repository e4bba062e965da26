"""What is measured and not matched.

Sigma can count what happens; that something did *not* happen for an hour it cannot say. So how long a service is down
is measured by `senim.availability`. To people each limit is a rule: with an identity, a title, a level and a kind.

Clauses: R228/81-1(6) (other incidents that led to downtime of more than one hour).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from senim.availability import terms
from senim.availability.thresholds import WARNING, Limit
from senim.detection.internal.building import About

FILE = "built-in/downtime"
"""Where others name their file."""


def _(title: str) -> str:
    """Mark a title for translation; it is translated where it is shown."""
    return title


@dataclass(frozen=True)
class Measure:
    """What is measured by the platform itself; to people it is a rule."""

    about: About
    asks: str
    """Which question the alert's explanation names."""
    least: timedelta
    kind: int | None = None
    """The item of R228/81-1; None where a person must decide."""


def _about(identifier: str, title: str, level: str, line: int) -> About:
    return About(id=identifier, revision="1", title=title, level=level, file=FILE, line=line)


MEASURES: Mapping[Limit, Measure] = {
    Limit.WARNING: Measure(
        _about(
            "0d7c1f6e-5f0a-4a53-9d0e-6c2f3f1d0045",
            _("A service has been down for three quarters of an hour"),
            "high",
            1,
        ),
        asks="downtime_warning",
        least=WARNING,
    ),
    Limit.POSSIBLE: Measure(
        _about(
            "0d7c1f6e-5f0a-4a53-9d0e-6c2f3f1d0061", _("A service may have been down for more than an hour"), "high", 2
        ),
        asks="downtime_possible",
        least=terms.DOWNTIME.length,
    ),
    Limit.LAW: Measure(
        _about(
            "0d7c1f6e-5f0a-4a53-9d0e-6c2f3f1d0060", _("A service has been down for more than an hour"), "critical", 3
        ),
        asks="downtime",
        least=terms.DOWNTIME.length,
        # R228/81-1(6): Downtime of more than one hour. Unless a person has found another cause, it is an incident.
        kind=6,
    ),
}
"""What is measured, by limit."""
