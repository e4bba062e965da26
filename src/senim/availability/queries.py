"""Reading how the bureau's services stand."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import get_language

from senim.availability import terms
from senim.availability.health import Health
from senim.availability.internal import keeping
from senim.availability.limits import cause_of, counted_from
from senim.availability.models import CauseDecision, Maintenance, Outage, Sample, Tally
from senim.availability.settings import Service, watched
from senim.availability.thresholds import WARNING

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Under:
    """An outage under way."""

    outage: Outage
    counted_from: datetime
    cause: CauseDecision | None
    left: timedelta
    """Until it is told; negative once it is beyond."""

    @property
    def minutes(self) -> int:
        """For how many whole minutes it has counted; none while announced work explains it."""
        return max((terms.DOWNTIME.length - self.left) // _MINUTE, 0)

    @property
    def minutes_left(self) -> int:
        """Minutes until it is told, begun ones whole; 0 or less: it has been."""
        return -(-self.left // _MINUTE)

    @property
    def is_announced(self) -> bool:
        """Whether announced work still explains it: it has not begun to count."""
        return self.left > terms.DOWNTIME.length

    @property
    def is_excused(self) -> bool:
        """Whether a person found that it is no incident: it will not be told."""
        return self.cause is not None and not self.cause.is_incident

    @property
    def needs_person(self) -> bool:
        """Whether somebody should say why, soon: the warning has come and nobody has said."""
        return self.cause is None and self.left <= terms.DOWNTIME.length - WARNING


@dataclass(frozen=True)
class Standing:
    """How one service stands."""

    service: Service
    health: Health
    since: datetime | None
    """Since when; None where no sample ever came."""
    newest: Sample | None
    under_way: Under | None
    """Its outage, also where nothing has been heard for a while."""
    work: Maintenance | None
    """Announced work that goes on now."""

    @property
    def name(self) -> str:
        """What the service is called."""
        return self.service.name

    @property
    def title(self) -> str:
        """What the service is, in the reader's language; its name where senim.toml says no more."""
        return self.service.titled(get_language() or "kk") or self.name


def services() -> tuple[Service, ...]:
    """The services that senim.toml names."""
    return watched(settings.SENIM_INSTANCE).services


def service(name: str) -> Service | None:
    """The service `name`; None where nobody measures one of that name."""
    return watched(settings.SENIM_INSTANCE).of(name)


def standings(now: datetime) -> list[Standing]:
    """How every service stands at the moment `now`, in the order of senim.toml."""
    return [standing(each, now) for each in services()]


def standing(service: Service, now: datetime) -> Standing:
    """How `service` stands at the moment `now`."""
    newest = Sample.objects.filter(service=service.name).order_by("-at", "is_up").first()
    last = outages(service.name).first()
    under_way = last if last is not None and last.ended_at is None else None
    if newest is None:
        health, since = Health.UNKNOWN, None
    elif now - newest.at > service.pace.silence:
        health, since = Health.UNKNOWN, newest.at
    elif under_way is not None:
        health, since = Health.DOWN, under_way.began_at
    else:
        health, since = Health.UP, last.ended_at if last else first_seen(service.name)
    return Standing(service, health, since, newest, _under(under_way, now), _work_now(service.name, now))


def _under(outage: Outage | None, now: datetime) -> Under | None:
    if outage is None:
        return None
    since = counted_from(outage)
    return Under(outage, since, cause_of(outage), terms.DOWNTIME.length - (now - since))


def _work_now(service: str, now: datetime) -> Maintenance | None:
    going_on = Maintenance.objects.filter(service=service, starts_at__lte=now, ends_at__gt=now)
    return next((work for work in going_on if work.explains_until > now), None)


def first_seen(service: str) -> datetime | None:
    """When its first sample was; as far as that is kept, else the quarter of an hour in which it was."""
    begins = Tally.objects.filter(service=service).order_by("begins_at").values_list("begins_at", flat=True).first()
    oldest = Sample.objects.filter(service=service).order_by("at").values_list("at", flat=True).first()
    return oldest if begins and oldest and oldest - begins < Tally.LASTS else begins


def outages(service: str) -> QuerySet[Outage]:
    """The outages of `service`, newest first."""
    return Outage.objects.filter(service=service, part_of=None)


def outage(pk: UUID | str) -> Outage:
    """The outage `pk`. Raises `Outage.DoesNotExist`."""
    return Outage.objects.get(pk=pk, part_of=None)


def outage_whole(pk: UUID | str) -> Outage:
    """The outage `pk`, or the one that it turned out to be a part of. Raises `Outage.DoesNotExist`."""
    found = Outage.objects.get(pk=pk)
    while found.part_of is not None:
        found = found.part_of
    return found


def decisions(outage: Outage) -> QuerySet[CauseDecision]:
    """What people decided about its cause, the newest first: that one holds."""
    return outage.decisions.select_related("decided_by")


def maintenance(service: str) -> QuerySet[Maintenance]:
    """Announced work on `service`, the latest first."""
    return Maintenance.objects.filter(service=service).select_related("announced_by", "cancellation__cancelled_by")


@dataclass(frozen=True)
class Stretch:
    """How a service did in one stretch of time."""

    begins_at: datetime
    lasts: timedelta
    ups: int
    downs: int

    @property
    def health(self) -> Health:
        """Down where a sample failed, up where all were good, unknown where there was none."""
        if self.downs:
            return Health.DOWN
        return Health.UP if self.ups else Health.UNKNOWN


def stretches(service: str, *, until: datetime, lasts: timedelta, number: int) -> list[Stretch]:
    """The last `number` stretches of `lasts` (whole quarters of an hour) up to the one that ends at `until`."""
    since = until - lasts * number
    counted = [[0, 0] for _ in range(number)]
    for at, ups, downs in _tallies(service, since, until):
        place = counted[(at - since) // lasts]
        place[0] += ups
        place[1] += downs
    return [Stretch(since + lasts * n, lasts, ups, downs) for n, (ups, downs) in enumerate(counted)]


def _tallies(service: str, since: datetime, until: datetime) -> Iterable[tuple[datetime, int, int]]:
    found = Tally.objects.filter(service=service, begins_at__gte=since, begins_at__lt=until)
    return found.values_list("begins_at", "ups", "downs")


KEPT = keeping.KEPT
"""How long samples are kept."""
