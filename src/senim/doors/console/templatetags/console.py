"""How the console's templates write moments, durations, kinds and states."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from babel.numbers import format_decimal
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from senim.asoi.kinds import MessageKind
from senim.asoi.models import Message, Outcome
from senim.audit.actions import AuditAction
from senim.doors.console import words
from senim.doors.console.moments import written
from senim.incidents.kinds import IncidentKind
from senim.incidents.queries import AlertState, Moment
from senim.kit.clock import iso
from senim.telemetry.flaws import in_words
from senim.telemetry.notices import LOSSES, NoticeKind
from senim.telemetry.standing import Sight

register = template.Library()
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_NONE = "—"
_UNBREAKING = "\N{NO-BREAK SPACE}"


@register.filter
def moment(at: datetime | None) -> str | SafeString:
    """`22.11.2026 20:15:13`, local time, as people here write it; the exact instant for programs."""
    if at is None:
        return _NONE
    return format_html('<time datetime="{}" class="nowrap">{}</time>', iso(at), written(at))


@register.filter
def duration(length: timedelta | None) -> str:
    """`0,42 s`, `12,3 s`, `5 min 12 s`, `3 h 7 min`, `2 days 4 h`, numbers written as the reader's language does."""
    return _NONE if length is None else _written(length).replace(" ", _UNBREAKING)


def _written(length: timedelta) -> str:
    seconds = length.total_seconds()
    if seconds < _MINUTE:
        return _("%(number)s s") % {"number": _decimal(seconds)}
    if seconds < _HOUR:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": seconds // 60, "seconds": seconds % 60}
    if seconds < _DAY:
        return _("%(hours)d h %(minutes)d min") % {"hours": seconds // _HOUR, "minutes": seconds % _HOUR // 60}
    days = int(seconds // _DAY)
    text = ngettext("%(days)d day %(hours)d h", "%(days)d days %(hours)d h", days)
    return text % {"days": days, "hours": seconds % _DAY // _HOUR}


def _decimal(number: float) -> str:
    return str(format_decimal(number, format="0.00" if number < 1 else "0.0", locale=get_language() or "kk"))


@register.inclusion_tag("console/_kind.html")
def kind(number: int) -> dict[str, object]:
    """The badge of one of the six kinds (R228/81-1)."""
    return {"number": number, "text": words.KINDS[IncidentKind(number)]}


@register.inclusion_tag("console/_badge.html")
def alert_state(state: str) -> dict[str, object]:
    """The badge of an alert's state."""
    return _badge(words.ALERT_STATES, AlertState(state))


@register.inclusion_tag("console/_badge.html")
def source_sight(sight: str) -> dict[str, object]:
    """The badge of what can be said of a source."""
    return _badge(words.SIGHTS, Sight(sight))


@register.inclusion_tag("console/_badge.html")
def message_state(state: str) -> dict[str, object]:
    """The badge of a message's state."""
    return _badge(words.MESSAGE_STATES, Message.State(state))


def _badge(texts: Mapping[Any, tuple[Any, str]], state: Any) -> dict[str, object]:
    text, tone = texts[state]
    return {"text": text, "tone": tone}


@register.filter
def message_kind(name: str) -> object:
    """What kind of message it is."""
    return words.MESSAGE_KINDS[MessageKind(name)]


@register.filter
def outcome(name: str) -> object:
    """How a try to deliver ended; while it is under way, nothing is known."""
    return words.OUTCOMES[Outcome(name)] if name else _("Under way")


@register.filter
def step_name(name: str) -> object:
    """What a moment on the timeline is called."""
    return words.MOMENTS[Moment(name)]


@register.filter
def action(name: str) -> object:
    """What an act is called."""
    return words.ACTIONS[AuditAction(name)]


@register.filter
def flaw(name: str) -> str:
    """What a line with this flaw is."""
    return in_words(name)


@register.filter
def notice_kind(name: str) -> object:
    """What the collector said; the name itself where another release said it."""
    return NoticeKind(name).label if name in NoticeKind.values else name


@register.filter
def is_loss(name: str) -> bool:
    """Whether lines may be missing after a notice of this kind."""
    return name in LOSSES


@register.filter
def level(name: str) -> object:
    """What a Sigma level is called."""
    return words.LEVELS.get(name, name)


@register.filter
def rule(title: str) -> str:
    """A rule's title; as it stands in its file where nobody has translated it, as with the bureau's own rules."""
    return _(title) if title else ""


@register.filter
def of(found: Mapping[str, Any], name: str) -> Any:
    """What `found` holds under `name`; None where there is nothing."""
    return found.get(name)
