"""`senim services`: whether the bureau's services answer, and since when."""

import json
import sys
from typing import TYPE_CHECKING

import click
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from senim.availability.health import Health
from senim.kit.clock import iso, now
from senim.site.cli.operator import as_operator

if TYPE_CHECKING:  # the room's models can be imported only once Django is ready
    from senim.availability.queries import Standing

DOWN, UNKNOWN = 1, 2


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
def services(as_json: bool) -> None:
    """How every service that senim.toml names stands now.

    Exit 1 where one is down, 2 where of one nothing is known.
    """
    as_operator()
    from senim.availability import queries

    found = queries.standings(now())
    if as_json:
        click.echo(json.dumps([_record(standing) for standing in found], ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(map(_told, found)) or _("senim.toml names no service"))
    healths = {standing.health for standing in found}
    sys.exit(DOWN if Health.DOWN in healths else UNKNOWN if Health.UNKNOWN in healths else 0)


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
    title = standing.service.titled(get_language() or "en")
    since = _("since {at}").format(at=iso(standing.since)) if standing.since else _("no sample yet")
    reason = f" ({standing.newest.reason})" if standing.newest and standing.newest.reason else ""
    return f"{standing.name}  {title}: {words[standing.health]} {since}{reason}"
