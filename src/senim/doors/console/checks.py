"""What *Now* checks before it says that all is in order. Every check is made every time; what cannot be known is said.

Each check returns what it found against good order; an empty list means that it was made and all was well.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from senim.asoi.queries import Outbox
from senim.audit import queries as audit
from senim.availability.queries import Standing
from senim.detection import queries as detection
from senim.detection.models import RuleStatus
from senim.doors.console import absences, services, sight
from senim.doors.console.findings import Finding, log_of
from senim.events import queries as events
from senim.history.completeness import closings
from senim.history.errors import HistoryAbsent, HistoryUnreadable, SearchesBusy
from senim.history.history import History
from senim.identity.models import Account
from senim.identity.permissions import Permission
from senim.incidents import queries as incidents
from senim.pulse.queries import ProcessState
from senim.telemetry.standing import Source

PATIENCE = timedelta(seconds=10)
"""Our choice: every step from a line to a sealed message takes about a second; what waits longer stands still."""


def every_check(
    account: Account,
    *,
    outbox: Outbox,
    house: Mapping[str, ProcessState],
    sources: Sequence[Source],
    served: Sequence[Standing],
    moment: datetime,
) -> list[Finding]:
    """Everything that speaks against good order at `moment`, what the regulator is owed first."""
    before = moment - PATIENCE
    found = [*_messages(outbox), *_services(served, moment), *_alerts(before), *_news(before), *_seal(account, before)]
    found += [*sight.processes(house.values()), *sight.analysis(before, sources), *_history(account, moment)]
    return [*found, *sight.sources(sources), *_rules(), *_set_aside()]


def _messages(outbox: Outbox) -> list[Finding]:
    found = []
    if outbox.late:
        what = ngettext(
            "%(number)s message has not reached the regulator in time",
            "%(number)s messages have not reached the regulator in time",
            outbox.late,
        )
        remedy = _(
            "Look at the last try; if the channel stays down, hand the message over as a file: senim asoi export."
        )
        address = f"{reverse('messages')}?state=late&counted=real"
        found.append(Finding(what % {"number": outbox.late}, remedy, address))
    if outbox.refused:
        what = ngettext("%(number)s message was refused", "%(number)s messages were refused", outbox.refused)
        address = f"{reverse('messages')}?state=refused&counted=real"
        found.append(Finding(what % {"number": outbox.refused}, _("The message says why."), address))
    if outbox.unsealed:
        what = ngettext(
            "%(number)s message is not sealed yet", "%(number)s messages are not sealed yet", outbox.unsealed
        )
        address = f"{reverse('messages')}?state=queued&counted=real"
        found.append(Finding(what % {"number": outbox.unsealed}, log_of("asoi"), address))
    return found


def _services(served: Sequence[Standing], moment: datetime) -> list[Finding]:
    found = []
    for clock in services.clocks(served, moment):
        what = _("“%(title)s” does not answer: %(minutes)s min") % {"title": clock.title, "minutes": clock.minutes}
        found.append(Finding(what, services.said_of(clock), reverse("services-one", args=[clock.name])))
    for blind in services.blind(served):
        what = _("Nothing is known of the service “%(title)s”") % {"title": blind.title}
        remedy = _("No sample comes: what measures it is silent, or has only just begun.")
        found.append(Finding(what, remedy, reverse("services-one", args=[blind.name]), is_known=False))
    return found


def _alerts(before: datetime) -> list[Finding]:
    found = []
    if number := incidents.overdue_alerts(before):
        what = ngettext(
            "%(number)s graded alert has no incident: the regulator does not know of it",
            "%(number)s graded alerts have no incident: the regulator does not know of them",
            number,
        )
        found.append(Finding(what % {"number": number}, log_of("worker"), f"{reverse('alerts')}?state=opening"))
    if number := incidents.waiting_alerts():
        what = ngettext("%(number)s alert waits for a person", "%(number)s alerts wait for a person", number)
        remedy = _("Look at the evidence, then grade the alert as an incident or dismiss it with a reason.")
        found.append(Finding(what % {"number": number}, remedy, f"{reverse('alerts')}?state=waiting"))
    return found


def _news(before: datetime) -> list[Finding]:
    number = events.unheard(before)
    if not number:
        return []
    what = ngettext(
        "%(number)s piece of news has reached nobody yet", "%(number)s pieces of news have reached nobody yet", number
    )
    return [Finding(what % {"number": number}, log_of("worker"))]


def _seal(account: Account, before: datetime) -> list[Finding]:
    number, since = audit.waiting_for_seal()
    if since is None or since >= before:
        return []
    what = ngettext("%(number)s audit row waits for its seal", "%(number)s audit rows wait for their seal", number)
    remedy = _("The sealer does not work: look at its log on the machine.")
    address = f"{reverse('audit')}?seal=waiting" if account.may(Permission.AUDIT_LOG_READ) else ""
    return [Finding(what % {"number": number}, remedy, address)]


def _history(account: Account, moment: datetime) -> list[Finding]:
    """Whether every line that was accepted is kept, and whether the history keeps up."""
    history = History(settings.SENIM_INSTANCE)
    address = reverse("events-gaps") if account.may(Permission.HISTORY_EVENT_READ) else ""
    try:
        missing = sum(one.missing for one in closings(history))
    except (HistoryAbsent, HistoryUnreadable, SearchesBusy) as refusal:
        return [Finding(str(refusal.title), log_of("history"), is_known=False)]
    found = []
    if missing:
        what = ngettext(
            "%(number)s line is missing from the event history",
            "%(number)s lines are missing from the event history",
            missing,
        )
        remedy = _("The gaps name each by its number; read them where they come from.")
        found.append(Finding(what % {"number": missing}, remedy, address))
    how_far = absences.behind(history, at=moment)
    if how_far.is_late:
        remedy = log_of("history") if how_far.has_room else _("Make room on the disk: it is nearly full.")
        found.append(Finding(_("The event history is behind"), remedy, address, is_known=how_far.by is not None))
    return found


def _rules() -> list[Finding]:
    rules = detection.rules()
    if not rules.filter(state=RuleStatus.State.LOADED).exists():
        return [Finding(_("No detection rule is in use"), log_of("detection"), is_known=False)]
    number = rules.filter(state=RuleStatus.State.REFUSED).count()
    if not number:
        return []
    what = ngettext(
        "%(number)s detection rule is refused and watches for nothing",
        "%(number)s detection rules are refused and watch for nothing",
        number,
    )
    return [Finding(what % {"number": number}, _("On the machine, senim rules says which and why."))]


def _set_aside() -> list[Finding]:
    number = detection.set_aside().count()
    if not number:
        return []
    what = ngettext(
        "%(number)s frame of lines could not be analysed", "%(number)s frames of lines could not be analysed", number
    )
    remedy = _("The list says why; read those lines where they come from.")
    return [Finding(what % {"number": number}, remedy, reverse("aside"))]
