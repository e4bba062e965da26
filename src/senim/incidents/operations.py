"""Opening and joining incidents; declaring exercises.

Clauses: R228/81-1 (the six kinds, immediately), R228/81 (by the regulator channel).
"""

from django.db import connection, transaction
from django.db.models import F, Max
from django.utils import timezone

from senim.asoi import operations as asoi
from senim.asoi import queries as asoi_queries
from senim.asoi.kinds import MessageKind
from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.audit.operations import Actor
from senim.detection.models import Alert
from senim.events.operations import emit
from senim.events.vocabulary.incidents import IncidentEvent
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.incidents import downtime, notice
from senim.incidents.errors import ExerciseRefused, NotPermitted, RealRegulator
from senim.incidents.kinds import IncidentKind
from senim.incidents.models import EXERCISE_LASTS, JOIN_WINDOW, Decision, Exercise, Incident, IncidentAlert
from senim.kit.clock import now as read_clock
from senim.kit.marker import new_marker

_FIRST = 1


@transaction.atomic
def open_from_alert(alert: Alert, *, actor: Actor, decision: Decision | None = None) -> Incident:
    """Open the incident that `alert` announces, or join the one of the same attack.

    Incident, audit row and message to the regulator commit together or not at all. The kind is the one that the rule
    gives the alert, or that of a person's `decision` about it.
    Clauses: R228/81-1. Raises `NotOneOfTheSix` for an alert that nobody has graded.
    """
    kind = IncidentKind.of(alert.kind if decision is None else decision.kind)
    _one_at_a_time(kind, alert)
    exercise = _exercise_of(kind, alert)
    outage = downtime.outage_of(alert)
    same = downtime.explained_by(outage, alert, exercise) if outage else _same_attack(kind, alert, exercise)
    if same is not None:
        return _join(same, alert, actor)
    incident = _open(kind, alert, exercise, actor)
    # R228/81-1: Immediately. The message is queued in the transaction that opens the incident; nobody need press send.
    asoi.enqueue(
        MessageKind.INCIDENT_NOTICE,
        notice.first_notice(incident, alert, decision),
        about=incident.subject,
        sequence=_FIRST,
        exercise=exercise is not None,
        actor=actor,
    )
    return incident


def _one_at_a_time(kind: IncidentKind, alert: Alert) -> None:
    """Two workers never open two incidents of one attack: they take turns (PostgreSQL advisory lock)."""
    with connection.cursor() as cursor:
        key = f"{kind.value}|{alert.target}|{alert.actor}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _exercise_of(kind: IncidentKind, alert: Alert) -> Exercise | None:
    """The declared exercise that this alert comes from: by its marker, its kind, and in its time only.

    Where messages reach the real regulator there are no exercises, whatever stands in the table: the alert is real.
    """
    declared = Exercise.objects.filter(
        marker=alert.marker, kind=kind, declared_at__lte=alert.raised_at, until__gte=alert.raised_at
    ).first()
    return declared if declared and asoi_queries.recipient_is_stand_in() else None


def _same_attack(kind: IncidentKind, alert: Alert, exercise: Exercise | None) -> Incident | None:
    return (
        Incident.objects.select_for_update()
        .filter(
            kind=kind,
            target=alert.target,
            actor=alert.actor,
            exercise=exercise,
            last_event_at__gte=alert.first_at - JOIN_WINDOW,
            first_event_at__lte=alert.last_at + JOIN_WINDOW,
        )
        .first()
    )


def _open(kind: IncidentKind, alert: Alert, exercise: Exercise | None, actor: Actor) -> Incident:
    opened_at = read_clock()
    # The bureau's calendar: what opens in Almaty on 1 January is an incident of the new year.
    year = timezone.localtime(opened_at, timezone.get_default_timezone()).year
    incident = Incident.objects.create(
        year=year,
        serial=_next_serial(year),
        kind=kind,
        target=alert.target,
        actor=alert.actor,
        account=alert.account,
        opened_at=opened_at,
        first_event_at=alert.first_at,
        last_event_at=alert.last_at,
        alert_count=1,
        event_count=alert.count,
        exercise=exercise,
    )
    IncidentAlert.objects.create(incident=incident, alert=alert)
    downtime.join(incident, alert)
    _say(AuditAction.INCIDENTS_INCIDENT_OPENED, IncidentEvent.INCIDENT_OPENED, incident, alert, actor)
    return incident


def _join(incident: Incident, alert: Alert, actor: Actor) -> Incident:
    incident.alert_count = F("alert_count") + 1
    incident.event_count = F("event_count") + alert.count
    incident.first_event_at = min(incident.first_event_at, alert.first_at)
    incident.last_event_at = max(incident.last_event_at, alert.last_at)
    incident.save(update_fields=["alert_count", "event_count", "first_event_at", "last_event_at"])
    incident.refresh_from_db()
    IncidentAlert.objects.create(incident=incident, alert=alert)
    downtime.join(incident, alert)
    _say(AuditAction.INCIDENTS_INCIDENT_JOINED, IncidentEvent.INCIDENT_JOINED, incident, alert, actor)
    return incident


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
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('incidents.serial', 0))")
    last = Incident.objects.filter(year=year).aggregate(last=Max("serial"))["last"]
    return (last or 0) + 1


def declare_exercise(account: Account, kind: IncidentKind, *, fresh_second_factor: bool) -> Exercise:
    """Declare that a real attack of `kind` on ourselves begins now, and give the marker it must carry.

    Raises `NotPermitted` without leave or without a second factor shown just now, `RealRegulator` where messages would
    reach anybody but a stand-in. A refusal leaves its audit row as well.
    """
    actor = account.as_actor()
    if refusal := _refusal(account, fresh_second_factor=fresh_second_factor):
        with transaction.atomic():
            audit.record(actor, AuditAction.INCIDENTS_EXERCISE_REFUSED, kind.clause, detail={"why": refusal.code})
        raise refusal
    return _declare(account, kind, actor)


def _refusal(account: Account, *, fresh_second_factor: bool) -> ExerciseRefused | None:
    if not (fresh_second_factor and account.may(Permission.INCIDENTS_EXERCISE_DECLARE)):
        return NotPermitted()
    if not asoi_queries.recipient_is_stand_in():
        return RealRegulator()
    return None


@transaction.atomic
def _declare(account: Account, kind: IncidentKind, actor: Actor) -> Exercise:
    declared_at = read_clock()
    exercise = Exercise.objects.create(
        kind=kind,
        marker=new_marker(),
        declared_by=account,
        declared_at=declared_at,
        until=declared_at + EXERCISE_LASTS,
    )
    subject = f"exercise:{exercise.pk}"
    audit.record(actor, AuditAction.INCIDENTS_EXERCISE_DECLARED, subject, detail={"clause": kind.clause})
    # The marker stays out of audit row and event: it is for whoever plays the exercise.
    emit(IncidentEvent.EXERCISE_DECLARED, subject, {"clause": kind.clause})
    return exercise
