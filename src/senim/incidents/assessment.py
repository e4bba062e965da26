"""How grave an incident is and what it touches, as a person says it: severity, systems, data, clients.

The law fixes no scale and no fields (R228/81-1): these are our choice, and the regulator is told which was chosen.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Text

MOST_SYSTEMS, MOST_CLIENTS = 50, 100_000_000
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class Severity(StrEnum):
    """How grave it is for the bureau and its clients, the least first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Data(StrEnum):
    """What kind of data it touches."""

    AUTHENTICATION = "authentication"
    """Passwords, keys, second factors."""
    BUSINESS = "business"
    """The bureau's own: contracts, settings, source code."""
    CREDIT_HISTORIES = "credit-histories"
    PERSONAL = "personal"
    """Of clients or staff, beside credit histories."""


class Breach(StrEnum):
    """Whether the security of personal data was breached: a duty towards another authority hangs on it."""

    NO = "no"
    UNKNOWN = "unknown"
    YES = "yes"


class Assessment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person says of one incident; a later one takes its place."""

    severity: Severity
    personal_data_breach: Breach
    systems: Annotated[tuple[Name, ...], msgspec.Meta(max_length=MOST_SYSTEMS)] = ()
    """Information systems concerned, by their names."""
    data: tuple[Data, ...] = ()
    clients: Annotated[int, msgspec.Meta(ge=0, le=MOST_CLIENTS)] | None = None
    """How many clients are concerned; None: not known."""


def written(said: Assessment) -> dict[str, object]:
    """`said` as JSON values."""
    plain: dict[str, object] = msgspec.json.decode(msgspec.json.encode(said))
    return plain


def read(plain: Mapping[str, object]) -> Assessment:
    """The assessment that `plain`, of JSON values, says. Raises `msgspec.ValidationError`."""
    return msgspec.convert(plain, Assessment)


def is_said_rightly(breach: Breach, known_at: datetime | None, *, since: datetime, now: datetime) -> bool:
    """Whether a breach has a time at which it was known, one that can be true, and anything else has none.

    It is known from the minute of the incident's first event (`since`) on, since people write minutes, and not later
    than `now`.
    """
    if known_at is None or breach is not Breach.YES:
        return known_at is None and breach is not Breach.YES
    return since.replace(second=0, microsecond=0) <= known_at <= now


SEVERITIES: Mapping[Severity, Text] = {
    Severity.LOW: _("low severity"),
    Severity.MEDIUM: _("medium severity"),
    Severity.HIGH: _("high severity"),
    Severity.CRITICAL: _("critical severity"),
}
DATA: Mapping[Data, Text] = {
    Data.AUTHENTICATION: _("passwords, keys and second factors"),
    Data.BUSINESS: _("the bureau's own business data"),
    Data.CREDIT_HISTORIES: _("credit histories"),
    Data.PERSONAL: _("other personal data"),
}
BREACHES: Mapping[Breach, Text] = {
    Breach.NO: _("the security of personal data was not breached"),
    Breach.UNKNOWN: _("not known yet whether the security of personal data was breached"),
    Breach.YES: _("the security of personal data was breached"),
}
