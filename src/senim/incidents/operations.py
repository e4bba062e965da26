"""Opening and joining incidents; declaring exercises.

Clauses: R228/81-1 (the six kinds, immediately), R228/81 (by the regulator channel).
"""

from django.db import transaction

from senim.asoi import queries as asoi_queries
from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.audit.operations import Actor
from senim.detection.models import Alert
from senim.events.operations import emit
from senim.events.vocabulary.incidents import IncidentEvent
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.incidents import downtime
from senim.incidents.errors import ExerciseRefused, NotPermitted, RealRegulator
from senim.incidents.internal import opening, scopes, telling, turns
from senim.incidents.kinds import IncidentKind
from senim.incidents.models import EXERCISE_LASTS, Decision, Exercise, ExerciseEnd, Incident, IncidentAlert
from senim.kit.clock import now as read_clock
from senim.kit.marker import new_marker
from senim.telemetry import markers


@transaction.atomic
def open_from_alert(alert: Alert, *, actor: Actor, decision: Decision | None = None) -> Incident:
    """Open the incident that `alert` announces, or join the one of the same attack.

    Incident, audit row and message to the regulator commit together or not at all. The kind is the one that the rule
    gives the alert, or that of a person's `decision` about it.
    Clauses: R228/81-1. Raises `NotOneOfTheSix` for an alert that nobody has graded.
    """
    kind = IncidentKind.of(alert.kind if decision is None else decision.kind)
    turns.take_joining(kind, alert.target)
    exercise = _exercise_of(kind, alert)
    outage = downtime.outage_of(alert)
    same = downtime.explained_by(outage, alert, exercise) if outage else scopes.same_attack(kind, alert, exercise)
    if same is not None:
        opening.join(same, kind, alert, actor)
        downtime.join(same, alert)
        telling.tell_extent_if_due(same, actor)
        return same
    incident = opening.open_incident(kind, [alert], exercise=exercise, actor=actor)
    IncidentAlert.objects.create(incident=incident, alert=alert)
    scopes.widen(incident, kind, alert)
    downtime.join(incident, alert)
    telling.tell_first(incident, [alert], decision, actor)
    return incident


@transaction.atomic
def tell_what_waits(about: str, *, actor: Actor) -> None:
    """Tell what an incident has gained while its last message was on the way. `about`: what that message tells of.

    Clauses: R228/81-1.
    """
    turns.take_telling()
    incident = Incident.objects.select_for_update().get(pk=about.removeprefix("incident:"))
    if incident.state in {Incident.State.OPEN, Incident.State.CLOSED}:
        telling.tell_extent_if_due(incident, actor)


@transaction.atomic
def note_proof_taken(incident: Incident, actor: Actor) -> None:
    """Write down that the proof of `incident` is handed out to `actor`."""
    detail = {"number": incident.number}
    audit.record(actor, AuditAction.INCIDENTS_PROOF_EXPORTED, incident.subject, detail=detail)


def _exercise_of(kind: IncidentKind, alert: Alert) -> Exercise | None:
    """The declared exercise that this alert comes from: by its marker, its kind, and in its time only.

    Where messages reach the real regulator there are no exercises, whatever stands in the table: the alert is real.
    """
    declared = Exercise.objects.filter(
        marker=alert.marker, kind=kind, declared_at__lte=alert.raised_at, until__gte=alert.raised_at
    ).first()
    return declared if declared and asoi_queries.recipient_is_stand_in() else None


def declare_exercise(
    account: Account,
    kind: IncidentKind,
    *,
    fresh_second_factor: bool,
    is_near_miss: bool = False,
    scenario: str = "",
) -> Exercise:
    """Declare that a real attack of `kind` on ourselves begins now, or what only looks like one, with its marker.

    Raises `NotPermitted` without leave or without a second factor shown just now, `RealRegulator` where messages would
    reach anybody but a stand-in. A refusal leaves its audit row as well.
    """
    actor = account.as_actor()
    if refusal := _refusal(account, fresh_second_factor=fresh_second_factor):
        with transaction.atomic():
            audit.record(actor, AuditAction.INCIDENTS_EXERCISE_REFUSED, kind.clause, detail={"why": refusal.code})
        raise refusal
    return _declare(account, kind, actor, is_near_miss=is_near_miss, scenario=scenario)


@transaction.atomic
def end_exercise(account: Account, exercise: Exercise) -> ExerciseEnd:
    """Say that nobody waits for anything more to come of `exercise`; again, it changes nothing.

    Raises `NotPermitted` for anybody but who declared it.
    """
    if exercise.declared_by_id != account.pk:
        raise NotPermitted
    end, is_new = ExerciseEnd.objects.get_or_create(exercise=exercise)
    if is_new:
        subject = f"exercise:{exercise.pk}"
        audit.record(account.as_actor(), AuditAction.INCIDENTS_EXERCISE_ENDED, subject)
        emit(IncidentEvent.EXERCISE_ENDED, subject, {"clause": IncidentKind(exercise.kind).clause})
    return end


def _refusal(account: Account, *, fresh_second_factor: bool) -> ExerciseRefused | None:
    if not (fresh_second_factor and account.may(Permission.INCIDENTS_EXERCISE_DECLARE)):
        return NotPermitted()
    if not asoi_queries.recipient_is_stand_in():
        return RealRegulator()
    return None


@transaction.atomic
def _declare(account: Account, kind: IncidentKind, actor: Actor, *, is_near_miss: bool, scenario: str) -> Exercise:
    declared_at = read_clock()
    exercise = Exercise.objects.create(
        kind=kind,
        marker=new_marker(),
        declared_by=account,
        declared_at=declared_at,
        until=declared_at + EXERCISE_LASTS,
        is_near_miss=is_near_miss,
        scenario=scenario,
    )
    markers.declare(exercise.marker, exercise.until)
    subject = f"exercise:{exercise.pk}"
    detail: dict[str, object] = {"clause": kind.clause, **({"near_miss": True} if is_near_miss else {})}
    audit.record(actor, AuditAction.INCIDENTS_EXERCISE_DECLARED, subject, detail=detail)
    # The marker stays out of audit row and event: it is for whoever plays the exercise.
    emit(IncidentEvent.EXERCISE_DECLARED, subject, {"clause": kind.clause})
    return exercise
