"""What the regulator channel can say of its own good order, while the house runs.

Apart from `checks`, which start-up asks before there is a database.

Clauses: R228/81 (guaranteed delivery), R228/81-1 (immediately).
"""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from senim.asoi import queries
from senim.asoi.checks import authority_of, findings
from senim.asoi.electronic_format import incoming, outgoing
from senim.asoi.errors import CertificateUnreadable
from senim.asoi.kinds import VisitOutcome
from senim.asoi.settings import asoi_settings
from senim.asoi.verification import Trust
from senim.audit import log_key
from senim.audit import queries as audit
from senim.audit.errors import CannotVerify
from senim.audit.findings import Finding as AuditFinding
from senim.kit.checks import Asked, Check, Fault
from senim.kit.instance import BadSettings
from senim.kit.moments import written
from senim.kit.problems import Text

_VISITS = {
    VisitOutcome.UNREACHABLE: _("the server is not reached"),
    VisitOutcome.TIMED_OUT: _("the server does not answer in time"),
    VisitOutcome.HOST_NOT_TRUSTED: _("whoever answers there does not have the pinned host key"),
    VisitOutcome.REFUSED: _("the server turns us away"),
}
CLOCKS = timedelta(seconds=30)
"""Our choice: how far the regulator's clock may be from ours before somebody looks which of the two is wrong."""

LAST_CALL = timedelta(days=3)
"""Our choice: when a certificate is good for so short a time and has no successor, somebody is woken."""


def _late(asked: Asked) -> Iterator[Fault]:
    if number := queries.outbox(asked.now, unsealed_before=asked.before).late:
        what = ngettext(
            "%(number)s message has not reached the regulator in time",
            "%(number)s messages have not reached the regulator in time",
            number,
        )
        remedy = gettext(
            "Look at the last try; if the channel stays down, messages are written as files by themselves, and batches"
            " of events wait for it"
        )
        yield Fault(what % {"number": number}, remedy)


def _to_carry(asked: Asked) -> Iterator[Fault]:
    """Files that nobody has carried yet."""
    wanted = asoi_settings(asked.instance).electronic_format.sftp_wanted
    # Where they are carried by themselves, somebody is called when that has not happened for a while.
    patience = timedelta(seconds=wanted.told_after if wanted else 0)
    waiting = queries.to_carry().filter(exercise=False, exported_at__lte=asked.now - patience)
    if (oldest := waiting.first()) is not None and oldest.exported_at is not None:
        number = waiting.count()
        what = ngettext(
            "%(number)s message waits as a file for somebody to carry it to the regulator, since %(since)s",
            "%(number)s messages wait as files for somebody to carry them to the regulator, the oldest since %(since)s",
            number,
        )
        remedy = gettext(
            "Take the file from the message's page or from %(folder)s, carry it, and write down that you have"
        )
        said = {"number": number, "since": written(oldest.exported_at)}
        yield Fault(what % said, remedy % {"folder": outgoing(asked.instance)})


def _carrier(asked: Asked) -> Iterator[Fault]:
    """Whoever carries files by itself does not get through: known before it is needed."""
    if asoi_settings(asked.instance).electronic_format.sftp_wanted is None:
        return
    if (fails := queries.carrier_fails()) is not None:
        first, last = fails
        what = gettext("The carrier has not got through to the regulator's folder since %(since)s: %(why)s")
        remedy = gettext("It goes on trying, and the log of the process asoi says more; carry what waits by hand")
        yield Fault(what % {"since": written(first.at), "why": _VISITS[VisitOutcome(last.outcome)]}, remedy)


def _unanswered(asked: Asked) -> Iterator[Fault]:
    """Files that were carried, and no receipt came back."""
    patience = timedelta(seconds=asoi_settings(asked.instance).electronic_format.receipt_within)
    waiting = queries.carried_in_vain(asked.now - patience).filter(exercise=False)
    if number := waiting.count():
        what = ngettext(
            "%(number)s message was carried to the regulator as a file and has no receipt",
            "%(number)s messages were carried to the regulator as files and have no receipt",
            number,
        )
        remedy = gettext("Ask the regulator for the receipt, and put its file into %(folder)s")
        yield Fault(what % {"number": number}, remedy % {"folder": incoming(asked.instance)})


def _refused(asked: Asked) -> Iterator[Fault]:
    if number := queries.outbox(asked.now, unsealed_before=asked.before).refused:
        what = ngettext("%(number)s message was refused", "%(number)s messages were refused", number)
        yield Fault(what % {"number": number}, gettext("The message says why"))


def _unsealed(asked: Asked) -> Iterator[Fault]:
    if number := queries.outbox(asked.now, unsealed_before=asked.before).unsealed:
        what = ngettext("%(number)s message is not sealed yet", "%(number)s messages are not sealed yet", number)
        remedy = gettext("The process asoi does not work: look at its log on the machine")
        yield Fault(what % {"number": number}, remedy)


def _clocks(_asked: Asked) -> Iterator[Fault]:
    """The regulator says when it received what we sent: between sending and receipt, as our clock has it."""
    apart = queries.clock_difference()
    if apart is not None and abs(apart) > CLOCKS:
        what = gettext("The regulator's clock and ours are %(seconds)d s apart")
        remedy = gettext("Find out which one is wrong: times in incidents and messages are those of this machine")
        yield Fault(what % {"seconds": abs(apart).total_seconds()}, remedy)


