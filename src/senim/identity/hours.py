"""When the bureau's staff work, as senim.toml says.

    [hours]
    opens = 09:00:00
    closes = 18:00:00
    also_open = [2026-03-07]     # a day of rest that was moved by the Government
    also_closed = [2026-12-31]

Whether a moment lies within is for `senim.identity.working_time`.
"""

from datetime import date, time

import msgspec
from django.conf import settings

from senim.kit.instance import Instance


class OfficeHours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[hours]`."""

    opens: time | None = None
    closes: time | None = None
    also_open: tuple[date, ...] = ()
    also_closed: tuple[date, ...] = ()


def hours_of(instance: Instance) -> OfficeHours:
    """Those of `instance`. Raises `BadSettings`."""
    return instance.section("hours", OfficeHours)


def office_hours() -> OfficeHours:
    """Those of this instance. Raises `BadSettings`."""
    return hours_of(settings.SENIM_INSTANCE)
