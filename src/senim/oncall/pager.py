"""Sending letters and keeping time: a thread of the worker.

Killed at any line it loses nothing: what is to be sent stands in `Letter`, and a try is written down before anything
leaves. A try that was interrupted is made again, for it is not known whether the letter left: somebody may be rung
twice by the same letter, which bears the same identifier, and never not at all. A second pager waits until the first
has ended, as the regulator channel's sender does.

No transaction is open while something is on its way: it would hold up the news of all (`events.queries`).
"""

import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.kit.clock import now as read_clock
from senim.kit.instance import Instance
from senim.kit.secrets import Secrets
from senim.oncall import operations, words
from senim.oncall.models import Attempt, Cause, Contact, Letter
from senim.oncall.ports import MAIL, SMS, WEBHOOK, NotSent, Parcel, Port, ways_to
from senim.oncall.ports.mail import Smtp
from senim.oncall.ports.sms import Gateway
from senim.oncall.ports.trust import tls_context
from senim.oncall.ports.webhook import Signed
from senim.oncall.settings import oncall_settings

log = logging.getLogger(__name__)
LOCK = 0x73656E696D03
"""PostgreSQL advisory lock (one bigint, "senim" and 3): whoever holds it is the pager."""
ROUND_SECONDS = 1.0
_LANES = 4
_AT_ONCE, _DOUBLINGS = 20, 10
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=5), timedelta(minutes=1)


def ports_of(instance: Instance, secrets: Secrets) -> dict[str, Port]:
    """The ways that senim.toml names, ready to send. Raises `BadSettings`."""
    known, tls = oncall_settings(instance), tls_context(instance)
    found: dict[str, Port] = {}
    if known.sms:
        found[SMS] = Gateway(known.sms, tls, secrets.sms_token)
    if known.webhook:
        found[WEBHOOK] = Signed(known.webhook, tls, secrets.webhook_key)
    if known.mail:
        found[MAIL] = Smtp(known.mail, tls, secrets.mail_password)
    return found


