"""Reading registers: as they stand, as they stood, what they lack."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from senim.kit.clock import now as read_clock
from senim.kit.moments import local_day
from senim.registers.errors import NoSuchEntry
from senim.registers.models import Version
from senim.registers.register import Lack, Register


def as_of(register: Register, moment: datetime) -> QuerySet[Version]:
    """The entries that `register` had at `moment`, each in the version that held then."""
    written = Version.objects.filter(entry=OuterRef("entry"), written_at__lte=moment).order_by("-number")
    return Version.objects.filter(
        register=register.name, is_over=False, pk=Subquery(written.values("pk")[:1])
    ).select_related("owner")


def entry(register: Register, pk: UUID) -> Version:
    """The newest version of entry `pk`, an ended one too. Raises `NoSuchEntry`."""
    found = history(register, pk).first()
    if found is None:
        raise NoSuchEntry
    return found


def history(register: Register, pk: UUID) -> QuerySet[Version]:
    """All versions of entry `pk`, the newest first."""
    return Version.objects.filter(register=register.name, entry=pk).select_related("owner").order_by("-number")


def was_written(register: Register) -> bool:
    """Whether anything ever stood in `register`."""
    return Version.objects.filter(register=register.name).exists()


def past_review(register: Register, moment: datetime) -> QuerySet[Version]:
    """The entries whose day of review was before the day of `moment`: on the day itself there is still time."""
    return as_of(register, moment).filter(review_on__lt=today(moment))


def today(moment: datetime | None = None) -> date:
    """The day of `moment` in the bureau's calendar."""
    return local_day(moment or read_clock())


def missing(register: Register, moment: datetime) -> list[Lack]:
    """What the yearly information would lack of `register`, as it stood at `moment`; nothing where it is whole."""
    entries = {each.entry: each.facts for each in as_of(register, moment)}
    if not entries:
        return [Lack("empty", _("Nothing stands in the register"))]
    due = [Lack("review-due", _("Its review is due"), each.entry) for each in past_review(register, moment)]
    return [*register.lacks(entries, moment), *due]
