"""How promptly the regulator was told: event → alert → incident → sent → receipt, of each incident, of each kind.

R228/81-1 says immediately and counts no minutes. The aim, from incident to receipt, is our choice; what took longer is
explained as far as the record shows why.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import CharField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat

from senim.asoi import queries as asoi
from senim.asoi.models import Message
from senim.incidents.kinds import IncidentKind
from senim.incidents.models import Incident, IncidentAlert
from senim.kit.moments import local_day

AIM = timedelta(seconds=5)
"""From an incident to the regulator's receipt; our choice."""
STANDS_STILL = timedelta(seconds=2)
"""What opens, seals or goes out later than so after its turn came stood still; our choice."""
MOST = 10_000
"""Incidents that are looked at; the newest."""


class Leg(StrEnum):
    """A part of the way."""

    ALERT = "alert"
    """From the deciding event to the alert."""
    INCIDENT = "incident"
    """From the alert to the incident."""
    SENT = "sent"
    """From the incident to the first try that reached the regulator."""
    RECEIPT = "receipt"
    """From the incident to the receipt: what the aim is for."""


class Why(StrEnum):
    """Why it took longer, as the record shows; stable words that the door translates."""

    PERSON = "person"
    """Its rule did not grade it: a person did, or split it off."""
    OPENED_LATE = "opened-late"
    """The worker opened it late."""
    SEALED_LATE = "sealed-late"
    """The channel sealed the message late."""
    NOT_ANSWERED = "not-answered"
    """The regulator was asked and gave no receipt."""
    AS_FILE = "as-file"
    """It waited as a file."""
    WAITS = "waits"
    """There is no receipt yet."""


@dataclass(frozen=True)
class Reason:
    """One reason, and how much of the way it took or how often it happened."""

    why: Why
    lasted: timedelta | None = None
    tries: int = 0


@dataclass(frozen=True)
class Run:
    """The way of one incident to the regulator."""

    pk: UUID
    number: str
    kind: int
    is_exercise: bool
    decided_at: datetime
    """The deciding event: the last one of its first alert."""
    raised_at: datetime
    opened_at: datetime
    sent_at: datetime | None
    received_at: datetime | None
    """When we had checked the receipt."""
    reasons: tuple[Reason, ...] = ()

    def leg(self, leg: Leg) -> timedelta | None:
        """How long that part took; None while it lasts."""
        begins, ends = {
            Leg.ALERT: (self.decided_at, self.raised_at),
            Leg.INCIDENT: (self.raised_at, self.opened_at),
            Leg.SENT: (self.opened_at, self.sent_at),
            Leg.RECEIPT: (self.opened_at, self.received_at),
        }[leg]
        return None if ends is None else max(ends - begins, timedelta(0))

    @property
    def to_receipt(self) -> timedelta | None:
        """From the incident to the receipt."""
        return self.leg(Leg.RECEIPT)

    def is_late(self, now: datetime) -> bool:
        """Whether it took longer than the aim, or lasts longer already; exactly the aim is in time."""
        taken = self.to_receipt
        return (now - self.opened_at if taken is None else taken) > AIM


@dataclass(frozen=True)
class Spread:
    """Lengths of one leg: how many, and how they lie."""

    count: int
    median: timedelta
    p95: timedelta
    worst: timedelta

    @classmethod
    def of(cls, lengths: Iterable[timedelta]) -> "Spread | None":
        """Of these; None where there are none. Percentiles are lengths that occurred (nearest rank)."""
        ordered = sorted(lengths)
        if not ordered:
            return None

        def _rank(share: float) -> timedelta:
            return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]

        return cls(len(ordered), _rank(0.5), _rank(0.95), ordered[-1])


@dataclass(frozen=True)
class OfKind:
    """The incidents of one kind together."""

    kind: IncidentKind
    count: int
    late: int
    legs: dict[Leg, Spread | None]


@dataclass(frozen=True)
class Day:
    """The slowest way of one day, as the calendar of the bureau has it."""

    day: date
    worst: timedelta


