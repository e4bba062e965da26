"""What a person decides about an alert that its rule does not grade.

A decision commits with its audit row and its event; where it grades, the worker hears the event and opens the incident
by the same operation as for alerts that rules grade. So the door writes no incident and no message itself.

Clauses: R228/81-1 (the six kinds, immediately).
"""

from uuid import UUID

from django.db import IntegrityError, transaction

from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.detection import queries as detection
from senim.detection.models import Alert
from senim.events.delivery import Urgency
from senim.events.operations import emit
from senim.events.vocabulary.incidents import IncidentEvent
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.incidents.errors import AlreadyDecided, GradedByItsRule, MayNotDecide, NoReason
from senim.incidents.kinds import IncidentKind
from senim.incidents.models import Decision


def grade(account: Account, pk: UUID, kind: IncidentKind, *, reason: str, fresh_second_factor: bool) -> Decision:
    """Decide that alert `pk` is an incident of `kind`: it opens or joins one, and the regulator is told at once.

    Raises `MayNotDecide` without leave or without a second factor shown just now, `NoReason`, `GradedByItsRule`,
    `AlreadyDecided`, `Alert.DoesNotExist`.
    """
    return _decide(account, pk, kind, reason, fresh_second_factor=fresh_second_factor)


def dismiss(account: Account, pk: UUID, *, reason: str, fresh_second_factor: bool) -> Decision:
    """Decide that alert `pk` is no incident of the six kinds: the regulator never hears of it.

    Whoever has stolen a session could otherwise clear away what he has set off. Raises what `grade` raises.
    """
    return _decide(account, pk, None, reason, fresh_second_factor=fresh_second_factor)


def _decide(
    account: Account, pk: UUID, kind: IncidentKind | None, reason: str, *, fresh_second_factor: bool
) -> Decision:
    if not fresh_second_factor:
        raise MayNotDecide
    alert = detection.alert(pk)
    _raise_if_refused(account, alert, reason)
    action, tag = (
        (AuditAction.INCIDENTS_ALERT_DISMISSED, IncidentEvent.ALERT_DISMISSED)
        if kind is None
        else (AuditAction.INCIDENTS_ALERT_GRADED, IncidentEvent.ALERT_GRADED)
    )
    clause = kind.clause if kind else None
    try:
        with transaction.atomic():
            decision = Decision.objects.create(alert=alert, kind=kind, reason=reason.strip(), decided_by=account)
            subject = f"alert:{alert.pk}"
            # The reason stays in the audit log: what events carry may leave the house.
            audit.record(account.as_actor(), action, subject, reason=decision.reason, detail={"clause": clause})
            emit(tag, subject, {"alert": str(alert.pk), "clause": clause}, urgency=Urgency.PERSON)
    except IntegrityError as error:
        raise AlreadyDecided from error  # somebody was faster
    return decision


def _raise_if_refused(account: Account, alert: Alert, reason: str) -> None:
    if not account.may(Permission.INCIDENTS_ALERT_DECIDE):
        raise MayNotDecide
    if alert.kind is not None:
        raise GradedByItsRule
    if Decision.objects.filter(alert=alert).exists():
        raise AlreadyDecided
    if not reason.strip():
        raise NoReason
