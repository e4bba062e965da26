"""What production refuses, by fact and not by a setting.

Asked before anything starts (files, certificates, settings) and again when the database is there (accounts). Every
finding is told at once, so that nobody mends one to meet the next.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptography import x509
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senim.asoi import checks as asoi
from senim.kit import secrets
from senim.kit.bureau import bureau
from senim.kit.checks import Finding
from senim.kit.crypto.keys import is_of_demonstration
from senim.kit.files import ExposedFile
from senim.kit.identification_number import is_valid
from senim.kit.instance import BadSettings, Instance, Profile
from senim.site.certificates import CERTIFIED
from senim.site.database.connections import server
from senim.site.database.roles import ROLES
from senim.site.embedded.nats import RIGHTS
from senim.site.layout import open_folder_above
from senim.site.web import console_settings

SECTIONS = frozenset({"bureau", "console", "stream", "asoi", "telemetry", "oncall"})
"""Every table that senim.toml may have; another one is a slip, and slips are named."""
_SHORTEST_SECRET = 32


class Refused(RuntimeError):
    """This instance must not start as it is."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings)
        self.findings = findings

    def __str__(self) -> str:
        return "\n".join(f"{finding.name}: {finding.reason}" for finding in self.findings)


PROCESSES = frozenset({*ROLES, *RIGHTS})
"""Everybody who has secrets."""


def raise_if_unfit(instance: Instance, processes: Iterable[str] = PROCESSES) -> None:
    """Raise `Refused` with everything that forbids `processes` of this instance to start; silent when nothing does."""
    asked = frozenset(processes)
    findings = [*_of_every_profile(instance, asked)]
    if instance.profile is Profile.PRODUCTION:
        findings += _of_production(instance, asked)
    if not findings and "asoi" in asked:
        findings += asoi.findings(instance)
    if findings:
        raise Refused(findings)


def _of_every_profile(instance: Instance, processes: Iterable[str]) -> Iterator[Finding]:
    for name in sorted(instance.sections - SECTIONS):
        yield Finding(
            "settings:unknown-table",
            format_lazy(_("senim.toml has a table [{}] that nobody reads; mend or remove it"), name),
        )
    if folder := open_folder_above(instance.home):
        yield Finding(
            "home:open",
            format_lazy(
                _("{home} lies in {folder}, which every process may read: choose another folder for the instance"),
                home=instance.home,
                folder=folder,
            ),
        )
    yield from _secrets(instance, processes)


def _secrets(instance: Instance, processes: Iterable[str]) -> Iterator[Finding]:
    """Every process has its own secrets, long enough, not shared, closed to others."""
    seen: Counter[str] = Counter()
    for process in sorted(processes):
        try:
            known = secrets.load(instance, process)
        except (BadSettings, ExposedFile) as refusal:
            yield Finding("secrets:unusable", str(refusal))
            continue
        values = [known.django_key, known.factors_key, known.webhook_key]
        values += [table.password for table in (known.database, known.stream) if table is not None]
        for value in filter(None, values):
            seen[value] += 1
            if len(value) < _SHORTEST_SECRET:
                yield Finding(
                    "secrets:weak",
                    format_lazy(_("a secret of {} is short: remove the file, run `senim init`"), process),
                )
        if process == "console" and not (known.django_key and known.factors_key):
            yield Finding("secrets:missing", _("the console has no keys of its own: remove its file, run `senim init`"))
    if any(count > 1 for count in seen.values()):
        yield Finding("secrets:shared", _("two processes share a secret: remove their files, run `senim init`"))


def _of_production(instance: Instance, processes: frozenset[str]) -> Iterator[Finding]:
    if os.geteuid() == 0:
        yield Finding("process:root", _("production does not run as root: make a user for it and start as that user"))
    yield from _certificates(instance, processes)
    yield from _settings(instance)
    yield from _database(instance)


def _certificates(instance: Instance, processes: frozenset[str]) -> Iterator[Finding]:
    """Everything that `processes` show or believe is there, and none of it comes from a demonstration."""
    shown = [instance.certificate(w.process, w.purpose) for w in CERTIFIED if w.process in processes]
    believed = [instance.trust(name) for name in ("ca", "regulator/signing", "regulator/encryption")]
    for path in (*shown, *believed):
        place = path.relative_to(instance.home)
        if not path.exists():
            yield Finding(
                "certificates:missing", format_lazy(_("{} is missing: have it issued and put it there"), place)
            )
            continue
        try:
            made_up = _any_of_demonstration(path)
        except ValueError:
            yield Finding(
                "certificates:broken", format_lazy(_("{} holds no certificate in PEM: put the issued one there"), place)
            )
            continue
        if made_up:
            yield Finding(
                "certificates:demonstration",
                format_lazy(_("{} comes from a demonstration: have a real one issued"), place),
            )


def _any_of_demonstration(path: Path) -> bool:
    return any(is_of_demonstration(one) for one in x509.load_pem_x509_certificates(path.read_bytes()))


def _settings(instance: Instance) -> Iterator[Finding]:
    ours = bureau(instance)
    if not is_valid(ours.bin):
        yield Finding("settings:bin", _("senim.toml, [bureau] bin: twelve digits with a right check digit are needed"))
    if not (ours.name.kk and ours.name.ru and ours.name.en):
        yield Finding("settings:name", _("senim.toml, [bureau] name: the name in kk, ru and en is needed"))
    if not console_settings(instance).names:
        yield Finding("settings:names", _("senim.toml, [console] names: the host names people use are needed"))


def _database(instance: Instance) -> Iterator[Finding]:
    """Passwords and personal data travel to the bureau's own server: it proves who it is, or is on this machine."""
    where = server(instance)
    if not where.is_sure:
        yield Finding(
            "database:unproven",
            format_lazy(
                _("SENIM_DATABASE_URL: {} is another machine: add ?sslmode=verify-full&sslrootcert=FILE"), where.host
            ),
        )
