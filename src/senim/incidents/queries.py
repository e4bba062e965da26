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
from senim.incidents.models import Incident


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
