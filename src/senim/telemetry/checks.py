"""What telemetry can say about its own good order: whether it sees, and whether what it sees arrives."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from senim.events import queries as events
from senim.kit.checks import Asked, Check, Fault
from senim.telemetry import queries
from senim.telemetry.settings import PLATFORM
from senim.telemetry.sight import Sight, sources
from senim.telemetry.stream import address

SETTLES = timedelta(minutes=2)
"""Our choice: a collector that is started again, or a file that is rotated, is read again within seconds."""
REMEMBERED = timedelta(days=1)
"""Our choice: how long a loss is told of. It cannot be mended; whoever is on duty must have seen it."""
_ANSWERS_WITHIN, _PORT = 3.0, 4222
_GREETING = b"INFO {"


def _analysis(asked: Asked) -> Iterator[Fault]:
    """Whether the platform's own events come through: collected, carried, accepted by detection.

    Every sign-in is such an event, so this tries the way of every line each time somebody comes to look.
    """
    newest = events.newest(asked.before)
    if newest is None:
        what = _("No event has travelled from collector to detection yet")
        yield Fault(what, _("The next sign-in is one: look again in a few seconds"), is_known=False)
        return
    arrived = queries.silent_since(PLATFORM)
    if arrived is None or arrived < newest.at:
        what = _("Events wait for analysis: detection has not seen the newest ones")
        yield Fault(what, _("Collector or detection does not work: look at their logs on the machine"))


def _sources(asked: Asked) -> Iterator[Fault]:
    for source in sources(asked.instance, is_collecting="collector" not in asked.idle):
        if source.sight is Sight.BLIND:
            what = _("The source “%(name)s” is not in order") % {"name": source.name}
            yield Fault(what, source.says.rstrip("."))
        elif source.sight is Sight.UNKNOWN:
            what = _("Nothing is known of the source “%(name)s”") % {"name": source.name}
            yield Fault(what, source.says.rstrip("."), is_known=False)


def _losses(asked: Asked) -> Iterator[Fault]:
    """Places after which lines may be missing, and nobody can say how many."""
    recent = [notice for notice in queries.losses() if notice.at > asked.now - REMEMBERED]
    if recent:
        named = ", ".join(sorted({notice.source for notice in recent}))
        what = ngettext(
            "Lines may be missing, %(number)s time in the last day: %(sources)s",
            "Lines may be missing, %(number)s times in the last day: %(sources)s",
            len(recent),
        )
        remedy = _("Read those lines where they come from: nobody has analysed what was lost")
        yield Fault(what % {"number": len(recent), "sources": named}, remedy)


def _stream(asked: Asked) -> Iterator[Fault]:
    """The server greets whoever comes; that frames come through is for `_analysis` to say."""
    for server in address(asked.instance).split(","):
        if fault := _greets(server):
            yield fault


def _greets(server: str) -> Fault | None:
    url = urlsplit(server)
    host, port = url.hostname or server, url.port or _PORT
    named = {"host": host, "port": port}
    try:
        with socket.create_connection((host, port), timeout=_ANSWERS_WITHIN) as connection:
            # A server over TLS waits for us to begin: that it takes the connection is all that can be seen without it.
            if url.scheme == "tls" or connection.recv(len(_GREETING)) == _GREETING:
                return None
    except OSError as error:
        return Fault(
            _("The durable stream at %(host)s, port %(port)s does not answer: %(why)s") % {**named, "why": error},
            _("Lines wait in their sources; start it again"),
        )
    return Fault(
        _("Whoever answers at %(host)s, port %(port)s is no stream server") % named,
        _("Look at the table [stream] of senim.toml"),
    )


CHECKS = (
    Check(
        "telemetry:analysis",
        gettext_lazy("Lines are analysed"),
        gettext_lazy("The platform's newest event has come from the collector to detection."),
        _analysis,
        wakes=SETTLES,
    ),
    Check(
        "telemetry:sources",
        gettext_lazy("Sources are read"),
        gettext_lazy("Every source is read and none of its lines is missing."),
        _sources,
        wakes=SETTLES,
    ),
    Check(
        "telemetry:losses",
        gettext_lazy("Lines that were lost"),
        gettext_lazy("No lines were lost in the last day."),
        _losses,
        wakes=SETTLES,
    ),
)
AT_MACHINE = (
    Check(
        "telemetry:stream",
        gettext_lazy("The durable stream"),
        gettext_lazy("The stream server answers."),
        _stream,
    ),
)