def _unstamped(asked: Asked) -> Iterator[Fault]:
    """Stamps come behind the messages; what is still missing after our patience is told, and holds nothing up."""
    wanted = authority_of(asked.instance)
    if wanted is None:
        return
    if number := queries.stamps_missing(asked.now - timedelta(seconds=wanted.missing_after)):
        what = ngettext(
            "%(number)s sealed message has no time-stamp yet",
            "%(number)s sealed messages have no time-stamp yet",
            number,
        )
        remedy = gettext("The log of the process asoi says why; messages are sent all the same")
        yield Fault(what % {"number": number}, remedy)


def _no_authority(asked: Asked) -> Text:
    """The law asks for no third party's word on the time; without one a proof rests on two parties' words."""
    if authority_of(asked.instance) is not None:
        return ""
    return gettext("senim.toml names no time-stamping authority ([asoi.tsa]): what is sealed gets no time-stamp.")


def _fit(asked: Asked) -> Iterator[Fault]:
    """What start-up asks, asked again: certificates are replaced while the house runs."""
    for finding in findings(asked.instance, now=asked.now):
        yield Fault(finding.reason, gettext("Put the right certificate there, then start the process asoi again"))


def _ending(asked: Asked) -> Iterator[Fault]:
    yield from _ends_within(asked, timedelta(days=asoi_settings(asked.instance).ends_within))


def _ending_now(asked: Asked) -> Iterator[Fault]:
    yield from _ends_within(asked, LAST_CALL)


def _ends_within(asked: Asked, time: timedelta) -> Iterator[Fault]:
    """Certificates that end within `time`, or have: without them nothing is sealed, sent or believed."""
    for name, ends_at in queries.endings(asked.now + time):
        text = gettext("%(name)s ended on %(at)s") if ends_at <= asked.now else gettext("%(name)s ends on %(at)s")
        remedy = gettext("Have the next one issued and put it in front of the present one")
        yield Fault(text % {"name": name, "at": written(ends_at)}, remedy)


def _witnessed(asked: Asked) -> Iterator[Fault]:
    """The audit log grew out of what the regulator acknowledged last."""
    try:
        found = queries.latest_witness(Trust.of(asked.instance))
        verifier = log_key.verifier(asked.instance)
    except (CertificateUnreadable, CannotVerify, BadSettings) as refusal:
        yield Fault(str(refusal), is_known=False)
        return
    remedy = gettext("senim audit verify recomputes the whole log and names every row that was changed")
    if isinstance(found, AuditFinding):
        yield Fault(gettext("The last receipt proves nothing any more: %(why)s") % {"why": found.reason}, remedy)
    elif found is not None:
        try:
            audit.consistency_proof(found.note, verifier)
        except CannotVerify as refusal:
            what = gettext("The audit log contradicts what the regulator acknowledged: %(why)s")
            yield Fault(what % {"why": refusal.detail}, remedy)


CHECKS = (
    Check(
        "asoi:late",
        _("Messages reach the regulator"),
        _("No message is late."),
        _late,
        wakes=timedelta(0),  # `late_after` is the patience
    ),
    Check(
        "asoi:to-carry",
        _("Files that are to be carried"),
        _("No message waits as a file for somebody to carry it."),
        _to_carry,
        wakes=timedelta(0),
    ),
    Check(
        "asoi:carrier",
        _("The carrier of files"),
        _("Files get through to the regulator's folder, or people carry them."),
        _carrier,
    ),
    Check(
        "asoi:carried",
        _("Receipts for files"),
        _("No message that was carried waits too long for its receipt."),
        _unanswered,
        wakes=timedelta(0),
    ),
    Check(
        "asoi:refused",
        _("Messages are accepted"),
        _("No message was refused."),
        _refused,
        wakes=timedelta(0),
    ),
    Check(
        "asoi:unsealed",
        _("Messages are sealed"),
        _("Every message is sealed."),
        _unsealed,
        wakes=timedelta(minutes=1),
    ),
    Check(
        "asoi:unstamped",
        _("Time-stamps"),
        _("No sealed message waits long for a time-stamp."),
        _unstamped,
        remark=_no_authority,
    ),
    Check(
        "asoi:clocks",
        _("The regulator's clock"),
        _("The regulator's receipts name times that agree with our clock."),
        _clocks,
    ),
    Check("asoi:ending", _("Certificates that end"), _("None ends soon without a successor beside it."), _ending),
    Check(
        "asoi:ending-now",
        _("Certificates that end in days"),
        _("None ends within three days without a successor beside it."),
        _ending_now,
        wakes=timedelta(0),
    ),
)
AT_MACHINE = (
    Check(
        "asoi:certificates", _("Certificates of the channel"), _("All are there, pinned, and fit for their use."), _fit
    ),
    Check(
        "asoi:witness",
        _("The regulator as witness"),
        _("The audit log grew out of what the regulator acknowledged last, if it has acknowledged anything."),
        _witnessed,
    ),
)
