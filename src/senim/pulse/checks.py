"""What can be said of the processes' good order: who does not work."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from senim.kit.checks import Asked, Check, Fault
from senim.kit.moments import written
from senim.pulse import queries
from senim.pulse.queries import Life, ProcessState

SETTLES = timedelta(minutes=2)
"""Our choice: the supervisor starts again what has ended within ten seconds; only what lasts wakes somebody."""


def _working(asked: Asked) -> Iterator[Fault]:
    for process in queries.processes(asked.now).values():
        if process.life is not Life.WORKS:
            remedy = _("Look at its log on the machine: %(name)s")
            yield Fault(_stopped(process), remedy % {"name": process.name})


def _stopped(process: ProcessState) -> str:
    if process.life is Life.ABSENT:
        return _("The process %(name)s does not run") % {"name": process.name}
    if process.since is None:
        return _("The process %(name)s runs and does nothing") % {"name": process.name}
    said = {"name": process.name, "since": written(process.since)}
    return _("The process %(name)s runs and does nothing since %(since)s") % said


CHECKS = (
    Check(
        "pulse:processes",
        gettext_lazy("Processes work"),
        gettext_lazy("Every process of the house works."),
        _working,
        wakes=SETTLES,
    ),
)
