"""Whom an incident concerns: counted as alerts join, and counted anew where alerts have moved."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec
from django.db import connection

from senim.asoi.models import Message
from senim.detection.models import Alert
from senim.incidents.models import Incident, IncidentAlert, Party

_ADD = """
INSERT INTO incidents_party (incident_id, role, name, first_at, last_at, events) VALUES (%s, %s, %s, %s, %s, %s)
ON CONFLICT (incident_id, role, name) DO UPDATE SET
    first_at = least(incidents_party.first_at, excluded.first_at),
    last_at = greatest(incidents_party.last_at, excluded.last_at),
    events = incidents_party.events + excluded.events
"""


class _Seen(msgspec.Struct):
    """What alerts say of one party."""

    first_at: datetime
    last_at: datetime
    events: int


def count(incident: Incident, alerts: Iterable[Alert]) -> None:
    """Add the parties of `alerts`, which have just come to `incident`."""
    rows = [
        (incident.pk, role, name, seen.first_at, seen.last_at, seen.events)
        for (role, name), seen in sorted(_seen(alerts).items())
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_ADD, rows)


def count_anew(incident: Incident) -> None:
    """Count the parties of `incident` from the alerts that are in it now; who has left stays on record with none."""
    Party.objects.filter(incident=incident).update(events=0)
    links = IncidentAlert.objects.filter(incident=incident, followed_by=None).select_related("alert")
    count(incident, (link.alert for link in links.iterator()))


def note_told(parties: Iterable[Party], message: Message) -> None:
    """Remember that `message`, which is about their incident, tells of `parties`."""
    Party.objects.filter(pk__in=[party.pk for party in parties]).update(told_in=message.sequence)


def _seen(alerts: Iterable[Alert]) -> dict[tuple[str, str], _Seen]:
    found: dict[tuple[str, str], _Seen] = {}
    for alert in alerts:
        for party in _named(alert):
            seen = found.setdefault(party, _Seen(alert.first_at, alert.last_at, 0))
            seen.first_at = min(seen.first_at, alert.first_at)
            seen.last_at = max(seen.last_at, alert.last_at)
            seen.events += alert.count
    return found


def _named(alert: Alert) -> Iterator[tuple[str, str]]:
    for role, name in (
        (Party.Role.ACCOUNT, alert.account),
        (Party.Role.ACTOR, alert.actor),
        (Party.Role.TARGET, alert.target),
    ):
        if name:
            yield role.value, name
