"""How things stand at this moment: what is there, what the regulator has, what is late, what is blind.

Everything is counted by the database and held as plain values, so that two moments can be compared before anything is
drawn: `Standing.state`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils.translation import get_language

from senim.asoi import queries as asoi
from senim.asoi.queries import Outbox
from senim.audit import queries as audit
from senim.availability import queries as availability
from senim.detection import coverage
from senim.detection.coverage import View
from senim.doors.console import services
from senim.doors.console.checks import Finding, every_check
from senim.doors.console.services import Clock
from senim.identity.models import Account
from senim.incidents import queries as incidents
from senim.kit import canonical
from senim.kit.checks import Asked
from senim.kit.clock import now as read_clock
from senim.pulse.queries import processes
from senim.telemetry.standing import Source, sources

DRAWN = 24
"""How many of the latest incidents the chart draws."""
LISTED = 8


@dataclass(frozen=True)
class Latest:
    """An incident and where its message stands."""

    pk: str
    number: str
    kind: int
    target: str
    is_exercise: bool
    state: str
    opened_at: datetime
    message_state: str
    """Empty where there is no message."""
    to_receipt: timedelta | None
    """From opening to receipt."""


@dataclass(frozen=True)
class Standing:
    """The whole of it, counted without exercises."""

    findings: tuple[Finding, ...]
    """What is not in order, and what is not known."""
    incidents: int
    exercises: int
    waiting_alerts: int
    outbox: Outbox
    unsealed: int
    sources: tuple[Source, ...]
    unwatched: tuple[int, ...]
    """Kinds of R228/81-1 that nothing watches for."""
    drawn: tuple[Latest, ...]
    clocks: tuple[Clock, ...]
    """Outages under way."""

    @property
    def amiss(self) -> list[Finding]:
        """What is known not to be in order."""
        return [finding for finding in self.findings if finding.is_known]

    @property
    def unknown(self) -> list[Finding]:
        """What could not be checked."""
        return [finding for finding in self.findings if not finding.is_known]

    @property
    def is_well(self) -> bool:
        """Whether every check was made and none found anything."""
        return not self.findings

    @property
    def latest(self) -> tuple[Latest, ...]:
        """The newest incidents."""
        return self.drawn[:LISTED]

    @property
    def state(self) -> str:
        """What tells this standing, as its reader's language words it, from any other."""
        return canonical.sha256(repr((get_language(), self)).encode())


def standing(account: Account, *, now: datetime | None = None) -> Standing:
    """How things stand for `account`, which may read incidents and messages."""
    asked = Asked(settings.SENIM_INSTANCE, now or read_clock())
    seen = incidents.access_incidents(account)
    return Standing(
        findings=tuple(every_check(account, asked)),
        incidents=incidents.counted(seen).count(),
        exercises=seen.exclude(exercise=None).count(),
        waiting_alerts=incidents.waiting_alerts(),
        outbox=asoi.outbox(asked.now, unsealed_before=asked.before),
        unsealed=audit.waiting_for_seal()[0],
        sources=tuple(sources(asked.instance, processes(asked.now), asked.now)),
        # Of the six kinds. What nobody watches for is not detected, and its absence proves nothing.
        unwatched=tuple(one.number for one in coverage.kinds(asked.instance, asked.now) if one.view is View.BLIND),
        drawn=tuple(_latest(account)),
        clocks=tuple(services.clocks(availability.standings(asked.now))),
    )


def _latest(account: Account) -> list[Latest]:
    """The newest incidents, each with its first message."""
    newest = list(incidents.access_incidents(account)[:DRAWN])
    told = asoi.messages().filter(about__in=[incident.subject for incident in newest], sequence=1)
    states = {about: (state, at) for about, state, at in told.values_list("about", "state", "delivered_at")}
    found = []
    for each in newest:
        state, delivered = states.get(each.subject, ("", None))
        to_receipt = delivered - each.opened_at if delivered else None
        is_exercise = each.exercise_id is not None
        found.append(
            Latest(
                pk=str(each.pk),
                number=each.number,
                kind=each.kind,
                target=each.target,
                is_exercise=is_exercise,
                state=each.state,
                opened_at=each.opened_at,
                message_state=state,
                to_receipt=to_receipt,
            )
        )
    return found
