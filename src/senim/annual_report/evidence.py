"""What the house itself has on record of a year: beside what people wrote into registers, and not by their word.

Clauses: R228/80(1), R228/80(3).
"""

from datetime import date, datetime, timedelta
from typing import Any

from senim.incidents import yearly as incidents
from senim.kit.moments import local_day
from senim.telemetry import yearly as telemetry


def of_incidents(year: int, moment: datetime) -> dict[str, Any]:
    """The incidents of the year, by the kinds of R228/81-1, and how promptly the regulator was told of them."""
    kinds = [
        {
            "clause": each.kind.clause,
            "incidents": each.incidents,
            "closed": each.closed,
            "received": each.received,
            "within_aim": each.within_aim,
            "slowest_ms": None if each.slowest is None else each.slowest // timedelta(milliseconds=1),
        }
        for each in incidents.by_kind(year, moment)
    ]
    return {"kinds": kinds, "withdrawn": incidents.withdrawn(year, moment)}


def of_sources(year: int, moment: datetime) -> dict[str, Any]:
    """How much was read of each source on the days of the year that were over at the moment.

    Days that last are left out: what is counted on them grows still.
    """
    first, last = date(year, 1, 1), min(date(year, 12, 31), local_day(moment) - timedelta(days=1))
    read = telemetry.read_between(first, last) if first <= last else []
    return {
        "until": last.isoformat() if read else None,
        "lines": sum(each.lines for each in read),
        "sources": [
            {"source": each.source, "kind": each.kind, "lines": each.lines, "losses": each.losses} for each in read
        ],
    }
