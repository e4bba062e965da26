"""Writing an incident, and letting an alert join one: rows, audit row and event row, in the caller's transaction."""

from collections.abc import Sequence

from django.db.models import Max
from django.utils import timezone

from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.audit.operations import Actor
from senim.detection.models import Alert
from senim.events.operations import emit
from senim.events.vocabulary.incidents import IncidentEvent
from senim.incidents.internal import parties, scopes, turns
from senim.incidents.kinds import IncidentKind
from senim.incidents.models import Exercise, Incident, IncidentAlert
from senim.kit.clock import now as read_clock


def open_incident(
    kind: IncidentKind,
    alerts: Sequence[Alert],
    *,
    exercise: Exercise | None,
    actor: Actor,
    split_from: Incident | None = None,
) -> Incident:
    """A new incident of `kind` with the parties of `alerts`, the earliest first; the caller adds the links."""
    opened_at = read_clock()
    # The bureau's calendar: what opens in Almaty on 1 January is an incident of the new year.
    year = timezone.localtime(opened_at, timezone.get_default_timezone()).year
    first = alerts[0]
    incident = Incident.objects.create(
        year=year,
        serial=_next_serial(year),
        kind=kind,
        target=first.target,
        actor=first.actor,
        account=first.account,
        opened_at=opened_at,
        first_event_at=min(alert.first_at for alert in alerts),
        last_event_at=max(alert.last_at for alert in alerts),
        alert_count=len(alerts),
        event_count=sum(alert.count for alert in alerts),
        exercise=exercise,
        split_from=split_from,
    )
    parties.count(incident, alerts)
    _say(AuditAction.INCIDENTS_INCIDENT_OPENED, IncidentEvent.INCIDENT_OPENED, incident, first, actor)
    return incident


def join(incident: Incident, kind: IncidentKind, alert: Alert, actor: Actor) -> None:
    """Let `alert`, graded as `kind`, join `incident`, whose row is locked."""
    IncidentAlert.objects.create(incident=incident, alert=alert)
    incident.alert_count += 1
    incident.event_count += alert.count
    incident.first_event_at = min(incident.first_event_at, alert.first_at)
    incident.last_event_at = max(incident.last_event_at, alert.last_at)
    incident.save(update_fields=["alert_count", "event_count", "first_event_at", "last_event_at"])
    parties.count(incident, [alert])
    scopes.widen(incident, kind, alert)
    _say(AuditAction.INCIDENTS_INCIDENT_JOINED, IncidentEvent.INCIDENT_JOINED, incident, alert, actor)


def _say(action: AuditAction, tag: IncidentEvent, incident: Incident, alert: Alert, actor: Actor) -> None:
    facts = {
        "number": incident.number,
        "clause": incident.clause,
        "alert": str(alert.pk),
        "exercise": incident.exercise_id is not None,
    }
    audit.record(actor, action, incident.subject, detail=facts)
    emit(tag, incident.subject, facts)


def _next_serial(year: int) -> int:
    """The next number of the year. Openings take turns here, so that no number is given twice or left out."""
    turns.take_serial()
    last = Incident.objects.filter(year=year).aggregate(last=Max("serial"))["last"]
    return (last or 0) + 1
