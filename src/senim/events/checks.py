"""What events can say about their own good order: whether news is heard."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from senim.events import queries
from senim.kit.checks import Asked, Check, Fault

SETTLES = timedelta(minutes=1)
"""Our choice: a worker that is started again hears what waits within seconds; only what lasts wakes somebody."""


def _unheard(asked: Asked) -> Iterator[Fault]:
    if number := queries.unheard(asked.before):
        what = ngettext(
            "%(number)s piece of news has reached nobody yet",
            "%(number)s pieces of news have reached nobody yet",
            number,
        )
        yield Fault(what % {"number": number}, _("The worker does not work: look at its log on the machine"))


def _jobs(_asked: Asked) -> Iterator[Fault]:
    if number := queries.failing_jobs():
        what = ngettext(
            "%(number)s handler of news fails again and again",
            "%(number)s handlers of news fail again and again",
            number,
        )
        yield Fault(what % {"number": number}, _("It is tried for ever; the worker's log on the machine says why"))


CHECKS = (
    Check(
        "events:unheard",
        gettext_lazy("News is heard"),
        gettext_lazy("Every piece of news has reached whom it concerns."),
        _unheard,
        wakes=SETTLES,
    ),
    Check(
        "events:jobs",
        gettext_lazy("Handlers of news"),
        gettext_lazy("No handler of news fails again and again."),
        _jobs,
        wakes=SETTLES,
    ),
)
