"""Waking people: a cause, the page of the next person, the letter that carries it. Answering. Escalating.

Clauses: R228/81-1 (immediately).

Everything here happens in one transaction of the database; what leaves the house is `pager`'s. Killed at any line,
a cause has its page or has not happened, and one step of one cause is one page of one person.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Q
from django.db.models.functions import Greatest

from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.audit.operations import Actor
from senim.detection.models import Alert
from senim.events.delivery import Urgency
from senim.events.operations import emit
from senim.events.vocabulary.oncall import OncallEvent
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.incidents import queries as incidents
from senim.incidents.models import Incident
from senim.kit.clock import now as read_clock
from senim.kit.problems import Text
from senim.oncall import queries, words
from senim.oncall.errors import AlreadyAnswered, MayNotAnswer, TooSoon, Unreachable
from senim.oncall.models import Cause, Letter, Page
from senim.oncall.settings import oncall_settings

WORKER = Actor.process("worker")
SINGLES, STORM = 3, timedelta(minutes=10)
"""Our choice: whoever was woken three times within ten minutes is awake; what comes then is gathered in one letter."""
SAME_TROUBLE = timedelta(hours=1)
"""Our choice: what is wrong again within an hour of its end is the same trouble, and who answered for it still does."""
LONGEST_WAIT = timedelta(hours=1)
"""Our choice: once everybody was woken in vain the distances double, up to this."""
_AT_ONCE, _DOUBLINGS = 100, 10


@transaction.atomic
def wake_for_incident(incident: Incident, *, now: datetime | None = None) -> Cause | None:
    """Wake somebody for a new incident, once; later alerts that join it wake nobody.

    An exercise wakes only who declared it: it shows that pages arrive, and robs nobody of sleep. A part that somebody
    split off an incident wakes nobody: people were woken for the whole of it, and who split it is at it.
    """
    if incident.split_from_id is not None:
        return None
    exercise = incident.exercise
    said = words.of_incident(incident.number, incident.kind, incident.target)
    cause = Cause(kind=Cause.Kind.INCIDENT, subject=incident.subject, number=incident.number, said=said)
    return _wake(_for_exercise(cause, exercise.declared_by if exercise else None), now)


@transaction.atomic
def wake_for_alert(alert: Alert, *, now: datetime | None = None) -> Cause | None:
    """Wake somebody for an alert that has waited too long for a person, once."""
    exercise = incidents.exercise_of(alert)
    cause = Cause(kind=Cause.Kind.ALERT, subject=f"alert:{alert.pk}", said=words.of_alert(alert.target))
    return _wake(_for_exercise(cause, exercise.declared_by if exercise else None), now)


@transaction.atomic
def wake_for_trouble(check: str, about: Text, *, now: datetime | None = None) -> Cause | None:
    """Wake somebody because the check `check` does not find good order, once until it is over."""
    return _wake(Cause(kind=Cause.Kind.TROUBLE, subject=f"check:{check}", said=words.of_trouble(about)), now)


@transaction.atomic
def send_test(account: Account, *, now: datetime | None = None) -> Cause | None:
    """Send `account` a test page: the worker's half of `ask_for_test`."""
    cause = Cause(kind=Cause.Kind.TEST, subject=account.subject, said=words.of_test(), only=account)
    return _wake(cause, now)


def _for_exercise(cause: Cause, declared_by: Account | None) -> Cause:
    cause.exercise, cause.only = declared_by is not None, declared_by
    return cause


def _wake(cause: Cause, now: datetime | None) -> Cause | None:
    """`cause` with its first page; None where it is known already."""
    moment = now or read_clock()
    _take_turns(cause.subject)
    if cause.kind != Cause.Kind.TEST and _is_known(cause, moment):
        return None
    cause.began_at = moment
    cause.save(force_insert=True)
    _page_next(cause, moment)
    return cause


def _is_known(cause: Cause, moment: datetime) -> bool:
    """Whether this was told before. A trouble that comes back soon is the one of before; if open, it waits on."""
    known = Cause.objects.filter(kind=cause.kind, subject=cause.subject).first()
    if known is None:
        return False
    if known.over_at is None:
        return True
    if cause.kind != Cause.Kind.TROUBLE or moment - known.over_at > SAME_TROUBLE:
        return False
    known.over_at = None
    known.save(update_fields=["over_at"])
    return True


