"""What the on-call room can say about its own good order: can it wake anybody, and does anybody answer?"""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from senim.kit.checks import Asked, Check, Fault
from senim.oncall import queries
from senim.oncall.settings import oncall_settings


def _unanswered(_asked: Asked) -> Iterator[Fault]:
    if number := queries.unanswered().count():
        what = ngettext(
            "%(number)s person was woken and nobody has answered yet",
            "For %(number)s things people were woken and nobody has answered yet",
            number,
        )
        yield Fault(what % {"number": number}, _("Look at it and say that you are on it; else the next one is woken"))


def _nobody(asked: Asked) -> Iterator[Fault]:
    people = queries.on_call(asked.now)
    unreachable = [account for account in people if not queries.ways(account)]
    if not people:
        yield Fault(_("Nobody is on call: nobody is woken"), _("Put somebody on the list, on the page On call"))
    for account in unreachable:
        what = _("%(name)s is on call and cannot be reached") % {"name": account}
        yield Fault(what, _("Enter how, on the page On call; senim.toml must know that way too"))


def _ports(asked: Asked) -> Iterator[Fault]:
    for broken in queries.broken_ports(asked.now):
        what = _("Pages do not go out by %(port)s: %(why)s") % {"port": broken.port, "why": broken.detail}
        yield Fault(what, _("The next way is tried at once; see to this one"))
    known = oncall_settings(asked.instance)
    if not known.console:
        what = _("Pages cannot say where the console is")
        yield Fault(what, _('Enter its address in senim.toml: [oncall] console = "https://…"'))


def _pager(asked: Asked) -> Iterator[Fault]:
    if queries.pager_stands_still(asked.now):
        remedy = _(
            "The worker sends no pages: look at its log on the machine, then end it, so that it is started again"
        )
        yield Fault(_("Who wakes people does not come round"), remedy)


CHECKS = (
    Check(
        "oncall:pager",
        gettext_lazy("Somebody is woken"),
        gettext_lazy("The worker's pager comes round, as far as the worker does."),
        _pager,
    ),
    Check(
        "oncall:unanswered",
        gettext_lazy("Pages are answered"),
        gettext_lazy("No page waits for an answer."),
        _unanswered,
    ),
    Check(
        "oncall:nobody",
        gettext_lazy("Somebody is on call"),
        gettext_lazy("Somebody is on call, and all who are can be reached."),
        _nobody,
    ),
    Check(
        "oncall:ports",
        gettext_lazy("Pages go out"),
        gettext_lazy("Every way that was tried lately has worked."),
        _ports,
    ),
)
