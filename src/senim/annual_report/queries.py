"""What was filed, what the regulator has, what is due."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from senim.annual_report.errors import NoSuchFiling
from senim.annual_report.models import Filing, Report
from senim.annual_report.settings import FIRST_YEAR, annual_report_settings
from senim.annual_report.terms import due_on
from senim.audit import queries as audit
from senim.kit.instance import Instance
from senim.kit.moments import local_day


@dataclass(frozen=True)
class Duty:
    """That the information of a year is to be submitted, and how far that is."""

    year: int
    due_on: date
    filing: Filing | None
    """The newest one that the worker did not refuse; None: nothing was filed."""

    @property
    def report(self) -> Report | None:
        """What was told; None while nothing was."""
        return getattr(self.filing, "report", None)

    @property
    def received_at(self) -> datetime | None:
        """When the regulator's receipt was checked, of the first that it has; None: it has nothing."""
        return (
            Report.objects.filter(filing__year=self.year, message__delivered_at__isnull=False)
            .values_list("message__delivered_at", flat=True)
            .order_by("filing__number")
            .first()
        )

    def days_left(self, today: date) -> int:
        """Whole days until the last one in time: 0 on it, negative behind it."""
        return (self.due_on - today).days


def filings(year: int) -> QuerySet[Filing]:
    """All filings of `year`, the newest first."""
    return Filing.objects.filter(year=year).select_related("by", "report__message").order_by("-number")


def filing(pk: UUID) -> Filing:
    """The filing `pk` that was told. Raises `NoSuchFiling`."""
    found = Filing.objects.filter(pk=pk, report__refusal="").select_related("by", "report__message").first()
    if found is None:
        raise NoSuchFiling
    return found


def waiting() -> list[Filing]:
    """Filings of which nothing was told and nothing refused yet, the oldest first."""
    return list(Filing.objects.filter(report=None).order_by("at", "pk"))


def years_filed() -> list[int]:
    """The years of which anything was filed, the newest first."""
    return list(Filing.objects.order_by("-year").values_list("year", flat=True).distinct())


def newest_told(year: int) -> Filing | None:
    """The filing of `year` that the regulator was told last; None: none."""
    return filings(year).filter(report__refusal="").first()


def duty(year: int) -> Duty:
    """The duty to inform of `year`."""
    return Duty(year, due_on(year), filings(year).exclude(report__refusal__gt="").first())


def duties(instance: Instance, now: datetime) -> list[Duty]:
    """Those of all years that this house owes and that are over, and of the one that lasts; the newest first."""
    this_year = local_day(now).year
    return [duty(year) for year in range(this_year, first_year(instance, now) - 1, -1)]


def first_year(instance: Instance, now: datetime) -> int:
    """The first year that this house owes: as senim.toml says, else that in which its audit log began."""
    if (said := annual_report_settings(instance).first_year) is not None:
        return said
    began = audit.began_at()
    return max(local_day(began or now).year, FIRST_YEAR)
