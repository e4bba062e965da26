"""Table `[telemetry]` of senim.toml: which sources the collector reads.

    [[telemetry.sources]]
    name = "sshd"
    kind = "file"
    path = "/var/log/auth.log"
    reads = "sshd"

The platform's own events are always read, as the source `platform`. `[[telemetry.doors]]` names the doors whose load
is measured, `[[telemetry.networks]]` the interfaces:

    [[telemetry.networks]]
    interface = "eth0"
    megabits = 900
    packets = 300000
"""

import os
import re
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import msgspec
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senim.kit.instance import BadSettings, Instance
from senim.kit.problems import Text
from senim.telemetry.parsers import PARSERS
from senim.telemetry.zones import is_known

PLATFORM = "platform"
"""The name of the source of the platform's own events, and of its parser."""
FILES_READ_AS = tuple(name for name in PARSERS if name != PLATFORM)
"""Parsers of lines that others write."""
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
_ZONES = "/zoneinfo/"
_LAST_PORT = 65535
_INTERFACE = re.compile(r"[^\s/:]{1,15}")
"""What the kernel takes for a name (`dev_valid_name`)."""
_LOOPBACK = "lo"


class FileSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text file that something appends to."""

    name: str
    """1 to 32 of a-z, 0-9 and hyphens inside: part of the stream's subject and of every frame's identity."""
    kind: Literal["file"]
    path: str
    """Absolute."""
    reads: str
    """The parser of its lines (`telemetry.parsers.PARSERS`)."""
    host: str = ""
    """The machine the lines speak of; empty: this one."""
    zone: str = ""
    """The time zone of moments that lines give without one (IANA name); empty: this machine's."""
    begin: Literal["beginning", "end"] = "beginning"
    """Where to begin when the file is read for the very first time; where its place is lost later: the beginning."""


