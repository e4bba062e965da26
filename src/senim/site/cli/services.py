"""`senim services`: whether the bureau's services answer, and since when."""

import sys
from typing import TYPE_CHECKING

import click
from django.utils.translation import gettext as _

from senim.availability.health import Health
from senim.kit.clock import iso, now
from senim.site.cli.answer import answer, json_wish
from senim.site.cli.ending import Exit
from senim.site.cli.operator import as_operator

if TYPE_CHECKING:  # the room's models can be imported only once Django is ready
    from senim.availability.queries import Standing


@click.command()
@json_wish
def services(as_json: bool) -> None:
    """How every service that senim.toml names stands now.

    Exit 1 where one is down, 2 where of one nothing is known.
    """
    as_operator()
    from senim.availability import queries

    found = queries.standings(now())
    text = "\n".join(map(_told, found)) or _("senim.toml names no service")
    answer([_record(standing) for standing in found], text, as_json=as_json)
    sys.exit(_verdict({standing.health for standing in found}))


def _verdict(healths: set[Health]) -> Exit:
    if Health.DOWN in healths:
        return Exit.WRONG
    return Exit.COULD_NOT if Health.UNKNOWN in healths else Exit.DONE


def _record(standing: "Standing") -> dict[str, object]:
    under = standing.under_way
    return {
        "service": standing.name,
        "health": standing.health.value,
        "since": iso(standing.since) if standing.since else None,
        "newest_sample_at": iso(standing.newest.at) if standing.newest else None,
        "reason": standing.newest.reason if standing.newest else "",
        "outage": None
        if under is None
        else {
            "id": str(under.outage.pk),
            "began_at": iso(under.outage.began_at),
            "seconds_until_told": round(under.left.total_seconds()),
            "cause": under.cause.cause if under.cause else None,
        },
        "maintenance_until": iso(standing.work.ends_at) if standing.work else None,
    }


def _told(standing: "Standing") -> str:
    words = {Health.UP: _("up"), Health.DOWN: _("DOWN"), Health.UNKNOWN: _("NOT KNOWN")}
    since = _("since {at}").format(at=iso(standing.since)) if standing.since else _("no sample yet")
    reason = f" ({standing.newest.reason})" if standing.newest and standing.newest.reason else ""
    return f"{standing.name}  {standing.title}: {words[standing.health]} {since}{reason}"
