"""Reading: who is on call, who was woken, what waits for an answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.conf import settings
from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When

from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.kit.clock import now as read_clock
from senim.oncall import rota
from senim.oncall.models import Attempt, Cause, Contact, Duty, Letter, Page
from senim.oncall.ports import ways_to
from senim.pulse.queries import Life, came_round, is_silent, processes

PAGER = ("worker", "pager")
"""The process and its part: as whom the loop that sends letters says that it comes round."""
OPEN = Q(answered_at=None, over_at=None)
LATELY = timedelta(hours=1)
"""Our choice: a port that failed longer ago, and was not tried since, is no news."""


class PageState(StrEnum):
    """Where a page stands."""

    ANSWERED = "answered"
    OVER = "over"
    """What it was about is over, and nobody had answered."""
    ESCALATED = "escalated"
    """Its reader did not answer in time: somebody else was woken."""
    SENT = "sent"
    WAITING = "waiting"
    """It could not be sent yet."""


def duties() -> QuerySet[Duty]:
    """The lines of the list that nobody has taken off it, in the order of places."""
    return Duty.objects.filter(ended_at=None).select_related("account__contact")


def on_call(now: datetime | None = None) -> list[Account]:
    """Who is on call, in the order in which they are woken."""
    return rota.on_call(duties(), now or read_clock())


def ways(account: Account) -> list[str]:
    """By which ports `account` can be reached, the first first."""
    contact = Contact.objects.filter(account=account).first()
    return [port for port, _address in ways_to(contact, settings.SENIM_INSTANCE)] if contact else []


def reachable(now: datetime) -> list[Account]:
    """Who is on call and can be reached."""
    return [account for account in on_call(now) if ways(account)]


def unanswered() -> QuerySet[Cause]:
    """What waits for somebody: real, told to somebody, and not answered."""
    return Cause.objects.filter(OPEN, exercise=False, pages__isnull=False).exclude(kind=Cause.Kind.TEST).distinct()


_STATE = Case(
    When(cause__answered_at__isnull=False, then=Value(PageState.ANSWERED.value)),
    When(cause__over_at__isnull=False, then=Value(PageState.OVER.value)),
    When(
        Exists(Page.objects.filter(cause=OuterRef("cause"), step__gt=OuterRef("step"))),
        then=Value(PageState.ESCALATED.value),
    ),
    When(letter__state=Letter.State.SENT, then=Value(PageState.SENT.value)),
    default=Value(PageState.WAITING.value),
    output_field=CharField(),
)


def access_pages(account: Account) -> QuerySet[Page]:
    """The pages that `account` may see, newest first, each with its `state` (one of `PageState`): all or none."""
    if not account.may(Permission.INCIDENTS_INCIDENT_READ):
        return Page.objects.none()
    return _pages()


def _pages() -> QuerySet[Page]:
    return Page.objects.select_related("cause__answered_by", "account", "letter").annotate(state=_STATE)


def pages_about(subject: str) -> list[Page]:
    """Who was woken because of `subject` (`incident:UUID`), in the order of steps."""
    return list(_pages().filter(cause__subject=subject).order_by("at", "step"))


def pages_about_cause(cause: Cause) -> list[Page]:
    """Who was woken because of `cause`, in the order of steps."""
    return list(_pages().filter(cause=cause).order_by("step"))


def page(pk: UUID) -> Page | None:
    """The page `pk`, with its state."""
    return _pages().filter(pk=pk).first()


@dataclass(frozen=True)
class Broken:
    """A port whose last try failed."""

    port: str
    detail: str
    since: datetime


def broken_ports(now: datetime) -> list[Broken]:
    """Ports that failed when they were tried last, and that was lately."""
    tried = Attempt.objects.filter(ended_at__gt=now - LATELY).exclude(outcome=Attempt.Outcome.INTERRUPTED)
    return [
        Broken(last.port, last.detail, last.ended_at)
        for last in tried.order_by("port", "-ended_at").distinct("port")
        if last.outcome == Attempt.Outcome.FAILED and last.ended_at is not None
    ]


def pager_stands_still(now: datetime) -> bool:
    """Whether the worker comes round and its loop that sends letters does not: nobody is woken."""
    process, part = PAGER
    return processes(now)[process].life is Life.WORKS and is_silent(came_round(process).get(part), now)


def open_troubles() -> set[str]:
    """The names of checks whose fault somebody was told of and which was not seen to be over."""
    found = Cause.objects.filter(kind=Cause.Kind.TROUBLE, over_at=None).values_list("subject", flat=True)
    return {subject.removeprefix("check:") for subject in found}
