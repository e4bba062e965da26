"""What the address of *Events* asks for: a time, words, a place in the list; and the addresses that lead on from it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from senim.doors.console.errors import BadRequest
from senim.history.events import Place
from senim.history.filters import LONGEST, Filter
from senim.kit.clock import from_iso, now

WORDS = ("source", "host", "action", "address", "user", "text")
RANGES: dict[str, tuple[timedelta, str | Promise]] = {
    "15m": (timedelta(minutes=15), _("The last 15 minutes")),
    "1h": (timedelta(hours=1), _("The last hour")),
    "24h": (timedelta(days=1), _("The last 24 hours")),
    "7d": (timedelta(days=7), _("The last 7 days")),
    "30d": (timedelta(days=30), _("The last 30 days")),
}
USUAL = "24h"
_BETWEEN = "~"
_FIRST = datetime(2000, 1, 1, tzinfo=timezone.get_default_timezone())
_LAST = datetime(2200, 1, 1, tzinfo=timezone.get_default_timezone())
"""Nothing that the history holds is older or newer; what is asked beyond them is asked from here and up to here."""
_GREATEST = 2**62
"""No line has a greater number."""


@dataclass(frozen=True)
class Search:
    """One request for events."""

    asked: Filter
    after: Place | None
    last: str
    """The range by its name; empty where the address names begin and end."""
    query: QueryDict

    @property
    def since_local(self) -> str:
        """The begin as a form writes it."""
        return _local(self.asked.since)

    @property
    def until_local(self) -> str:
        """The end as a form writes it."""
        return _local(self.asked.until)

    def address(self, **changes: object) -> str:
        """The address of this search with `changes`, its begin and end fixed, from its first page.

        A change to nothing takes the word out.
        """
        query = self.query.copy()
        query.pop("last", None)
        query.pop("after", None)
        query.pop("format", None)
        for word, value in {"since": self.since_local, "until": self.until_local, **changes}.items():
            query[word] = str(value)
        for word in [word for word, value in query.items() if not value]:
            del query[word]
        return f"?{query.urlencode()}"

    def behind(self, place: Place) -> str:
        """The page that begins behind `place`."""
        return self.address(after=_BETWEEN.join((place.at.isoformat(), place.source, place.epoch, str(place.seq))))

    def before(self, moment: datetime) -> str:
        """The same search, going on before `moment`."""
        return self.address(until=_local(moment))

    def within(self, since: datetime, until: datetime) -> str:
        """The same search between `since` and `until`."""
        return self.address(since=_local(since), until=_local(until))


def search(request: HttpRequest) -> Search:
    """What `request` asks for. Raises `BadRequest` for what nobody can mean."""
    last = request.GET.get("last", "")
    named = {word: request.GET.get(word, "").strip() for word in ("since", "until")}
    if not last and not any(named.values()):
        last = USUAL
    since, until = _since_last(last) if last else _between(**named)
    if since >= until:
        raise BadRequest
    words = {word: request.GET.get(word, "").strip()[:LONGEST] for word in WORDS}
    return Search(Filter(since, until, **words), _place(request.GET.get("after", "")), last, request.GET)


def _since_last(last: str) -> tuple[datetime, datetime]:
    if last not in RANGES:
        raise BadRequest
    # Up to the next whole second: what has just come is there, and the addresses that follow say the same end.
    until = now().replace(microsecond=0) + timedelta(seconds=1)
    return until - RANGES[last][0], until


def _between(since: str, until: str) -> tuple[datetime, datetime]:
    return _moment(since) if since else _FIRST, _moment(until) if until else now() + timedelta(seconds=1)


def _moment(text: str) -> datetime:
    """Local time as a form writes it: `2026-11-22T03:00`, with seconds or without."""
    try:
        read = parse_datetime(text)
        if read is None:
            raise BadRequest
        if not _FIRST.year <= read.year < _LAST.year:
            return _FIRST if read.year < _FIRST.year else _LAST
        return read if read.tzinfo else timezone.make_aware(read)
    except (ValueError, OverflowError):
        raise BadRequest from None


def _place(text: str) -> Place | None:
    """What `Search.behind` wrote."""
    if not text:
        return None
    try:
        at, source, epoch, seq = text.split(_BETWEEN)
        place = Place(from_iso(at), source, epoch, int(seq))
    except (ValueError, OverflowError):
        raise BadRequest from None
    if not (_FIRST <= place.at <= _LAST and 0 < place.seq < _GREATEST):
        raise BadRequest
    return place


def _local(moment: datetime) -> str:
    return timezone.localtime(moment).replace(tzinfo=None).isoformat(timespec="auto")
