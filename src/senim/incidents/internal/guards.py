"""Whether a deed can be done to an incident as things stand: asked at the door, and again when its turn has come."""

from uuid import UUID

from senim.incidents.assessment import is_said_rightly, written
from senim.incidents.deeds import Assess, Close, Deed, Downtime, Merge, Regrade, Reinstate, Split, Withdraw
from senim.incidents.errors import (
    AlertsNotInIt,
    BreachAtNoTime,
    DowntimeImpossible,
    ExerciseAndReal,
    NotAssessed,
    NothingLeft,
    NotInThisState,
    OtherNotOpen,
    SameAssessment,
    SameIncident,
    SameKind,
)
from senim.incidents.models import Incident, IncidentAlert
from senim.kit.clock import now

State = Incident.State
ALLOWED: dict[type[Deed], frozenset[str]] = {
    Assess: frozenset({State.OPEN, State.CLOSED}),
    Close: frozenset({State.OPEN}),
    Downtime: frozenset({State.OPEN, State.CLOSED}),
    Merge: frozenset({State.OPEN}),
    Regrade: frozenset({State.OPEN, State.CLOSED}),
    Reinstate: frozenset({State.WITHDRAWN}),
    Split: frozenset({State.OPEN}),
    Withdraw: frozenset({State.OPEN, State.CLOSED}),
}
"""In which states each deed can be done. What was merged is done with: its alerts are the survivor's."""


def raise_if_impossible(incident: Incident, deed: Deed) -> None:
    """Refuse `deed` where it cannot be done to `incident` now, each refusal by its name (`incidents.errors`)."""
    if incident.state not in ALLOWED[type(deed)]:
        raise NotInThisState
    if isinstance(deed, Merge):
        _raise_if_apart(incident, deed.into)
    elif isinstance(deed, Split):
        _raise_if_not_a_part(incident, set(deed.alerts))
    elif isinstance(deed, Regrade) and deed.kind == incident.kind:
        raise SameKind
    elif isinstance(deed, Downtime) and deed.ended <= deed.began:
        raise DowntimeImpossible
    elif isinstance(deed, Close) and incident.assessment is None:
        raise NotAssessed
    elif isinstance(deed, Assess):
        _raise_if_not_said_rightly(incident, deed)


def _raise_if_not_said_rightly(incident: Incident, deed: Assess) -> None:
    breach, known = deed.said.personal_data_breach, deed.breach_known_at
    if not is_said_rightly(breach, known, since=incident.first_event_at, now=now()):
        raise BreachAtNoTime
    if (incident.assessment, incident.breach_known_at) == (written(deed.said), known):
        raise SameAssessment


def _raise_if_apart(incident: Incident, into: UUID) -> None:
    if into == incident.pk:
        raise SameIncident
    other = Incident.objects.filter(pk=into).first()
    if other is None or other.state != State.OPEN:
        raise OtherNotOpen
    # R228/81-1: what the regulator is told is real. Nothing of an exercise comes into a real incident, nor hides one.
    if other.exercise_id != incident.exercise_id:
        raise ExerciseAndReal


def _raise_if_not_a_part(incident: Incident, alerts: set[UUID]) -> None:
    present = set(IncidentAlert.objects.filter(incident=incident, followed_by=None).values_list("alert_id", flat=True))
    if not alerts <= present:
        raise AlertsNotInIt
    if alerts == present:
        raise NothingLeft
