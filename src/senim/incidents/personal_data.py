"""The second duty: a breach of the security of personal data is told to another authority, by its own clock.

Law 94-V, article 25(2)(8): within one working day of its detection, with the contacts of whoever answers for it. Senim
has no way to that authority: people tell it, and write down here that they have. The regulator of R228/81-1 hears of
the incident apart from this.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.identity.hours import OfficeHours, hours_of
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.identity.working_time import working_days_later
from senim.incidents.errors import BreachNoticeRefused, MayNotAct, NoBreach
from senim.incidents.models import BreachNotice, Incident
from senim.incidents.terms import BREACH_NOTICE
from senim.kit.clock import now as read_clock
from senim.kit.instance import Instance

LAST_CALL = timedelta(hours=4)
"""Our choice: when so little time is left and nobody has told the authority, somebody is woken."""
LONGEST_REFERENCE = 255


@dataclass(frozen=True)
class BreachDuty:
    """That an incident's breach is to be told to the authority for personal data, until when, and whether it was."""

    incident: Incident
    known_at: datetime
    due_at: datetime
    notice: BreachNotice | None
    """The first one; None: nobody has told it yet."""

    def is_late(self, now: datetime) -> bool:
        """Whether it was told too late, or is not told at `now` and should have been; the last moment is in time."""
        return (self.notice.told_at if self.notice else now) > self.due_at


def due_at(known_at: datetime, office: OfficeHours) -> datetime:
    """Until when a breach known at `known_at` is to be told.

    One working day is read as: until the same hour of the next working day; what is known on a day of rest counts from
    the beginning of the next working day (our reading: the stricter one of those that the words allow).
    """
    return working_days_later(known_at, BREACH_NOTICE.days, office)


def duty_of(incident: Incident, office: OfficeHours) -> BreachDuty | None:
    """The duty that `incident` brings; None where there was no breach, no incident after all, or an exercise only."""
    is_real = incident.exercise_id is None and incident.state != Incident.State.WITHDRAWN
    if incident.breach_known_at is None or not is_real:
        return None
    notice = incident.breach_notices.select_related("by").first()
    return BreachDuty(incident, incident.breach_known_at, due_at(incident.breach_known_at, office), notice)


def untold(instance: Instance) -> Iterator[BreachDuty]:
    """The duties that nobody has fulfilled, the oldest first."""
    found = Incident.objects.filter(breach_known_at__isnull=False, breach_notices=None)
    office = hours_of(instance)
    for incident in found.order_by("breach_known_at"):
        if (duty := duty_of(incident, office)) is not None:
            yield duty


@transaction.atomic
def note_told(account: Account, pk: UUID, *, told_at: datetime, reference: str) -> BreachNotice:
    """Write down that the authority was told at `told_at`, and by what (`reference`: its number, a letter's).

    Raises `MayNotAct`, `NoBreach`, `BreachNoticeRefused`, `Incident.DoesNotExist`.
    """
    if not account.may(Permission.INCIDENTS_INCIDENT_CORRECT):
        raise MayNotAct
    incident = Incident.objects.get(pk=pk)
    if incident.breach_known_at is None:
        raise NoBreach
    reference = reference.strip()
    if not 0 < len(reference) <= LONGEST_REFERENCE or not incident.breach_known_at <= told_at <= read_clock():
        raise BreachNoticeRefused
    notice = BreachNotice.objects.create(incident=incident, told_at=told_at, reference=reference, by=account)
    detail = {"notice": notice.pk, "number": incident.number}
    audit.record(account.as_actor(), AuditAction.INCIDENTS_BREACH_TOLD, incident.subject, detail=detail)
    return notice
