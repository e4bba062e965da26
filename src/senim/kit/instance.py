"""One installed Senim: its folder, its profile, its settings file.

The folder (`SENIM_HOME`, else `./var`) holds `senim.toml`, the secrets, the keys and the state of embedded engines:

    senim.toml                 profile and settings, strict: an unknown word is refused
    id                         what this instance is called on this machine
    secrets/PROCESS.toml       0600, read by that process only
    keys/PROCESS/PURPOSE.key   0600, read by that process only; certificates stand beside as PURPOSE.crt
    trust/                     certificates this bureau believes: ca.crt, regulator/*.crt
    state/PROCESS/             what a process keeps on disk
    logs/ run/                 output, process ids, sockets

No profile named means production.
"""

import os
import tomllib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senim.kit.misfit import in_words
from senim.kit.problems import Problem

SETTINGS_FILE = "senim.toml"
ID_FILE = "id"
Section = TypeVar("Section", bound=msgspec.Struct)


class Profile(StrEnum):
    """What an instance is for. Demonstration alone has stand-ins, demonstration accounts and made certificates."""

    PRODUCTION = "production"
    DEMONSTRATION = "demonstration"


class BadSettings(Problem):
    """`senim.toml` or a secrets file is missing or says something nobody understands."""

    code = "settings:bad"
    status = 500
    title = _("The settings of this instance are not in order")
    remedy = _("Mend what is named; what is missing is made by `senim init`")


class NoInstance(BadSettings):
    """Nobody has founded an instance in this folder."""

    code = "settings:no-instance"
    title = _("There is no Senim instance in this folder")
    remedy = _("Found one with `senim init`, or name the folder of yours in SENIM_HOME")


@dataclass(frozen=True)
class Instance:
    """An installed Senim, read from its folder."""

    home: Path
    profile: Profile
    _tables: dict[str, Any] = field(repr=False)

    @classmethod
    def load(cls, home: Path | None = None) -> "Instance":
        """Read the instance at `home`, else at `$SENIM_HOME`, else at `./var`.

        Raises `NoInstance` where there is none, `BadSettings` where TOML is broken or the profile is unknown.
        """
        home = (home or Path(os.environ.get("SENIM_HOME", "var"))).absolute()
        path = home / SETTINGS_FILE
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise NoInstance(str(path)) from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadSettings(format_lazy(_("{path} is not readable TOML: {error}"), path=path, error=error)) from error
        named = tables.pop("profile", Profile.PRODUCTION.value)
        try:
            profile = Profile(named)
        except ValueError:
            unknown = _("{path}: profile = {named} is unknown; it is one of {known}")
            raise BadSettings(format_lazy(unknown, path=path, named=repr(named), known=", ".join(Profile))) from None
        return cls(home, profile, tables)

    @property
    def id(self) -> str:
        """Twelve characters, random, made when the instance was founded: names it on this machine.

        Raises `BadSettings` where the instance was never founded.
        """
        try:
            return (self.home / ID_FILE).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise BadSettings(format_lazy(_("{} is missing"), self.home / ID_FILE)) from None

    @property
    def is_demonstration(self) -> bool:
        """Whether stand-ins and demonstration accounts may exist here."""
        return self.profile is Profile.DEMONSTRATION

    @property
    def sections(self) -> frozenset[str]:
        """The names of the tables that `senim.toml` has."""
        return frozenset(self._tables)

    def section(self, name: str, shape: type[Section]) -> Section:
        """The table `name` of `senim.toml` as `shape`.

        Raises `BadSettings` naming the table and the word that is missing, unknown or of the wrong type.
        """
        try:
            return msgspec.convert(self._tables.get(name, {}), shape)
        except msgspec.ValidationError as error:
            place = f"{self.home / SETTINGS_FILE}, [{name}]"
            raise BadSettings(format_lazy("{place}: {said}", place=place, said=in_words(error))) from error

    def key(self, process: str, purpose: str) -> Path:
        """Where the private key of `process` for `purpose` lies."""
        return self.home / "keys" / process / f"{purpose}.key"

    def certificate(self, process: str, purpose: str) -> Path:
        """Where the certificate of that key lies."""
        return self.key(process, purpose).with_suffix(".crt")

    def secrets_file(self, process: str) -> Path:
        """Where the secrets of `process` lie."""
        return self.home / "secrets" / f"{process}.toml"

    def state(self, process: str) -> Path:
        """The folder that `process` may write."""
        return self.home / "state" / process

    def trust(self, name: str) -> Path:
        """A certificate this bureau believes: `ca`, or `regulator/signing`."""
        return self.home / "trust" / f"{name}.crt"