def runs(since: datetime, *, exercises: bool, now: datetime) -> list[Run]:
    """The ways of incidents opened since a moment, newest first: real ones, or exercises; at most `MOST`.

    What was withdrawn or merged later was told as well, and counts.
    """
    found = Incident.objects.filter(opened_at__gte=since, exercise__isnull=not exercises)
    rows = list(_with_moments(found).order_by("-opened_at", "-pk")[:MOST])
    made = [_run(row) for row in rows]
    late = {run.pk for run in made if run.is_late(now)}
    told = {message.about: message for message in _messages(late)}
    pairs = zip(made, rows, strict=True)
    return [_explained(run, told.get(row.subject), row, now) if run.pk in late else run for run, row in pairs]


def by_kind(found: Sequence[Run], now: datetime) -> list[OfKind]:
    """The figures of each of the six kinds that occurs."""
    return [
        OfKind(
            kind,
            len(of_kind),
            sum(run.is_late(now) for run in of_kind),
            {leg: Spread.of(length for run in of_kind if (length := run.leg(leg)) is not None) for leg in Leg},
        )
        for kind in IncidentKind
        if (of_kind := [run for run in found if run.kind == kind])
    ]


def by_day(found: Sequence[Run]) -> list[Day]:
    """The slowest way to a receipt of each day on which there was one, oldest first."""
    worst: dict[date, timedelta] = {}
    for run in found:
        if (taken := run.to_receipt) is not None:
            day = local_day(run.opened_at)
            worst[day] = max(taken, worst.get(day, taken))
    return [Day(day, worst[day]) for day in sorted(worst)]


def _with_moments(found: QuerySet[Incident]) -> QuerySet[Any]:
    first = IncidentAlert.objects.filter(incident=OuterRef("pk")).order_by("joined_at", "pk")
    subject = Concat(Value("incident:"), Cast(OuterRef("pk"), CharField()))
    notice = Message.objects.filter(about=subject, sequence=1)
    return found.annotate(
        decided_at=Subquery(first.values("alert__last_at")[:1]),
        raised_at=Subquery(first.values("alert__raised_at")[:1]),
        rule_graded=Subquery(first.values("alert__kind")[:1]),
        sent_at=Subquery(notice.values("first_sent_at")[:1]),
        received_at=Subquery(notice.values("delivered_at")[:1]),
    )


def _run(row: Any) -> Run:
    return Run(
        pk=row.pk,
        number=row.number,
        kind=row.kind,
        is_exercise=row.exercise_id is not None,
        decided_at=row.decided_at,
        raised_at=row.raised_at,
        opened_at=row.opened_at,
        sent_at=row.sent_at,
        received_at=row.received_at,
    )


def _messages(late: Iterable[UUID]) -> QuerySet[Message]:
    abouts = [f"incident:{pk}" for pk in late]
    return asoi.messages().filter(about__in=abouts, sequence=1).prefetch_related("attempts")


def _explained(run: Run, message: Message | None, row: Any, now: datetime) -> Run:
    reasons = tuple(
        _reasons(run, message, is_by_person=row.rule_graded is None or row.split_from_id is not None, now=now)
    )
    return replace(run, reasons=reasons)


def _reasons(run: Run, message: Message | None, *, is_by_person: bool, now: datetime) -> Iterator[Reason]:
    waited = run.leg(Leg.INCIDENT)
    if is_by_person:
        yield Reason(Why.PERSON, waited)
    elif waited is not None and waited > STANDS_STILL:
        yield Reason(Why.OPENED_LATE, waited)
    if message is not None:
        sealed = (message.sealed_at or now) - run.opened_at
        if sealed > STANDS_STILL:
            yield Reason(Why.SEALED_LATE, sealed)
        in_vain = [each for each in message.attempts.all() if each.outcome != "delivered"]
        if in_vain:
            until = run.received_at or now
            yield Reason(Why.NOT_ANSWERED, until - in_vain[0].started_at, tries=len(in_vain))
        if message.exported_at is not None:
            yield Reason(Why.AS_FILE, (run.received_at or now) - message.exported_at)
    if run.received_at is None:
        yield Reason(Why.WAITS, now - run.opened_at)
