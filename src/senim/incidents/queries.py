"""Reading incidents."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from senim.asoi import queries as asoi
from senim.asoi.models import Message
from senim.detection.models import Alert
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.incidents.models import Exercise, Incident


class Moment:
    """What can stand on an incident's timeline; stable words that the door translates."""

    FIRST_EVENT = "first-event"
    ALERT = "alert"
    INCIDENT = "incident"
    SEALED = "sealed"
    SENT = "sent"
    RECEIPT = "receipt"


@dataclass(frozen=True)
class Step:
    """One moment of an incident."""

    at: datetime | None
    """None: it has not happened yet."""
    what: str
    """One of `Moment`."""
    since_first: timedelta | None
    """How long after the first event."""
    message: Message | None = None
    alert: Alert | None = None


def access_incidents(account: Account) -> QuerySet[Incident]:
    """The incidents that `account` may see: all or none."""
    if not account.may(Permission.INCIDENTS_INCIDENT_READ):
        return Incident.objects.none()
    return Incident.objects.select_related("exercise")


def access_incident(account: Account, pk: UUID) -> Incident:
    """The incident `pk`. Raises `Incident.DoesNotExist` where there is none that `account` may see."""
    return access_incidents(account).get(pk=pk)


@dataclass(frozen=True)
class Outcome:
    """What one incident of an exercise shows; seconds count from the event that decided it."""

    number: str
    kind: int
    event_to_incident_s: float
    event_to_send_s: float | None
    receipt_s: float | None


def exercise_alerts(exercise: Exercise) -> int:
    """How many alerts wear the mark of `exercise`."""
    return Alert.objects.filter(account=exercise.marker).count()


def exercise_outcomes(exercise: Exercise) -> list[Outcome]:
    """What `exercise` led to, in the order in which its incidents were opened."""
    return [_outcome(incident) for incident in exercise.incidents.order_by("opened_at")]


def _outcome(incident: Incident) -> Outcome:
    decided = alerts_of(incident)[0].last_at
    message = next(iter(asoi.messages_about(incident.subject)), None)

    def since(moment: datetime | None) -> float | None:
        return round((moment - decided).total_seconds(), 3) if moment else None

    return Outcome(
        number=incident.number,
        kind=incident.kind,
        event_to_incident_s=round((incident.opened_at - decided).total_seconds(), 3),
        event_to_send_s=since(message.first_sent_at if message else None),
        receipt_s=since(message.delivered_at if message else None),
    )


def real() -> QuerySet[Incident]:
    """Incidents that count: exercises stay out of statistics."""
    return Incident.objects.filter(exercise=None)


def alerts_of(incident: Incident) -> list[Alert]:
    """The alerts that the incident consists of, in the order in which they joined."""
    return [link.alert for link in incident.alerts.select_related("alert")]


def timeline(incident: Incident) -> list[Step]:
    """First event → alert → incident → sealed → sent → receipt, each with its time or None."""
    alert = alerts_of(incident)[0]
    message = next(iter(asoi.messages_about(incident.subject)), None)
    moments: list[tuple[str, datetime | None]] = [
        (Moment.FIRST_EVENT, incident.first_event_at),
        (Moment.ALERT, alert.raised_at),
        (Moment.INCIDENT, incident.opened_at),
        (Moment.SEALED, message.sealed_at if message else None),
        (Moment.SENT, message.first_sent_at if message else None),
        (Moment.RECEIPT, message.delivered_at if message else None),
    ]
    return [Step(at, what, at - incident.first_event_at if at else None, message, alert) for what, at in moments]
