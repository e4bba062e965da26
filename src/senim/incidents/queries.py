"""Reading incidents."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.db.models import Case, CharField, Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from senim.asoi import queries as asoi
from senim.asoi.errors import NotSealable
from senim.asoi.models import Message
from senim.detection import coverage
from senim.detection.models import Alert
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.incidents.models import Assignment, Decision, Downtime, Exercise, Incident, IncidentAlert, Party, Task

_LONGEST_NUMBER = 9
"""Digits of a number that the database can hold."""


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


def incidents() -> QuerySet[Incident]:
    """All incidents, newest first.

    Each with `assignee` (a user name; empty: nobody has it), `account_count`, and `told`: the state of the first
    message about it that the regulator does not have, `delivered` where it has all, empty where there is none.
    """
    latest = Assignment.objects.filter(incident=OuterRef("pk")).order_by("-at", "-pk")
    accounts = Party.objects.filter(incident=OuterRef("pk"), role=Party.Role.ACCOUNT, events__gt=0)
    counted = accounts.order_by().values("incident").annotate(number=Count("pk")).values("number")
    return Incident.objects.select_related("exercise", "merged_into", "split_from").annotate(
        assignee=Coalesce(Subquery(latest.values("account__username")[:1]), Value("")),
        account_count=Coalesce(Subquery(counted), Value(0)),
        told=Coalesce(asoi.state_about(Concat(Value("incident:"), Cast(OuterRef("pk"), CharField()))), Value("")),
    )


def access_incidents(account: Account) -> QuerySet[Incident]:
    """The incidents that `account` may see: all or none."""
    return incidents() if account.may(Permission.INCIDENTS_INCIDENT_READ) else Incident.objects.none()


def concerning(name: str) -> QuerySet[Party, UUID]:
    """The identifiers of incidents that concern an account, a target or an actor with `name` in its name."""
    return Party.objects.filter(name__icontains=name, events__gt=0).values_list("incident_id", flat=True)


def counted(found: QuerySet[Incident]) -> QuerySet[Incident]:
    """Those of `found` that count: exercises stay out of statistics, and so does what was withdrawn or merged."""
    return found.filter(exercise=None, state__in=[Incident.State.OPEN, Incident.State.CLOSED])


def real() -> QuerySet[Incident]:
    """Incidents that count."""
    return counted(Incident.objects.all())


def parties(incident: Incident, role: str = "") -> QuerySet[Party]:
    """Every account, target and actor that the incident concerns now, or those of one `role`, as they came."""
    found = Party.objects.filter(incident=incident, events__gt=0)
    return found.filter(role=role) if role else found


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
    EXERCISE = "exercise"
    """Its rule does not grade it, and it comes from an exercise: a person may decide about it, and nothing is missed
    where nobody does."""


def alerts() -> QuerySet[Alert]:
    """All alerts, newest first, each with its `state` (one of `AlertState`)."""
    state = Case(
        When(Exists(IncidentAlert.objects.filter(alert=OuterRef("pk"))), then=Value(AlertState.INCIDENT.value)),
        When(Q(kind__isnull=False) | Q(decision__kind__isnull=False), then=Value(AlertState.OPENING.value)),
        When(decision__isnull=False, then=Value(AlertState.DISMISSED.value)),
        When(_is_of_exercise(), then=Value(AlertState.EXERCISE.value)),
        default=Value(AlertState.WAITING.value),
        output_field=CharField(),
    )
    return Alert.objects.annotate(state=state)


def _is_of_exercise() -> Q:
    """Of ungraded alerts: whether one comes from an exercise, by the very rule of `exercise_of`."""
    found = Q(pk__in=[])
    if not _can_be_exercises():
        return found
    declared = Exercise.objects.filter(
        marker=OuterRef("marker"), declared_at__lte=OuterRef("raised_at"), until__gte=OuterRef("raised_at")
    )
    for kind, rules in coverage.rules_beside().items():
        found |= Q(Exists(declared.filter(kind=kind)), rule_id__in=rules)
    return found


def _can_be_exercises() -> bool:
    """Whether messages reach a stand-in. Where nobody can say, everything is real."""
    try:
        return asoi.recipient_is_stand_in()
    except NotSealable:
        return False


def access_alerts(account: Account) -> QuerySet[Alert]:
    """The alerts that `account` may see, with `state`, incident and decision: all or none."""
    if not account.may(Permission.INCIDENTS_INCIDENT_READ):
        return Alert.objects.none()
    return (
        alerts()
        .select_related("decision__decided_by")
        .prefetch_related(
            Prefetch(
                "incidents", IncidentAlert.objects.filter(followed_by=None).select_related("incident"), "present_in"
            )
        )
    )


def incident_of(alert: Alert) -> Incident | None:
    """The incident in which `alert` is now; None where it is in none."""
    link = IncidentAlert.objects.filter(alert=alert, followed_by=None).select_related("incident").first()
    return link.incident if link else None


def waiting_alerts() -> int:
    """How many alerts wait for a person's decision; those of exercises do not."""
    return _undecided().exclude(_is_of_exercise()).count()


