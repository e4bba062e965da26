"""How the console's templates write moments, durations, kinds and states."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from babel.numbers import format_decimal
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from senim.annual_report.errors import Changed, Incomplete, NotSet, YearNotOver
from senim.asoi.kinds import MessageKind
from senim.asoi.models import Message, Outcome
from senim.audit.actions import AuditAction
from senim.availability.health import Health
from senim.availability.models import Cause
from senim.clauses.model import Language
from senim.detection.coverage import View
from senim.detection.rulefiles import Difference
from senim.doctor.coverage import State
from senim.doctor.diagnosis import Result
from senim.doors.console import words
from senim.doors.console.acts import ACTS
from senim.incidents.assessment import SEVERITIES, Severity
from senim.incidents.dossier import Entry, Happened
from senim.incidents.errors import ActRefused
from senim.incidents.kinds import IncidentKind
from senim.incidents.models import Incident, Party
from senim.incidents.promptness import Leg, Reason, Run
from senim.incidents.queries import AlertState, Moment
from senim.incidents.steps import steps_for
from senim.kit.clock import iso
from senim.kit.moments import to_the_minute, written
from senim.oncall import queries as oncall
from senim.oncall.models import Attempt
from senim.oncall.models import Cause as PageCause
from senim.oncall.queries import PageState
from senim.telemetry.flaws import in_words
from senim.telemetry.notices import LOSSES, NoticeKind
from senim.telemetry.standing import Sight

register = template.Library()
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_NONE = "—"
_MOST_SPANS = 100
_UNBREAKING = "\N{NO-BREAK SPACE}"


@register.filter
def moment(at: datetime | None) -> str | SafeString:
    """`22.11.2026 20:15:13`, local time, as people here write it; the exact instant for programs."""
    if at is None:
        return _NONE
    return format_html('<time datetime="{}" class="nowrap">{}</time>', iso(at), written(at))


@register.filter
def minute(at: datetime) -> str:
    """`22.11.2026 20:15`, local time: where seconds say nothing."""
    return to_the_minute(at)


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


@register.filter
def spans(found: Sequence[tuple[int, int]]) -> str:
    """Numbers as `3, 7–12`; the first hundred of many."""
    shown = ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in found[:_MOST_SPANS])
    return f"{shown} …" if len(found) > _MOST_SPANS else shown or _NONE


@register.inclusion_tag("console/_kind.html")
def kind(number: int) -> dict[str, object]:
    """The badge of one of the six kinds (R228/81-1)."""
    return {"number": number, "text": words.KINDS[IncidentKind(number)]}


@register.filter
def kind_text(number: int) -> object:
    """What one of the six kinds is called."""
    return words.KINDS[IncidentKind(number)]


@register.inclusion_tag("console/_badge.html")
def alert_state(state: str) -> dict[str, object]:
    """The badge of an alert's state."""
    return _badge(words.ALERT_STATES, AlertState(state))


@register.inclusion_tag("console/_badge.html")
def source_sight(sight: str) -> dict[str, object]:
    """The badge of what can be said of a source."""
    return _badge(words.SIGHTS, Sight(sight))


@register.inclusion_tag("console/_badge.html")
def coverage_state(state: str) -> dict[str, object]:
    """The badge of what can be said of one of the six kinds."""
    return _badge(words.COVERAGE_STATES, State(state))


@register.inclusion_tag("console/_badge.html")
def rule_view(view: int) -> dict[str, object]:
    """The badge of what a rule sees."""
    return _badge(words.VIEWS, View(view))


@register.filter
def file_difference(how: str) -> object:
    """How a rule file lies there otherwise than it was read."""
    return words.DIFFERENCES[Difference(how)]


@register.inclusion_tag("console/_badge.html")
def health_badge(health: str) -> dict[str, object]:
    """The badge of what can be said of a service."""
    return _badge(words.HEALTHS, Health(health))


@register.filter
def health_text(health: str) -> object:
    """What can be said of a service, in words."""
    return words.HEALTHS[Health(health)][0]


@register.filter
def cause_text(cause: str) -> object:
    """Why a service was down."""
    return words.CAUSES[Cause(cause)]


@register.inclusion_tag("console/_badge.html")
def check_state(result: Result) -> dict[str, object]:
    """The badge of what a check answered."""
    if result.ok:
        return {"text": _("Well"), "tone": "good"}
    return {"text": _("Wrong"), "tone": "bad"} if result.is_known else {"text": _("Not known"), "tone": "warn"}


