"""Reading incidents."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import Case, CharField, Count, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value, When

from senim.asoi import queries as asoi
from senim.asoi.models import Message
from senim.detection.models import Alert
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.incidents.models import Decision, Exercise, Incident, IncidentAlert


class Moment(StrEnum):
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
    what: Moment
    since_first: timedelta | None
    """How long after the first event."""
    message: Message | None = None
    alert: Alert | None = None


def access_incidents(account: Account) -> QuerySet[Incident]:
    """The incidents that `account` may see: all or none."""
    if not account.may(Permission.INCIDENTS_INCIDENT_READ):
        return Incident.objects.none()
    return Incident.objects.select_related("exercise")


def with_account_count(found: QuerySet[Incident]) -> QuerySet[Incident]:
    """`found`, each with `account_count`: how many accounts its alerts concern."""
    links = IncidentAlert.objects.filter(incident=OuterRef("pk")).exclude(alert__account="").values("incident")
    return found.annotate(account_count=Subquery(links.values(count=Count("alert__account", distinct=True))))


def concerning(account: str) -> QuerySet[IncidentAlert, UUID]:
    """The identifiers of incidents of which an alert concerns an account with `account` in its name."""
    return IncidentAlert.objects.filter(alert__account__icontains=account).values_list("incident_id", flat=True)


@dataclass(frozen=True)
class Concerned:
    """An account that alerts of an incident concern."""

    account: str
    events: int
    since: datetime
    """When the first of its events happened."""
    is_told: bool
    """Whether the first notice to the regulator tells of it."""


def accounts_of(incident: Incident) -> list[Concerned]:
    """Every account that the incident's alerts concern, in the order in which they were hit: none is dropped.

    Who joins later stands on record here; that the regulator is told of it as well is a debt to R228/81-1
    (`compliance.known_gaps`).
    """
    found = (
        IncidentAlert.objects.filter(incident=incident)
        .exclude(alert__account="")
        .values("alert__account")
        .annotate(events=Sum("alert__count"), since=Min("alert__first_at"))
        .order_by("since", "alert__account")
    )
    return [
        Concerned(row["alert__account"], row["events"], row["since"], row["alert__account"] == incident.account)
        for row in found
    ]


class AlertState(StrEnum):
    """Where an alert stands."""

    WAITING = "waiting"
    """Its rule does not grade it, and no person has decided yet."""
    OPENING = "opening"
    """It is graded, and its incident is not there yet: a matter of a second."""
    INCIDENT = "incident"
    """It belongs to an incident."""
    DISMISSED = "dismissed"
    """A person decided that it is none of the six kinds."""


_ALERT_STATE = Case(
    When(incident__isnull=False, then=Value(AlertState.INCIDENT.value)),
    When(Q(kind__isnull=False) | Q(decision__kind__isnull=False), then=Value(AlertState.OPENING.value)),
    When(decision__isnull=False, then=Value(AlertState.DISMISSED.value)),
    default=Value(AlertState.WAITING.value),
    output_field=CharField(),
)


def alerts() -> QuerySet[Alert]:
    """All alerts, newest first, each with its `state` (one of `AlertState`)."""
    return Alert.objects.annotate(state=_ALERT_STATE)


def access_alerts(account: Account) -> QuerySet[Alert]:
    """The alerts that `account` may see, with `state`, incident and decision: all or none."""
    if not account.may(Permission.INCIDENTS_INCIDENT_READ):
        return Alert.objects.none()
    return alerts().select_related("incident__incident__exercise", "decision__decided_by")


def waiting_alerts() -> int:
    """How many alerts wait for a person's decision."""
    return Alert.objects.filter(kind=None, decision=None).count()


def overdue_alerts(before: datetime) -> int:
    """How many alerts were graded before the moment `before` and have no incident: their handler has not run."""
    graded = Q(kind__isnull=False, raised_at__lt=before) | Q(
        decision__kind__isnull=False, decision__decided_at__lt=before
    )
    return Alert.objects.filter(graded, incident=None).count()


def decision(alert: UUID | str) -> Decision:
    """What a person decided about `alert`. Raises `Decision.DoesNotExist`."""
    return Decision.objects.select_related("alert", "decided_by").get(alert_id=alert)


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
    moments: list[tuple[Moment, datetime | None]] = [
        (Moment.FIRST_EVENT, incident.first_event_at),
        (Moment.ALERT, alert.raised_at),
        (Moment.INCIDENT, incident.opened_at),
        (Moment.SEALED, message.sealed_at if message else None),
        (Moment.SENT, message.first_sent_at if message else None),
        (Moment.RECEIPT, message.delivered_at if message else None),
    ]
    return [Step(at, what, at - incident.first_event_at if at else None, message, alert) for what, at in moments]
