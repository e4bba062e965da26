"""Which open incident an alert belongs to.

One attack is one incident: alerts of one kind on one target whose events lie no further apart than an hour. Who
attacks does not matter, because addresses are the attacker's to choose: a flood from a thousand of them is one attack,
told of once, with its thousand actors (`decisions/0013-one-attack-one-incident.md`).
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import connection
from django.db.models import Exists, OuterRef

from senim.detection.models import Alert
from senim.incidents.kinds import IncidentKind
from senim.incidents.models import Exercise, Incident, Party, Scope

JOIN_WINDOW = timedelta(hours=1)
"""Our choice: alerts of one kind and target whose events lie no further apart are one attack."""
_WIDEN = """
INSERT INTO incidents_scope (incident_id, kind, target, first_at, last_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (incident_id, kind, target) DO UPDATE SET
    first_at = least(incidents_scope.first_at, excluded.first_at),
    last_at = greatest(incidents_scope.last_at, excluded.last_at)
"""


def same_attack(kind: IncidentKind, alert: Alert, exercise: Exercise | None) -> Incident | None:
    """The open incident that `alert` joins, its row locked; None where there is none.

    Where an attack was split, the part that knows the actor goes before the others.
    """
    known = Party.objects.filter(incident=OuterRef("pk"), role=Party.Role.ACTOR, name=alert.actor, events__gt=0)
    return (
        Incident.objects.select_for_update(of=("self",))
        .filter(
            state=Incident.State.OPEN,
            exercise=exercise,
            scopes__kind=kind,
            scopes__target=alert.target,
            scopes__last_at__gte=alert.first_at - JOIN_WINDOW,
            scopes__first_at__lte=alert.last_at + JOIN_WINDOW,
        )
        .annotate(knows_actor=Exists(known))
        .order_by("-knows_actor", "opened_at", "pk")
        .first()
    )


def widen(incident: Incident, kind: int, alert: Alert) -> None:
    """Let `incident` take in what is of `alert`'s kind, target and time, and of its own kind beside it."""
    for each in sorted({kind, incident.kind}):
        _add(incident, [Scope(kind=each, target=alert.target, first_at=alert.first_at, last_at=alert.last_at)])


def take_over(incident: Incident, other: Incident) -> None:
    """Let `incident` take in what `other` would have taken."""
    _add(incident, Scope.objects.filter(incident=other))


def add_kind(incident: Incident, kind: IncidentKind) -> None:
    """Let `incident` take in what is of `kind` on its targets as well."""
    found = list(Scope.objects.filter(incident=incident))
    _add(
        incident,
        [Scope(kind=kind, target=each.target, first_at=each.first_at, last_at=each.last_at) for each in found],
    )


def _add(incident: Incident, scopes: Iterable[Scope]) -> None:
    rows = [(incident.pk, int(each.kind), each.target, each.first_at, each.last_at) for each in scopes]
    with connection.cursor() as cursor:
        cursor.executemany(_WIDEN, rows)