def _take_turns(subject: str) -> None:
    """Two workers never wake for one thing twice, or put two letters where one belongs (PostgreSQL advisory lock)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [subject])


def _page_next(cause: Cause, moment: datetime) -> Page | None:
    """Write the page of the next step: of who on call was asked least; None where nobody is there to be asked."""
    asked = list(cause.pages.order_by("step").values_list("account_id", flat=True))
    if cause.only is not None:
        people = [cause.only] if not asked and queries.ways(cause.only) else []
    else:
        people = queries.reachable(moment)
    if not people:
        return None
    account = min(people, key=lambda each: asked.count(each.pk))
    page = Page.objects.create(
        cause=cause, account=account, step=len(asked) + 1, letter=_letter_for(account, cause, moment), at=moment
    )
    detail = {"account": str(account.pk), "step": page.step, "exercise": cause.exercise}
    audit.record(WORKER, AuditAction.ONCALL_PAGE_WRITTEN, cause.subject, detail=detail)
    emit(OncallEvent.PAGE_WRITTEN, cause.subject, {"step": page.step, "exercise": cause.exercise})
    return page


def _letter_for(account: Account, cause: Cause, moment: datetime) -> Letter:
    """A letter of its own; in a storm the one that gathers."""
    _take_turns(account.subject)
    lately = Letter.objects.filter(account=account, is_digest=False, created_at__gt=moment - STORM)
    # Exercises and tests are for one person who waits for them: they are never gathered, and crowd out nothing real.
    if cause.only is not None or lately.filter(pages__cause__only=None).distinct().count() < SINGLES:
        return Letter.objects.create(account=account, created_at=moment, due_at=moment, next_try_at=moment)
    waiting = Letter.objects.filter(account=account, is_digest=True, state=Letter.State.WAITING, text="")
    gathers = waiting.select_for_update().first()
    if gathers is not None:
        return gathers
    due = moment + STORM
    return Letter.objects.create(account=account, is_digest=True, created_at=moment, due_at=due, next_try_at=due)


def escalate(*, now: datetime | None = None) -> int:
    """Wake the next person for every cause whose last one had time enough to answer. How many were woken."""
    moment = now or read_clock()
    within = oncall_settings(settings.SENIM_INSTANCE).answer_within
    last = Greatest(Max("pages__at"), Max("pages__letter__due_at"))
    waiting = Cause.objects.filter(queries.OPEN, only=None).annotate(last=last).order_by("began_at")
    # Who was asked less than one time ago has time still; the exact answer is `_escalate`'s, under lock.
    ripe = waiting.filter(Q(last=None) | Q(last__lte=moment - within))
    return sum(_escalate(pk, moment) for pk in ripe.values_list("pk", flat=True)[:_AT_ONCE])


@transaction.atomic
def _escalate(pk: UUID, moment: datetime) -> bool:
    cause = Cause.objects.select_for_update().get(pk=pk)
    if not cause.is_open:
        return False
    last = cause.pages.select_related("letter").order_by("step").last()
    if last is not None and moment - max(last.at, last.letter.due_at) < _time_to_answer(last.step, moment):
        return False
    return _page_next(cause, moment) is not None


def _time_to_answer(step: int, moment: datetime) -> timedelta:
    """How long who was asked at `step` has: the same for each, and longer each time that all were asked in vain."""
    rounds = (step - 1) // max(1, len(queries.reachable(moment)))
    within = oncall_settings(settings.SENIM_INSTANCE).answer_within
    return min(within * (1 << min(rounds, _DOUBLINGS)), max(within, LONGEST_WAIT))


def look_at_alerts(*, now: datetime | None = None) -> None:
    """Wake somebody for every alert that has waited too long for a person, and for none that waits no more."""
    moment = now or read_clock()
    before = moment - oncall_settings(settings.SENIM_INSTANCE).alert_waits
    known = Cause.objects.filter(kind=Cause.Kind.ALERT, over_at=None)
    told = {subject.removeprefix("alert:") for subject in known.values_list("subject", flat=True)}
    for alert in incidents.alerts_waiting_since(before).exclude(pk__in=told)[:_AT_ONCE]:
        wake_for_alert(alert, now=moment)
    for settled in told - {str(pk) for pk in incidents.waiting_among(told)}:
        over(f"alert:{settled}", now=moment)


@transaction.atomic
def over(subject: str, *, now: datetime | None = None) -> None:
    """What `subject` is about is over: nobody is woken for it any more."""
    Cause.objects.filter(subject=subject, over_at=None).update(over_at=now or read_clock())


@transaction.atomic
def answer(account: Account, cause: Cause, *, now: datetime | None = None) -> None:
    """`account` is on it: nobody else is woken. Raises `MayNotAnswer`, `AlreadyAnswered`."""
    if not account.may(Permission.ONCALL_PAGE_ANSWER):
        raise MayNotAnswer
    answered = {"answered_at": now or read_clock(), "answered_by": account}
    if not Cause.objects.filter(queries.OPEN, pk=cause.pk).update(**answered):
        raise AlreadyAnswered
    audit.record(account.as_actor(), AuditAction.ONCALL_PAGE_ANSWERED, cause.subject)
    emit(OncallEvent.PAGE_ANSWERED, cause.subject, {"exercise": cause.exercise})


@transaction.atomic
def ask_for_test(account: Account, *, now: datetime | None = None) -> None:
    """Ask the worker for a test page to oneself. Raises `Unreachable`, `TooSoon`."""
    moment = now or read_clock()
    if not queries.ways(account):
        raise Unreachable
    tested = Cause.objects.filter(kind=Cause.Kind.TEST, subject=account.subject)
    if tested.filter(began_at__gt=moment - timedelta(minutes=1)).exists():
        raise TooSoon
    audit.record(account.as_actor(), AuditAction.ONCALL_TEST_ASKED, account.subject)
    emit(OncallEvent.TEST_ASKED, account.subject, {"account": str(account.pk)}, urgency=Urgency.PERSON)
