"""What each deed does: the incident, its alerts and its scopes change, and the regulator is told.

Runs in the worker, in the transaction of the act's outcome, while nothing joins (`turns.take_acting`) and the rows of
the incidents concerned are locked.
"""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, Sum

from senim.audit.operations import Actor
from senim.incidents.assessment import written
from senim.incidents.deeds import Assess, Close, Deed, Downtime, Merge, Regrade, Reinstate, Split, Withdraw
from senim.incidents.internal import opening, parties, scopes, telling
from senim.incidents.kinds import IncidentKind
from senim.incidents.models import Incident, IncidentAlert
from senim.incidents.notice import Update, reference, titled
from senim.kit.clock import iso

State = Incident.State


def carry_out(incident: Incident, deed: Deed, *, reason: str, actor: Actor) -> None:
    """Do `deed` to `incident`; the caller saves it afterwards (`acts.CHANGED_BY_ACTS`)."""
    _DEEDS[type(deed)](incident, deed, reason, actor)


def _assess(incident: Incident, deed: Assess, reason: str, actor: Actor) -> None:
    incident.assessment, incident.breach_known_at = written(deed.said), deed.breach_known_at
    telling.tell(incident, Update.ASSESSED, actor, reason=reason)


def _regrade(incident: Incident, deed: Regrade, reason: str, actor: Actor) -> None:
    before, after = IncidentKind(incident.kind), IncidentKind(deed.kind)
    incident.kind = after
    scopes.add_kind(incident, after)
    telling.tell(incident, Update.KIND, actor, facts={"from": titled(before), "to": titled(after)}, reason=reason)


def _withdraw(incident: Incident, _deed: Withdraw, reason: str, actor: Actor) -> None:
    incident.state = State.WITHDRAWN
    telling.tell(incident, Update.WITHDRAWN, actor, reason=reason)


def _reinstate(incident: Incident, _deed: Reinstate, reason: str, actor: Actor) -> None:
    incident.state = State.OPEN
    telling.tell(incident, Update.REINSTATED, actor, reason=reason)


def _close(incident: Incident, deed: Close, reason: str, actor: Actor) -> None:
    incident.state = State.CLOSED
    facts = {"cause": deed.cause, "measures": deed.measures}
    telling.tell(incident, Update.CLOSED, actor, facts=facts, reason=reason)


def _downtime(incident: Incident, deed: Downtime, reason: str, actor: Actor) -> None:
    seconds = int((deed.ended - deed.began).total_seconds())
    facts = {"began": iso(deed.began), "ended": iso(deed.ended), "seconds": seconds}
    telling.tell(incident, Update.DOWNTIME, actor, facts=facts, reason=reason)


def _merge(incident: Incident, deed: Merge, reason: str, actor: Actor) -> None:
    survivor = Incident.objects.get(pk=deed.into)
    _move(_present(incident), survivor)
    scopes.take_over(survivor, incident)
    _count_anew(survivor)
    incident.state, incident.merged_into = State.MERGED, survivor
    telling.tell(survivor, Update.TOOK_OVER, actor, facts={"merged": reference(incident)}, reason=reason)
    parties.count_anew(incident)  # whoever was not told of here has been told of there
    telling.tell(incident, Update.MERGED, actor, facts={"into": reference(survivor)}, reason=reason)


def _split(incident: Incident, deed: Split, reason: str, actor: Actor) -> None:
    leaving = _present(incident, deed.alerts)
    alerts = sorted((link.alert for link in leaving), key=lambda alert: (alert.first_at, alert.pk))
    part = opening.open_incident(
        IncidentKind(incident.kind), alerts, exercise=incident.exercise, actor=actor, split_from=incident
    )
    _move(leaving, part)
    for alert in alerts:
        scopes.widen(part, alert.kind or part.kind, alert)
    _count_anew(incident)
    telling.tell_first(part, alerts, None, actor)
    facts = {"into": reference(part), "alerts": len(alerts)}
    telling.tell(incident, Update.SPLIT, actor, facts=facts, reason=reason)


def _present(incident: Incident, alerts: Iterable[UUID] | None = None) -> list[IncidentAlert]:
    found = IncidentAlert.objects.filter(incident=incident, followed_by=None).select_related("alert")
    return list(found if alerts is None else found.filter(alert__in=list(alerts)))


def _move(links: Iterable[IncidentAlert], to: Incident) -> None:
    IncidentAlert.objects.bulk_create(
        IncidentAlert(incident=to, alert_id=link.alert_id, follows=link) for link in links
    )


def _count_anew(incident: Incident) -> None:
    """Count and date `incident` by the alerts that are in it now."""
    present = IncidentAlert.objects.filter(incident=incident, followed_by=None)
    figures = present.aggregate(
        alert_count=Count("pk"),
        event_count=Sum("alert__count"),
        first_event_at=Min("alert__first_at"),
        last_event_at=Max("alert__last_at"),
    )
    for name, value in figures.items():
        setattr(incident, name, value)
    incident.save(update_fields=list(figures))
    parties.count_anew(incident)


_DEEDS: dict[type[Deed], Callable[[Incident, Any, str, Actor], None]] = {
    Assess: _assess,
    Close: _close,
    Downtime: _downtime,
    Merge: _merge,
    Regrade: _regrade,
    Reinstate: _reinstate,
    Split: _split,
    Withdraw: _withdraw,
}
