"""Outages as part of incidents: which incident an outage belongs to.

Clauses: R228/81-1(6) (*other* incidents: downtime that came of an incident of items 1 to 5 belongs to that one).
"""

from datetime import timedelta

from django.db.models import Q

from senim.availability import queries as availability
from senim.availability.models import Outage
from senim.detection.models import Alert
from senim.incidents.internal.scopes import JOIN_WINDOW
from senim.incidents.kinds import IncidentKind
from senim.incidents.models import Downtime, Exercise, Incident, IncidentAlert

_BEFORE = timedelta(minutes=5)
"""Our choice: as far as the clocks of two observers may lie apart, an attack seen after the outage came before it."""


def outage_of(alert: Alert) -> Outage | None:
    """The outage that `alert` is about; None where it is about something else."""
    named = alert.explanation.get("outage")
    return availability.outage_whole(named) if named else None


def explained_by(outage: Outage, alert: Alert, exercise: Exercise | None) -> Incident | None:
    """The incident that `outage` belongs to already, or that of the attack which brought it about.

    Another outage of the same service, however near, is another incident: what is said of the one later must not speak
    for the other.
    """
    live = Incident.objects.select_for_update(of=("self",)).filter(state=Incident.State.OPEN)
    own = live.filter(downtimes__outage=outage).first()
    return own or _attack_on(outage, alert, exercise)


def _attack_on(outage: Outage, alert: Alert, exercise: Exercise | None) -> Incident | None:
    """The incident of items 1 to 5 on what runs the service, during or soon after which the outage began."""
    named = Q()
    for target in alert.explanation.get("targets", [outage.service]):
        named |= Q(target=target) | Q(target__startswith=f"{target}/") | Q(target__endswith=f"/{target}")
    # R228/81-1(6): *Other* incidents. Downtime that came of one of items 1 to 5 does not make a second incident.
    return (
        Incident.objects.select_for_update()
        .filter(named, exercise=exercise, state=Incident.State.OPEN)
        .exclude(kind=IncidentKind.OTHER_WITH_DOWNTIME)
        .filter(first_event_at__lte=outage.began_at + _BEFORE, last_event_at__gte=outage.began_at - JOIN_WINDOW)
        .order_by("first_event_at")
        .first()
    )


def join(incident: Incident, alert: Alert) -> None:
    """Write that the outage of `alert`, if it is about one, belongs to `incident`, and its warnings with it."""
    outage = outage_of(alert)
    if outage is None:
        return
    Downtime.objects.get_or_create(outage=outage, defaults={"incident": incident})
    about_it = Alert.objects.filter(kind=None, target=outage.service, explanation__outage=str(outage.pk))
    for warning in about_it.filter(decision=None, incidents=None).exclude(pk=alert.pk):
        IncidentAlert.objects.create(incident=incident, alert=warning)
        incident.alert_count += 1
    incident.save(update_fields=["alert_count"])
