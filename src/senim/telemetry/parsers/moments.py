"""When a line says it happened, and whether that can be believed.

A moment that a line claims moves correlation, so it is checked against the moment of reading: what lies in the future
or absurdly far back is named in the field `time_flaw`, and the moment of reading is used instead.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import product
from zoneinfo import ZoneInfo

from senim.telemetry.parsers.observed import Fields, TimeBasis

_AHEAD = timedelta(minutes=5)
_BEHIND = timedelta(days=366)
MONTHS = {
    name: number
    for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1)  # noqa: SIM905
}
"""English names, as logs have them."""

zone = lru_cache(ZoneInfo)
"""The time zone of an IANA name. Raises `ZoneInfoNotFoundError`."""


def read_moment(read_at: float) -> datetime:
    """The moment of reading as the collector's clock had it."""
    return datetime.fromtimestamp(read_at, tz=UTC)


def believed(claimed: datetime | None, read_at: float, fields: Fields) -> tuple[datetime, TimeBasis]:
    """The moment to go by. Where `claimed` cannot be believed `fields["time_flaw"]` says why.

    `future`: more than five minutes after reading; `ancient`: more than a year before.
    """
    read = read_moment(read_at)
    if claimed is None:
        return read, "read"
    if claimed > read + _AHEAD:
        fields["time_flaw"] = "future"
    elif claimed < read - _BEHIND:
        fields["time_flaw"] = "ancient"
    else:
        return claimed, "line"
    return read, "read"


def rfc3164(month: str, day: str, clock: str, *, read_at: float, zone_name: str) -> datetime | None:
    """`Nov 22 17:00:13` as a moment: in the year that brings it nearest to the moment of reading. None if no such day.

    RFC 3164 §4.1.2 gives neither year nor zone; at the turn of the year the nearest one is right on both sides, and so
    it is in the hour that comes twice when clocks are put back.
    """
    place = zone(zone_name)
    read = read_moment(read_at)
    near = read.astimezone(place).year
    hour, minute, second = (int(part) for part in clock.split(":"))
    candidates = []
    for year, fold in product((near - 1, near, near + 1), (0, 1)):
        try:
            local = datetime(year, MONTHS[month], int(day), hour, minute, min(second, 59), tzinfo=place, fold=fold)
            candidates.append(local.astimezone(UTC))
        except (KeyError, ValueError, OverflowError):
            continue
    return min(candidates, key=lambda moment: abs(moment - read), default=None)


def iso(text: str) -> datetime | None:
    """`2026-11-22T17:00:13.5+05:00` as a moment, None where it is none. RFC 3339 requires the offset."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
