"""How things stand at this moment: what is open, what the regulator has, what is late, what is blind."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from senim.asoi import queries as asoi
from senim.asoi.models import Message
from senim.audit import queries as audit
from senim.identity.models import Account
from senim.incidents import queries as incidents
from senim.incidents.models import Incident
from senim.kit.clock import now as read_clock
from senim.telemetry import queries as telemetry
from senim.telemetry.notices import NoticeKind
from senim.telemetry.queries import SourceState

SEALED_WITHIN = timedelta(seconds=10)
"""Our choice: the sealer works within a second; a row that waits longer says that it does not work."""
LATEST = 8
DRAWN = 24


@dataclass(frozen=True)
class Source:
    """One source of telemetry, and whether it is in order."""

    state: SourceState
    is_blind: bool
    """It cannot be read, or numbered lines of it are missing."""

    @property
    def says(self) -> str:
        """What the collector said of it last."""
        return str(self.state.condition.label) if self.state.condition else ""


@dataclass(frozen=True)
class Latest:
    """An incident and where its message stands."""

    incident: Incident
    message: Message | None
    to_receipt: timedelta | None
    """From opening to receipt."""


@dataclass(frozen=True)
class Standing:
    """The whole of it, counted without exercises."""

    open_incidents: int
    delivered: int
    waiting: int
    late: int
    refused: int
    exercises: int
    unsealed: int
    sealer_is_behind: bool
    sources: list[Source]
    latest: list[Latest]

    @property
    def blind(self) -> list[Source]:
        """Sources that are not in order."""
        return [source for source in self.sources if source.is_blind]

    @property
    def is_well(self) -> bool:
        """Whether nothing is late, refused, unproven or blind."""
        return not (self.late or self.refused or self.sealer_is_behind or self.blind)


def standing(account: Account, *, now: datetime | None = None) -> Standing:
    """How things stand for `account`, which may read incidents and messages."""
    moment = now or read_clock()
    seen = incidents.access_incidents(account)
    real = [message for message in asoi.waiting() if not message.exercise]
    unsealed = audit.unsealed()
    return Standing(
        open_incidents=seen.filter(exercise=None).count(),
        delivered=asoi.messages().filter(exercise=False, state=Message.State.DELIVERED).count(),
        waiting=sum(message.state != Message.State.REFUSED for message in real),
        late=sum(not message.exercise for message in asoi.late(moment)),
        refused=sum(message.state == Message.State.REFUSED for message in real),
        exercises=seen.exclude(exercise=None).count(),
        unsealed=len(unsealed),
        sealer_is_behind=bool(unsealed) and unsealed[0].at < moment - SEALED_WITHIN,
        sources=[_source(state) for state in telemetry.sources()],
        latest=latest(account, LATEST),
    )


def latest(account: Account, limit: int) -> list[Latest]:
    """The newest incidents, each with its first message."""
    newest = list(incidents.access_incidents(account)[:limit])
    told = asoi.messages().filter(about__in=[incident.subject for incident in newest], sequence=1)
    by_subject = {message.about: message for message in told}
    return [_latest(incident, by_subject.get(incident.subject)) for incident in newest]


def _latest(incident: Incident, message: Message | None) -> Latest:
    delivered = message.delivered_at if message else None
    return Latest(incident, message, delivered - incident.opened_at if delivered else None)


def _source(state: SourceState) -> Source:
    return Source(state, state.condition is not NoticeKind.COLLECTING or state.missing > 0)