def alerts_waiting_since(before: datetime) -> QuerySet[Alert]:
    """Alerts that nobody has decided about since `before` or longer, those of exercises too, the oldest first."""
    return _undecided().filter(raised_at__lte=before).order_by("raised_at", "pk")


def waiting_among(alerts: Collection[str]) -> set[UUID]:
    """Those of `alerts`, by identifier, that nobody has decided about still."""
    return set(_undecided().filter(pk__in=alerts).values_list("pk", flat=True))


def _undecided() -> QuerySet[Alert]:
    """Alerts that no rule graded and nobody has decided about; a warning that joined an incident waits no more."""
    return Alert.objects.filter(kind=None, decision=None, incidents=None)


def overdue_alerts(before: datetime) -> int:
    """How many alerts were graded before the moment `before` and have no incident: their handler has not run."""
    graded = Q(kind__isnull=False, raised_at__lt=before) | Q(
        decision__kind__isnull=False, decision__decided_at__lt=before
    )
    return Alert.objects.filter(graded, incidents=None).count()


def overdue_tasks(now: datetime) -> int:
    """How many tasks of open incidents should have been done before `now`."""
    return Task.objects.filter(end=None, due_at__lt=now, incident__state=Incident.State.OPEN).count()


def decision(alert: UUID | str) -> Decision:
    """What a person decided about `alert`. Raises `Decision.DoesNotExist`."""
    return Decision.objects.select_related("alert", "decided_by").get(alert_id=alert)


def named(subject: str) -> Incident:
    """The incident that audit rows, events and messages call `subject`. Raises `Incident.DoesNotExist`."""
    known = Incident.objects.select_related("exercise__declared_by")
    return known.get(pk=subject.removeprefix("incident:"))


def exercise_of(alert: Alert) -> Exercise | None:
    """The exercise that an ungraded alert comes from, as far as its marker, its time and its rule say.

    A marker is no secret. Whoever wears it later is real; so is what a rule tells that looks at nothing by which the
    kind of the exercise is graded, and whatever happens where messages reach the real regulator.
    """
    kinds = [kind for kind, rules in coverage.rules_beside().items() if alert.rule_id in rules]
    declared = Exercise.objects.filter(
        marker=alert.marker, kind__in=kinds, declared_at__lte=alert.raised_at, until__gte=alert.raised_at
    ).select_related("declared_by")
    found = declared.first()
    return found if found and _can_be_exercises() else None


def access_incident(account: Account, pk: UUID) -> Incident:
    """The incident `pk`. Raises `Incident.DoesNotExist` where there is none that `account` may see."""
    return access_incidents(account).get(pk=pk)


def find(name: str) -> Incident | None:
    """The incident that people call `name`: its number (`2026-000017`) or its identifier. None where there is none."""
    year, _, serial = name.partition("-")
    if year.isdecimal() and serial.isdecimal() and max(len(year), len(serial)) < _LONGEST_NUMBER:
        return incidents().filter(year=int(year), serial=int(serial)).first()
    try:
        return incidents().filter(pk=UUID(name)).first()
    except ValueError:
        return None


def attacks_on_ourselves(kind: int) -> QuerySet[Exercise]:
    """Exercises that had to lead to an incident of `kind`, the latest first."""
    return Exercise.objects.filter(kind=kind, is_near_miss=False).select_related("end")


def incident_of_exercise(exercise: Exercise) -> Incident | None:
    """The first incident of its kind that `exercise` led to; None where it led to none."""
    return exercise.incidents.filter(kind=exercise.kind).order_by("opened_at").first()


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
    return Alert.objects.filter(marker=exercise.marker).count()


def exercise_outcomes(exercise: Exercise) -> list[Outcome]:
    """What `exercise` led to, in the order in which its incidents were opened."""
    return [_outcome(incident) for incident in exercise.incidents.order_by("opened_at")]


def _outcome(incident: Incident) -> Outcome:
    decided = _first_alert(incident).last_at
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


def alerts_of(incident: Incident) -> QuerySet[Alert]:
    """The alerts that the incident consists of now, in the order in which they joined."""
    present = Q(incidents__incident=incident, incidents__followed_by=None)
    return Alert.objects.filter(present).order_by("incidents__joined_at", "incidents__pk")


def _first_alert(incident: Incident) -> Alert:
    """The alert that opened it, wherever it is now."""
    return incident.alerts.select_related("alert")[0].alert


def downtimes_of(incident: Incident) -> list[Downtime]:
    """The outages that belong to the incident, in the order in which they joined."""
    return list(incident.downtimes.select_related("outage"))


def incident_of_outage(outage: UUID) -> Incident | None:
    """The incident that `outage` belongs to; None where it has led to none."""
    return Incident.objects.filter(downtimes__outage_id=outage).first()


def timeline(incident: Incident) -> list[Step]:
    """First event → alert → incident → sealed → sent → receipt, each with its time or None."""
    alert = _first_alert(incident)
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
