"""Table `[availability]` of senim.toml: the bureau's services, and how it is known whether each answers.

    [[availability.services]]
    name = "console"
    title = { kk = "…", ru = "…", en = "Console of the security office" }   # or one plain text
    probe = "https://127.0.0.1:8443/en/sign-in/"    # http, https or tcp
    expect = 200
    ca = "/srv/senim/trust/ca.crt"                  # whom an https service is issued by; the machine's, if not said
    interval = 15
    targets = ["web-1"]                             # what rules call the machine that it runs on

    [[availability.services]]
    name = "credit-histories"
    pushed = "monitor"                              # the source in which the bureau's own monitor writes samples

Who may speak for a service is fixed here: a sample of it in any other source counts for nothing, so that whoever writes
one file can neither make up nor hide the outage of a service that another one watches.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

import msgspec
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senim.availability.internal.spells import Pace
from senim.kit.bureau import Names
from senim.kit.instance import BadSettings, Instance
from senim.kit.marker import is_marker
from senim.kit.problems import Text
from senim.telemetry.parsers.heartbeat import SERVICE
from senim.telemetry.settings import FileSource, telemetry_settings

HEARTBEAT = "heartbeat"
"""The parser of samples (`telemetry.parsers`)."""
PROBER = "prober"
"""The source in which our own prober writes."""
CALM = timedelta(minutes=5)
"""Our choice: a service is back once it has answered for so long. One good answer between two failures is no recovery;
two outages with five good minutes between them are two."""
LEAST_SILENCE = timedelta(seconds=60)
SILENT_INTERVALS = 4
"""Our choice: so many samples that did not come are silence, a minute at the least."""
_USUAL_INTERVAL = 15
_PUSHED_INTERVAL = 60
_PORTS = {"http": 80, "https": 443, "tcp": 0}

Seconds = Annotated[int, msgspec.Meta(ge=1, le=600)]


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An information system of the bureau that people and programs must be able to use."""

    name: str
    """1 to 64 of a-z, 0-9 and hyphens inside."""
    title: Names | str = ""
    probe: str = ""
    """Where our prober asks; empty where samples are pushed."""
    pushed: str = ""
    """The source in which somebody else writes its samples."""
    expect: Annotated[int, msgspec.Meta(ge=100, le=599)] = 200
    """The HTTP status of a good answer."""
    ca: str = ""
    """File with the certificates that an https service may be issued by."""
    interval: Seconds = 0
    """Seconds between two samples; 0: 15 where we probe, 60 where samples are pushed."""
    targets: tuple[str, ...] = ()
    """Further names by which rules know what runs it: an attack on one of them explains an outage of the service."""

    @property
    def source(self) -> str:
        """The one source that may speak for it."""
        return self.pushed or PROBER

    @property
    def every(self) -> timedelta:
        """How often it is sampled."""
        return timedelta(seconds=self.interval or (_PUSHED_INTERVAL if self.pushed else _USUAL_INTERVAL))

    @property
    def pace(self) -> Pace:
        """What counts as silence of its samples, and what as being back."""
        return Pace(silence=max(self.every * SILENT_INTERVALS, LEAST_SILENCE), calm=CALM)

    def titled(self, language: str) -> str:
        """What it is, in `language`."""
        return self.title if isinstance(self.title, str) else str(getattr(self.title, language, self.title.kk))


class AvailabilitySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[availability]`."""

    services: tuple[Service, ...] = ()
    exercise_source: str = ""
    """Demonstration only: the source in which an exercise writes samples of a service named after its marker."""


@dataclass(frozen=True)
class Watched:
    """The services of an installation, and who may speak for each."""

    services: tuple[Service, ...]
    exercise_source: str = ""

    def of(self, name: str) -> Service | None:
        """The service `name`; also one that an exercise makes up, where exercises have a source."""
        if self.exercise_source and is_marker(name):
            return Service(name=name, pushed=self.exercise_source)
        return next((service for service in self.services if service.name == name), None)

    def heard(self, name: str, source: str) -> Service | None:
        """The service `name` if `source` may speak for it."""
        service = self.of(name)
        return service if service is not None and service.source == source else None


def watched(instance: Instance) -> Watched:
    """The services that senim.toml names.

    Raises `BadSettings` for a service that cannot be measured as it stands.
    """
    settings = instance.section("availability", AvailabilitySettings)
    sources = {source.name: source for source in telemetry_settings(instance).sources}
    names = [service.name for service in settings.services]
    for service in settings.services:
        if names.count(service.name) > 1:
            raise _bad(service, _("this name is taken"))
        _raise_if_unfit(service)
        _raise_if_unheard(service, sources, instance)
    if settings.exercise_source and not _is_heartbeat(sources.get(settings.exercise_source)):
        nobody = _("availability: no telemetry source {name} reads {kind}")
        raise BadSettings(format_lazy(nobody, name=repr(settings.exercise_source), kind=repr(HEARTBEAT)))
    return Watched(settings.services, settings.exercise_source if instance.is_demonstration else "")


def _raise_if_unfit(service: Service) -> None:
    if not SERVICE.fullmatch(service.name) or is_marker(service.name):
        raise _bad(service, _("a name is 1 to 64 of a-z, 0-9 and inner hyphens, and no marker of an exercise"))
    if bool(service.probe) == bool(service.pushed):
        raise _bad(service, _("say either probe or pushed"))
    if service.probe:
        address(service)
    if service.ca and not Path(service.ca).is_absolute():
        raise _bad(service, format_lazy(_("ca = {path} is not absolute"), path=repr(service.ca)))


def _raise_if_unheard(service: Service, sources: dict[str, FileSource], instance: Instance) -> None:
    source = sources.get(service.source)
    if not _is_heartbeat(source):
        unheard = _("no telemetry source {name} reads {kind}")
        raise _bad(service, format_lazy(unheard, name=repr(service.source), kind=repr(HEARTBEAT)))
    if service.probe and source is not None and Path(source.path) != samples_file(instance):
        elsewhere = _("the source {name} must follow {path}")
        raise _bad(service, format_lazy(elsewhere, name=repr(PROBER), path=samples_file(instance)))


def _is_heartbeat(source: FileSource | None) -> bool:
    return source is not None and source.reads == HEARTBEAT


def _bad(service: Service, why: Text) -> BadSettings:
    return BadSettings(format_lazy(_("availability service {name}: {why}"), name=repr(service.name), why=why))


def address(service: Service) -> tuple[SplitResult, str, int]:
    """Where `service` is probed: the address, its host and port. Raises `BadSettings`."""
    parts = urlsplit(service.probe)
    try:
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        port = 0
    if parts.scheme not in _PORTS or not parts.hostname or not port or parts.username or not parts.path.isprintable():
        odd = _("probe = {probe} is no http://, https:// or tcp://host:port address")
        raise _bad(service, format_lazy(odd, probe=repr(service.probe)))
    return parts, parts.hostname, port


def samples_file(instance: Instance) -> Path:
    """The file in which our prober writes: in the state of the collector, of which it is a part."""
    return instance.state("collector") / "heartbeat" / "samples.jsonl"


def trusted_files(instance: Instance) -> list[Path]:
    """The files that probing needs to read besides the instance's own."""
    return [Path(service.ca) for service in watched(instance).services if service.ca]