def hold_lock() -> bool:
    """Become the pager, for as long as this connection lives. False: another one is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        (held,) = cursor.fetchone()
    return bool(held)


@dataclass(frozen=True)
class _Try:
    attempt: int
    port: str
    parcel: Parcel


class Pager:
    """Takes up letters that are due and brings them away, several at a time: a port that hangs holds up one lane."""

    def __init__(self, instance: Instance, secrets: Secrets) -> None:
        self._instance = instance
        self._ports = ports_of(instance, secrets)
        self._lanes = ThreadPoolExecutor(_LANES, thread_name_prefix="pager")
        self._under_way: dict[UUID, Future[None]] = {}

    def close(self) -> None:
        """Take up no more."""
        self._lanes.shutdown(cancel_futures=True)

    def work(self) -> None:
        """One round. Raises what a lane raised: that is our own fault and ends the process."""
        for pk, future in list(self._under_way.items()):
            if future.done():
                del self._under_way[pk]
                future.result()
        for pk in due():
            if pk not in self._under_way:
                self._under_way[pk] = self._lanes.submit(self._in_lane, pk)

    def _in_lane(self, pk: UUID) -> None:
        try:
            self.deliver(pk)
        finally:
            connection.close()  # the lane's own: it is seldom needed

    def deliver(self, pk: UUID, *, now: datetime | None = None) -> None:
        """Try once to send the letter `pk`, if it is still needed, and write down how that went."""
        begun = begin(pk, self._instance, now=now)
        if begun is None:
            return
        try:
            self._ports[begun.port].send(begun.parcel)
        except NotSent as failure:
            log.warning("letter %s not sent by %s: %s", pk, begun.port, failure)
            fail(begun.attempt, str(failure), self._instance, now=now)
        else:
            succeed(begun.attempt, now=now)


def due(now: datetime | None = None) -> list[UUID]:
    """Letters whose turn it is, the oldest first."""
    waiting = Letter.objects.filter(state=Letter.State.WAITING, next_try_at__lte=now or read_clock())
    return list(waiting.order_by("next_try_at", "id").values_list("pk", flat=True)[:_AT_ONCE])


def end_interrupted() -> int:
    """Close the tries that an ended process left open; how many there were."""
    return Attempt.objects.filter(ended_at=None).update(ended_at=read_clock(), outcome=Attempt.Outcome.INTERRUPTED)


@transaction.atomic
def begin(pk: UUID, instance: Instance, *, now: datetime | None = None) -> _Try | None:
    """Write down that a try begins; None where there is nothing to send, or no way to send it."""
    moment = now or read_clock()
    letter = Letter.objects.select_for_update(of=("self",)).select_related("account").get(pk=pk)
    if letter.state != Letter.State.WAITING or letter.next_try_at > moment:
        return None
    causes = list(Cause.objects.filter(pages__letter=letter).distinct().order_by("began_at"))
    if not any(cause.is_open for cause in causes):
        letter.state = Letter.State.NEEDLESS
        letter.save(update_fields=["state"])
        return None
    known = Contact.objects.filter(account=letter.account).first()
    ways = ways_to(known, instance) if known else []
    if not ways:
        # Their contact is gone since the page was written; it may come back, and the next person is woken in time.
        Letter.objects.filter(pk=pk).update(next_try_at=moment + _LONGEST_PAUSE)
        return None
    if not letter.text:
        told = [cause for cause in causes if cause.is_open]
        letter.text = words.text_of(letter, told, oncall_settings(instance).console)
        letter.save(update_fields=["text"])
    # The next port at each try: one that is down costs one try and no time.
    port, address = ways[letter.tries % len(ways)]
    attempt = Attempt.objects.create(letter=letter, port=port, started_at=moment)
    return _Try(attempt.pk, port, Parcel(letter.pk, address, letter.text))


@transaction.atomic
def succeed(attempt: int, *, now: datetime | None = None) -> None:
    """The port has the letter."""
    made, letter = _end(attempt, Attempt.Outcome.SENT, "", now or read_clock())
    letter.state, letter.sent_at, letter.sent_by = Letter.State.SENT, made.ended_at, made.port
    letter.save(update_fields=["state", "sent_at", "sent_by"])
    for page in letter.pages.select_related("cause"):
        detail = {"account": str(page.account_id), "step": page.step, "port": made.port}
        audit.record(operations.WORKER, AuditAction.ONCALL_PAGE_SENT, page.cause.subject, detail=detail)


@transaction.atomic
def fail(attempt: int, detail: str, instance: Instance, *, now: datetime | None = None) -> None:
    """The port has it not, or nobody knows: the next port is tried at once, and after all of them there is a pause."""
    moment = now or read_clock()
    _made, letter = _end(attempt, Attempt.Outcome.FAILED, detail, moment)
    letter.tries += 1
    known = Contact.objects.filter(account_id=letter.account_id).first()
    ways = max(1, len(ways_to(known, instance)) if known else 1)
    letter.next_try_at = moment + (pause_after(letter.tries // ways) if letter.tries % ways == 0 else timedelta(0))
    letter.save(update_fields=["tries", "next_try_at"])


def pause_after(rounds: int) -> timedelta:
    """The pause after every port has failed `rounds` times: doubling up to a limit."""
    return min(_FIRST_PAUSE * (1 << min(rounds - 1, _DOUBLINGS)), _LONGEST_PAUSE)


def _end(pk: int, outcome: Attempt.Outcome, detail: str, moment: datetime) -> tuple[Attempt, Letter]:
    made = Attempt.objects.get(pk=pk)
    made.ended_at, made.outcome, made.detail = moment, outcome, detail[:200]
    made.save(update_fields=["ended_at", "outcome", "detail"])
    return made, Letter.objects.select_for_update().get(pk=made.letter_id)


@dataclass
class Every:
    """Says when something is due again, by the clock that nobody can set."""

    every: float
    last: float = float("-inf")

    def is_due(self) -> bool:
        """True, and from now on not again before its time."""
        if time.monotonic() - self.last < self.every:
            return False
        self.last = time.monotonic()
        return True
