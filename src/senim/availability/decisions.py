"""What people say about services: work announced beforehand, and why an outage was.

Each of these can keep an outage from being told to the regulator. So each asks for leave, for a second factor shown
just now and for a reason; each commits with its audit row and its event, is never changed, and stands on the page of
its service. What an announcement takes off is fixed before the outage begins (the database keeps that), and
what a decision about a cause takes off comes back when a later one says otherwise.

Clauses: R228/81-1(6) (*other incidents of information security*: what is none, is not told).
"""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.availability.errors import BadTime, IsOver, MayNotDecide, NoReason, NotBeforehand, UnknownService
from senim.availability.models import (
    LONGEST_MAINTENANCE,
    Cancellation,
    Cause,
    CauseDecision,
    Maintenance,
    Outage,
)
from senim.availability.settings import watched
from senim.events.operations import emit
from senim.events.vocabulary.availability import AvailabilityEvent
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.kit.clock import iso, now
from senim.kit.marker import is_marker


def announce(
    account: Account, service: str, *, starts_at: datetime, ends_at: datetime, reason: str, fresh_second_factor: bool
) -> Maintenance:
    """Announce that `service` will be worked on: an outage that begins within that time counts from its end only.

    Raises `MayNotDecide`, `NoReason`, `UnknownService`, `NotBeforehand`, `BadTime`.
    """
    _raise_if_not_allowed(account, Permission.AVAILABILITY_MAINTENANCE_ANNOUNCE, fresh_second_factor)
    _raise_if_unreasoned(reason)
    if watched(settings.SENIM_INSTANCE).of(service) is None:
        raise UnknownService
    moment = now()
    if starts_at < moment and not is_marker(service):  # an exercise plays in the past, with a service of its own
        raise NotBeforehand
    if not starts_at < ends_at <= starts_at + LONGEST_MAINTENANCE:
        raise BadTime
    with transaction.atomic():
        work = Maintenance.objects.create(
            service=service,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason.strip(),
            announced_by=account,
            announced_at=moment,
        )
        facts = {"service": service, "starts_at": iso(starts_at), "ends_at": iso(ends_at)}
        subject, action = f"maintenance:{work.pk}", AuditAction.AVAILABILITY_MAINTENANCE_ANNOUNCED
        audit.record(account.as_actor(), action, subject, reason=work.reason, detail=facts)
        # Reasons stay in the audit log: what events carry may leave the house.
        emit(AvailabilityEvent.MAINTENANCE_ANNOUNCED, subject, facts)
    return work


def cancel(account: Account, pk: UUID, *, reason: str, fresh_second_factor: bool) -> Cancellation:
    """Say that announced work `pk` does not take place, or has ended: it explains no outage from now on.

    Raises `MayNotDecide`, `NoReason`, `IsOver`, `Maintenance.DoesNotExist`.
    """
    _raise_if_not_allowed(account, Permission.AVAILABILITY_MAINTENANCE_ANNOUNCE, fresh_second_factor)
    _raise_if_unreasoned(reason)
    work = Maintenance.objects.get(pk=pk)
    moment = now()
    if work.ends_at <= moment:
        raise IsOver
    try:
        with transaction.atomic():
            cancellation = Cancellation.objects.create(
                maintenance=work, reason=reason.strip(), cancelled_by=account, cancelled_at=moment
            )
            subject, action = f"maintenance:{work.pk}", AuditAction.AVAILABILITY_MAINTENANCE_CANCELLED
            facts = {"service": work.service}
            audit.record(account.as_actor(), action, subject, reason=cancellation.reason, detail=facts)
            emit(AvailabilityEvent.MAINTENANCE_CANCELLED, subject, facts)
    except IntegrityError as error:
        raise IsOver from error  # somebody was faster
    return cancellation


def decide_cause(account: Account, pk: UUID, cause: Cause, *, reason: str, fresh_second_factor: bool) -> CauseDecision:
    """Decide why outage `pk` was. The newest decision holds; none is changed.

    A cause that is no incident keeps the outage from being told, or is the ground on which an incident that was told
    is taken back; an incident, said after that, lets it be told at once.
    Raises `MayNotDecide`, `NoReason`, `Outage.DoesNotExist`.
    """
    _raise_if_not_allowed(account, Permission.AVAILABILITY_CAUSE_DECIDE, fresh_second_factor)
    _raise_if_unreasoned(reason)
    outage = Outage.objects.get(pk=pk, part_of=None)
    with transaction.atomic():
        decision = CauseDecision.objects.create(outage=outage, cause=cause, reason=reason.strip(), decided_by=account)
        facts: dict[str, object] = {"outage": str(outage.pk), "service": outage.service, "cause": cause.value}
        facts |= {"is_incident": decision.is_incident, "was_reported": outage.reported_at is not None}
        subject = f"outage:{outage.pk}"
        action = AuditAction.AVAILABILITY_CAUSE_DECIDED
        audit.record(account.as_actor(), action, subject, reason=decision.reason, detail=facts)
        emit(AvailabilityEvent.CAUSE_DECIDED, subject, facts)
    return decision


def _raise_if_not_allowed(account: Account, permission: Permission, fresh_second_factor: bool) -> None:
    if not fresh_second_factor or not account.may(permission):
        raise MayNotDecide


def _raise_if_unreasoned(reason: str) -> None:
    if not reason.strip():
        raise NoReason