@register.inclusion_tag("console/_badge.html")
def message_state(state: str) -> dict[str, object]:
    """The badge of a message's state."""
    return _badge(words.MESSAGE_STATES, Message.State(state))


@register.inclusion_tag("console/_badge.html")
def incident_state(state: str) -> dict[str, object]:
    """The badge of an incident's state."""
    return _badge(words.INCIDENT_STATES, Incident.State(state))


@register.inclusion_tag("console/_badge.html")
def page_state(state: str) -> dict[str, object]:
    """The badge of a page's state."""
    return _badge(words.PAGE_STATES, PageState(state))


@register.inclusion_tag("console/_woken.html")
def woken(subject: str) -> dict[str, object]:
    """Who was woken because of `subject`, when, and who answered."""
    return {"woken": oncall.pages_about(subject)}


@register.filter
def way(name: str) -> object:
    """What a port is called."""
    return words.WAYS.get(name, "—")


@register.filter
def page_cause(cause: PageCause) -> object:
    """What a page is about: an incident by its number."""
    said = words.PAGE_CAUSES[PageCause.Kind(cause.kind)]
    return f"{said} {cause.number}" if cause.number else said


@register.filter
def page_try(name: str) -> object:
    """How a try to send a page ended."""
    return words.TRIES[Attempt.Outcome(name)] if name else _("Under way")


@register.filter
def said(cause: PageCause) -> object:
    """What pages say of their cause, in the reader's language."""
    return cause.said.get(get_language() or "kk", "")


def _badge(texts: Mapping[Any, tuple[Any, str]], state: Any) -> dict[str, object]:
    text, tone = texts[state]
    return {"text": text, "tone": tone}


@register.filter
def message_kind(name: str) -> object:
    """What kind of message it is."""
    return words.MESSAGE_KINDS[MessageKind(name)]


@register.filter
def told_as(message: Message) -> object:
    """What a message about an incident tells: the first notice, or which update."""
    return words.UPDATES[message.body.get("type", "first")]


@register.filter
def happened(what: str) -> object:
    """What an entry of an incident's history is called."""
    return words.HAPPENED[Happened(what)]


@register.filter
def named(entry: Entry) -> object:
    """The name in an entry of an incident's history: an act, a message, a step, somebody, a rule."""
    if entry.what in {Happened.ACT_DECIDED, Happened.ACT_DONE, Happened.ACT_OVERTAKEN}:
        return ACTS[entry.name].title
    if entry.what in {Happened.TOLD, Happened.DELIVERED}:
        return words.UPDATES[entry.name]
    if entry.what in {Happened.TICKED, Happened.UNTICKED}:
        return step_text(entry.name)
    if entry.what is Happened.ASSIGNED:
        return entry.name or _("nobody")
    return entry.name


@register.filter
def remedy(code: str) -> object:
    """What to do after an act was refused with `code`."""
    return next((refusal.remedy for refusal in ActRefused.__subclasses__() if refusal.code == code), code)


@register.filter
def party_role(role: str) -> object:
    """What a party is to its incident."""
    return words.ROLES[Party.Role(role)]


@register.filter
def step_text(code: str) -> str:
    """A step of containment in the reader's language; its code where no such step exists any more."""
    known = {step.code: step.text for kind in IncidentKind for step in steps_for(kind)}
    return known[code].to(Language(get_language() or "kk")) if code in known else code


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


@register.filter
def under(found: Mapping[int, Any] | None, number: int) -> Any:
    """What stands under `number`; nothing where nothing does."""
    return (found or {}).get(number, ())


@register.filter
def severity_text(name: str) -> object:
    """How grave it is."""
    return SEVERITIES[Severity(name)]


@register.filter
def report_change(what: str) -> object:
    """What became of an entry since the year before."""
    return words.REPORT_CHANGES[what]


@register.filter
def report_refusal(code: str) -> object:
    """Why a filing was not told, and what to do."""
    return next(each.remedy for each in (Changed, Incomplete, NotSet, YearNotOver) if each.code == code)


@register.filter
def legs(run: Run) -> list[timedelta | None]:
    """The parts of an incident's way to the regulator before the receipt."""
    return [run.leg(leg) for leg in (Leg.ALERT, Leg.INCIDENT, Leg.SENT)]


@register.filter
def reason_text(reason: Reason) -> str:
    """Why an incident took longer to reach the regulator."""
    said = {"length": duration(reason.lasted), "tries": reason.tries}
    return str(words.LATE_REASONS[reason.why]) % said
