"""What people do to an incident: assess, close, correct, merge, split, withdraw, reinstate.

The door decides: the act commits with its audit row and its event, and tells nobody. The worker hears the event and
carries it out in its turn: incident, outcome and messages to the regulator commit together. What had become impossible
meanwhile is not done, and the act says why. So the door writes no incident and no message itself.

Clauses: R228/81-1 (the regulator is told of what has changed at once).
"""

from uuid import UUID

from django.db import IntegrityError, transaction

from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.audit.operations import Actor
from senim.events.delivery import Urgency
from senim.events.operations import emit
from senim.events.vocabulary.incidents import IncidentEvent
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.incidents import deeds
from senim.incidents.deeds import Assess, Close, Deed, Downtime, Merge, Regrade, Reinstate, Split, Withdraw
from senim.incidents.errors import ActRefused, ActWithoutReason, MayNotAct, SomebodyWasFaster
from senim.incidents.internal import turns
from senim.incidents.internal.carrying_out import carry_out
from senim.incidents.internal.guards import ALLOWED, raise_if_impossible
from senim.incidents.models import Act, ActOutcome, Incident

NEEDS: dict[type[Deed], Permission] = {
    Assess: Permission.INCIDENTS_INCIDENT_CORRECT,
    Close: Permission.INCIDENTS_INCIDENT_CLOSE,
    Downtime: Permission.INCIDENTS_INCIDENT_CORRECT,
    Merge: Permission.INCIDENTS_INCIDENT_DIVIDE,
    Regrade: Permission.INCIDENTS_INCIDENT_CORRECT,
    Reinstate: Permission.INCIDENTS_INCIDENT_WITHDRAW,
    Split: Permission.INCIDENTS_INCIDENT_DIVIDE,
    Withdraw: Permission.INCIDENTS_INCIDENT_WITHDRAW,
}
"""What leave each deed needs."""
CHANGED_BY_ACTS = ("kind", "state", "assessment", "breach_known_at", "merged_into", "revision")
"""Columns of an incident that nothing else changes."""


def possible(account: Account, incident: Incident) -> list[type[Deed]]:
    """What `account` may do to `incident` as it stands, and what makes sense for its alerts."""
    allowed = [deed for deed, states in ALLOWED.items() if incident.state in states and account.may(NEEDS[deed])]
    senseless = {
        Close: incident.assessment is None,
        Split: incident.alert_count < 2,  # noqa: PLR2004 - a part and a rest
    }
    return [deed for deed in allowed if not senseless.get(deed)]


def decide(account: Account, pk: UUID, deed: Deed, *, seen: int, reason: str, fresh_second_factor: bool) -> Act:
    """Decide that `deed` is done to incident `pk`, whose page showed `seen` acts before this one.

    Raises `MayNotAct` without leave or without a second factor shown just now, `ActWithoutReason`, `SomebodyWasFaster`,
    what `internal.guards` refuses, `Incident.DoesNotExist`.
    """
    if not (fresh_second_factor and account.may(NEEDS[type(deed)])):
        raise MayNotAct
    if not reason.strip():
        raise ActWithoutReason
    incident = Incident.objects.get(pk=pk)
    if incident.revision != seen or Act.objects.filter(incident=incident, revision__gt=seen).exists():
        raise SomebodyWasFaster
    raise_if_impossible(incident, deed)
    try:
        return _decide(account, incident, deed, reason.strip())
    except IntegrityError as error:
        raise SomebodyWasFaster from error


@transaction.atomic
def _decide(account: Account, incident: Incident, deed: Deed, reason: str) -> Act:
    written = deeds.written(deed)
    act = Act.objects.create(incident=incident, revision=incident.revision + 1, deed=written, reason=reason, by=account)
    facts = {"act": str(act.pk), "deed": deed.name, "number": incident.number}
    audit.record(
        account.as_actor(),
        AuditAction.INCIDENTS_ACT_DECIDED,
        incident.subject,
        reason=reason,
        detail={**facts, "said": written},
    )
    emit(IncidentEvent.ACT_DECIDED, incident.subject, facts, urgency=Urgency.PERSON)
    return act


@transaction.atomic
def take_turn(pk: UUID | str, *, actor: Actor) -> ActOutcome:
    """Carry out the act `pk`, or say why it cannot be done any more: outcome, incident and messages commit together."""
    turns.take_acting()
    act = Act.objects.select_related("by").get(pk=pk)
    deed = deeds.read(act.deed)
    incident = Incident.objects.select_for_update(of=("self",)).select_related("exercise").get(pk=act.incident_id)
    refusal = _carry_out(incident, deed, act)
    # Whatever became of it, the next act is decided on an incident as it is after this one.
    incident.revision = act.revision
    incident.save(update_fields=CHANGED_BY_ACTS)
    outcome = ActOutcome.objects.create(act=act, refusal=refusal)
    action, tag = (
        (AuditAction.INCIDENTS_ACT_OVERTAKEN, IncidentEvent.ACT_OVERTAKEN)
        if refusal
        else (AuditAction.INCIDENTS_ACT_DONE, IncidentEvent.ACT_DONE)
    )
    facts = {"act": str(act.pk), "deed": deed.name, "number": incident.number, "refusal": refusal}
    audit.record(actor, action, incident.subject, detail=facts)
    emit(tag, incident.subject, facts)
    return outcome


def _carry_out(incident: Incident, deed: Deed, act: Act) -> str:
    """Do it in the name of whoever decided; the code of the refusal where it cannot be done, else nothing."""
    try:
        raise_if_impossible(incident, deed)
    except ActRefused as refusal:
        return refusal.code
    carry_out(incident, deed, reason=act.reason, actor=act.by.as_actor())
    return ""
