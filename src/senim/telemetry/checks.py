"""What telemetry can say about its own good order: whether it sees, whether what it sees arrives, what was lost."""

import socket
from collections.abc import Iterator, Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from senim.events import queries as events
from senim.kit.checks import Asked, Check, Fault
from senim.kit.moments import written
from senim.pulse.queries import processes
from senim.registers.checks import reviewed
from senim.telemetry import queries
from senim.telemetry.registers import REGISTERS
from senim.telemetry.settings import PLATFORM
from senim.telemetry.standing import Sight, Source, sources
from senim.telemetry.stream import address

SETTLES = timedelta(minutes=2)
"""Our choice: a collector that is started again, or a file that is rotated, is read again within seconds."""
_AMISS = {Sight.BLIND, Sight.BEHIND, Sight.UNKNOWN}
_ANSWERS_WITHIN, _PORT = 3.0, 4222
_GREETING = b"INFO {"


def _known(asked: Asked) -> list[Source]:
    return sources(asked.instance, processes(asked.now), asked.now)


def _analysis(asked: Asked) -> Iterator[Fault]:
    """Whether the platform's own events come through: collected, carried, accepted by detection.

    Every sign-in is such an event, so this tries the way of every line each time somebody comes to look. Where the
    source itself is known not to be in order, `_sources` says why.
    """
    newest = events.newest(asked.before)
    if newest is None:
        what = _("No event has travelled from collector to detection yet")
        yield Fault(what, _("The next sign-in is one: look again in a few seconds"), is_known=False)
        return
    arrived = queries.silent_since(PLATFORM)
    if arrived is not None and arrived >= newest.at:
        return
    if not any(source.name == PLATFORM and source.sight is not Sight.READ for source in _known(asked)):
        what = _("Events wait for analysis: detection has not seen the newest ones")
        yield Fault(what, _("Look at their logs on the machine: collector, detection"))


def _sources(asked: Asked) -> Iterator[Fault]:
    """What is amiss with sources; those with which the same is amiss together, for it has one cause."""
    alike: dict[tuple[Sight, str], list[Source]] = {}
    for source in _known(asked):
        alike.setdefault((source.sight, source.says), []).append(source)
    for (sight, says), those in alike.items():
        if sight in _AMISS:
            yield _sight(sight, says, those)


def _sight(sight: Sight, says: str, those: Sequence[Source]) -> Fault:
    number = len(those)
    what = {
        Sight.BLIND: ngettext("The source %(names)s is not in order", "The sources %(names)s are not in order", number),
        Sight.BEHIND: ngettext(
            "What is read of the source %(names)s is not analysed",
            "What is read of the sources %(names)s is not analysed",
            number,
        ),
        Sight.UNKNOWN: ngettext(
            "Nothing is known of the source %(names)s", "Nothing is known of the sources %(names)s", number
        ),
    }[sight] % {"names": ", ".join(_("“%(name)s”") % {"name": source.name} for source in those)}
    if since := min((source.since for source in those if source.since), default=None):
        what = _("%(what)s since %(since)s") % {"what": what, "since": written(since)}
    subject = those[0].name if number == 1 else ""
    return Fault(what, says.rstrip("."), is_known=sight is not Sight.UNKNOWN, subject=subject)


def _losses(asked: Asked) -> Iterator[Fault]:
    """Lines that may be missing for good, until a person has looked at each loss and said what they found."""
    for source in _known(asked):
        if source.unseen:
            what = ngettext(
                "%(number)s loss of lines of the source “%(name)s” waits for a person",
                "%(number)s losses of lines of the source “%(name)s” wait for a person",
                source.unseen,
            )
            remedy = _("Look at what was lost and why, then acknowledge it with a note")
            yield Fault(what % {"number": source.unseen, "name": source.name}, remedy, subject=source.name)


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
        gettext_lazy("The platform's newest event has come to detection, or its source says why not."),
        _analysis,
        wakes=SETTLES,
    ),
    Check(
        "telemetry:sources",
        gettext_lazy("Sources are read"),
        gettext_lazy("Every source is read, and what is read of it is analysed."),
        _sources,
        wakes=SETTLES,
    ),
    Check(
        "telemetry:losses",
        gettext_lazy("Lines that were lost"),
        gettext_lazy("No loss of lines waits for a person."),
        _losses,
        wakes=SETTLES,
    ),
    reviewed("telemetry", REGISTERS),
)
AT_MACHINE = (
    Check(
        "telemetry:stream",
        gettext_lazy("The durable stream"),
        gettext_lazy("The stream server answers."),
        _stream,
    ),
)