class Door(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A door whose load is measured (`telemetry.meter`). Each figure is the bureau's to set, for what the door is."""

    source: str
    """The source that follows its access log; the door is called like it."""
    port: int
    """Where it listens."""
    requests: int = 60
    """In a second: as many or more, for ten seconds, are an attack. For the staff's console: a page of it asks for five
    files and renews itself every few seconds, so that thirty people who work stay below half of it. Not more than the
    door can answer: beyond that it is never reached, however many ask."""
    held: int = 100
    """Connections that give it nothing to answer for three seconds or longer: as many or more, for ten seconds, are an
    attack. A browser holds up to six, and the console ends a silent one after ten seconds."""
    probe: str = ""
    """An address of it that is asked while it bears half of a limit or more; empty: it is not asked."""


class Network(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A network as one interface of this machine sees it, whose load is measured (`telemetry.meter`)."""

    interface: str
    """As the kernel calls it."""
    megabits: int
    """In a second, either way: as many or more, for ten seconds, fill the line. Copies fill it as well, so a person
    judges it."""
    packets: int
    """Received in a second: as many or more, for ten seconds, are an attack. Honest work fills a line with large
    packets, 120,000 a second on one of 1,000 megabits; a flood of small ones brings ten times as many."""


class TelemetrySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[telemetry]`."""

    sources: tuple[FileSource, ...] = ()
    doors: tuple[Door, ...] = ()
    networks: tuple[Network, ...] = ()


def telemetry_settings(instance: Instance) -> TelemetrySettings:
    """Table `[telemetry]` with host and zone of every source filled in.

    Raises `BadSettings` for a name with other characters or used twice, a path that is not absolute, a parser or a zone
    that nobody knows, a door whose source is none, a network that cannot be measured.
    """
    settings = instance.section("telemetry", TelemetrySettings)
    sources = settings.sources
    names = [source.name for source in sources]
    for source in sources:
        if not _NAME.fullmatch(source.name):
            raise _bad(source, _("a name is 1 to 32 of a-z, 0-9 and inner hyphens"))
        if source.name == PLATFORM or names.count(source.name) > 1:
            raise _bad(source, _("this name is taken"))
        if source.reads not in FILES_READ_AS:
            unknown = _("reads = {reads}; known are {known}")
            raise _bad(source, format_lazy(unknown, reads=repr(source.reads), known=", ".join(FILES_READ_AS)))
        if not Path(source.path).is_absolute():
            raise _bad(source, format_lazy(_("path = {path} is not absolute"), path=repr(source.path)))
    for door in settings.doors:
        _raise_if_unmeasurable(door, names)
    for network in settings.networks:
        _raise_if_no_network(network, [each.interface for each in settings.networks])
    return msgspec.structs.replace(settings, sources=tuple(_filled_in(source) for source in sources))


def _raise_if_unmeasurable(door: Door, names: Sequence[str]) -> None:
    if door.source not in names:
        raise _bad_door(door, _("no source is called so, its requests cannot be counted"))
    if door.requests < 1 or door.held < 1 or not 0 < door.port <= _LAST_PORT:
        raise _bad_door(door, _("port, requests and held are whole numbers above 0"))
    if door.probe and not door.probe.startswith(("http://", "https://")):
        raise _bad_door(door, format_lazy(_("probe = {probe} is no address of HTTP"), probe=repr(door.probe)))


def _raise_if_no_network(network: Network, interfaces: Sequence[str]) -> None:
    if not _INTERFACE.fullmatch(network.interface) or interfaces.count(network.interface) > 1:
        raise _bad_network(network, _("an interface is named as the kernel does, in up to 15 characters, and once"))
    if network.interface == _LOOPBACK:
        raise _bad_network(network, _("loopback is no network: nobody else can reach it"))
    if network.megabits < 1 or network.packets < 1:
        raise _bad_network(network, _("megabits and packets are whole numbers above 0"))


def _bad_network(network: Network, what: Text) -> BadSettings:
    return BadSettings(format_lazy(_("telemetry network {name}: {what}"), name=repr(network.interface), what=what))


def _bad_door(door: Door, what: Text) -> BadSettings:
    return BadSettings(format_lazy(_("telemetry door {name}: {what}"), name=repr(door.source), what=what))


def _bad(source: FileSource, why: Text) -> BadSettings:
    return BadSettings(format_lazy(_("telemetry source {name}: {why}"), name=repr(source.name), why=why))


def _filled_in(source: FileSource) -> FileSource:
    zone = source.zone or machine_zone()
    if not is_known(zone):
        raise _bad(source, format_lazy(_("zone = {zone} is no IANA time zone"), zone=repr(zone)))
    return msgspec.structs.replace(source, zone=zone, host=source.host or machine_name())


def samples(instance: Instance) -> Path:
    """Where the meter's samples are written, for a source to follow."""
    return instance.state("collector") / "meter" / "samples.jsonl"


def machine_name() -> str:
    """What this machine calls itself."""
    return socket.gethostname()


def machine_zone() -> str:
    """This machine's time zone by its IANA name; UTC where it does not say."""
    place = os.path.realpath("/etc/localtime")
    return place.partition(_ZONES)[2] or "UTC"


def watched_folders(instance: Instance) -> list[Path]:
    """The folders that hold the followed files and their rotated siblings: what the collector must be able to read.

    Where the path is a link, also the folder of what it points to.
    Raises `BadSettings`, also for a folder that would open the instance's own secrets to the collector.
    """
    paths = [Path(source.path) for source in telemetry_settings(instance).sources]
    folders = sorted({folder for path in paths for folder in (path.parent, path.resolve().parent)})
    home = instance.home.resolve()  # compared where they truly lie: there may be links on the way to either
    closed = [home / "secrets", home / "keys"]
    for folder in folders:
        place = folder.resolve()
        if home.is_relative_to(place) or any(place.is_relative_to(one) for one in closed):
            opens = _("telemetry: a source in {folder} would let the collector read this instance's secrets")
            raise BadSettings(format_lazy(opens, folder=folder))
    return folders
