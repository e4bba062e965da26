"""What production refuses, by fact and not by a setting.

Asked before anything starts (files, certificates, settings) and again when the database is there (accounts). Every
finding is told at once, so that nobody mends one to meet the next; what cannot be looked at before something else is
mended is told as well.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from cryptography import x509
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senim.asoi import checks as asoi
from senim.asoi import pinned
from senim.asoi.settings import asoi_settings
from senim.availability.settings import watched
from senim.detection.figures import figures
from senim.event_feed.settings import event_feed_settings
from senim.exercises.transfers.settings import payments_settings
from senim.history.settings import history_settings
from senim.identity.hours import hours_of
from senim.kit import secrets
from senim.kit.bureau import bureau
from senim.kit.checks import Finding
from senim.kit.crypto.keys import is_of_demonstration
from senim.kit.files import ExposedFile
from senim.kit.identification_number import is_valid
from senim.kit.instance import BadSettings, Instance, Profile
from senim.kit.problems import Problem
from senim.malware.settings import scanned_folders
from senim.oncall.settings import oncall_settings
from senim.site import closed
from senim.site.certificates import CERTIFIED
from senim.site.database.connections import server
from senim.site.database.roles import ROLES
from senim.site.embedded.nats import RIGHTS
from senim.site.layout import open_folder_above
from senim.site.web import console_settings
from senim.telemetry.settings import watched_folders
from senim.telemetry.stream import stream_settings

SECTIONS: Mapping[str, Callable[[Instance], object]] = {
    "asoi": asoi_settings,
    "availability": watched,
    "bureau": bureau,
    "console": console_settings,
    "event_feed": event_feed_settings,
    "history": history_settings,
    "hours": hours_of,
    "malware": scanned_folders,
    "oncall": oncall_settings,
    "payments": payments_settings,
    "rules": figures,
    "stream": stream_settings,
    "telemetry": watched_folders,
}
"""Every table that senim.toml may have and how it is read; another one is a slip, and slips are named."""
_SHORTEST_SECRET = 32
_FEWEST_CHARACTERS = 10
"""Our choice: a random secret of ours has about thirty different ones, `changeme` again and again has seven."""
_OF_DEMONSTRATION = ("demo-accounts.json", "stand_ins", "state/exercise")
"""What only a demonstration has in its folder."""


class Refused(Problem):
    """This instance must not start as it is."""

    code = "site:unfit"
    status = 500
    title = _("This instance must not start as it is")
    remedy = _("Mend what is named and start again")

    def __init__(self, findings: Sequence[Finding]) -> None:
        told = [format_lazy("{}: {}", finding.name, finding.reason) for finding in findings]
        super().__init__(format_lazy("\n".join("{}" for _each in told), *told))
        self.findings = findings

    def __str__(self) -> str:
        return f"{self.title}. {self.remedy}:\n{self.detail}"

    def as_json(self) -> dict[str, object]:
        """Besides what every problem says: each finding by its name."""
        findings = [{"name": finding.name, "reason": str(finding.reason)} for finding in self.findings]
        return {**super().as_json(), "findings": findings}


PROCESSES = frozenset({*ROLES, *RIGHTS})
"""Everybody who has secrets."""


def raise_if_unfit(instance: Instance, processes: Iterable[str] = PROCESSES) -> None:
    """Raise `Refused` with everything that forbids `processes` of this instance to start; silent when nothing does."""
    asked = frozenset(processes)
    findings = [*_of_every_profile(instance, asked)]
    if instance.profile is Profile.PRODUCTION:
        findings += _of_production(instance, asked)
    if "asoi" in asked:
        findings += asoi.findings(instance)
    if findings:
        raise Refused([*findings, *_not_looked_at(instance, asked)])


def _not_looked_at(instance: Instance, processes: frozenset[str]) -> Iterator[Finding]:
    """What stays unknown while anything else is wrong: "not looked at" is no "nothing there"."""
    if instance.profile is Profile.PRODUCTION and processes >= PROCESSES:
        reason = _("accounts of a demonstration were not looked for: the database starts when the rest is mended")
        yield Finding("identity:not-checked", reason)


def _of_every_profile(instance: Instance, processes: frozenset[str]) -> Iterator[Finding]:
    for name in sorted(instance.sections - SECTIONS.keys()):
        yield Finding(
            "settings:unknown-table",
            format_lazy(_("senim.toml has a table [{}] that nobody reads; mend or remove it"), name),
        )
    # A table that another one depends on is wrong for both: said once.
    for detail in dict.fromkeys(refusal.detail for refusal in _unreadable(instance).values()):
        yield Finding(
            "settings:table",
            format_lazy(_("{}; whatever depends on this table is not checked before it is mended"), detail),
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
    yield from closed.findings(instance, PROCESSES - processes)
    yield from _secrets(instance, processes)


def _unreadable(instance: Instance) -> dict[str, BadSettings]:
    """The tables of senim.toml that say what nobody understands, and what that is."""
    found = {}
    for name, read in SECTIONS.items():
        try:
            read(instance)
        except BadSettings as refusal:
            found[name] = refusal
    return found


def _secrets(instance: Instance, processes: frozenset[str]) -> Iterator[Finding]:
    """Every process has its own secrets, long enough and not shared."""
    seen: Counter[str] = Counter()
    for process in sorted(processes):
        try:
            known = secrets.load(instance, process)
        except BadSettings as refusal:
            yield Finding("secrets:unusable", str(refusal))
            continue
        except ExposedFile:
            continue  # named among what lies open
        values = [known.django_key, known.factors_key, known.feed_key, known.webhook_key]
        values += [table.password for table in (known.database, known.stream) if table is not None]
        for value in filter(None, values):
            seen[value] += 1
            if len(value) < _SHORTEST_SECRET or len(set(value)) < _FEWEST_CHARACTERS:
                yield Finding(
                    "secrets:weak",
                    format_lazy(_("a secret of {} can be guessed: remove the file, run `senim init`"), process),
                )
        if process == "feed" and not known.feed_key:
            lacks = _("the event feed has no key of its own: remove its file, run `senim init`")
            yield Finding("secrets:missing", lacks)
        if process == "console" and not (known.django_key and known.factors_key):
            yield Finding("secrets:missing", _("the console has no keys of its own: remove its file, run `senim init`"))
    if any(count > 1 for count in seen.values()):
        yield Finding("secrets:shared", _("two processes share a secret: remove their files, run `senim init`"))


def _of_production(instance: Instance, processes: frozenset[str]) -> Iterator[Finding]:
    if _runs_as_root():
        yield Finding("process:root", _("production does not run as root: make a user for it and start as that user"))
    yield from _left_behind(instance)
    yield from _certificates(instance, processes)
    yield from _settings(instance)
    yield from _database(instance)


def _runs_as_root() -> bool:
    return os.geteuid() == 0


def _left_behind(instance: Instance) -> Iterator[Finding]:
    for name in _OF_DEMONSTRATION:
        if (instance.home / name).exists():
            reason = _("{} comes from a demonstration: found production in a folder of its own")
            yield Finding("home:demonstration", format_lazy(reason, name))


def _certificates(instance: Instance, processes: frozenset[str]) -> Iterator[Finding]:
    """What `processes` show or believe is there, and none of it comes from a demonstration.

    The process `asoi` has more to say of its own certificates and of the regulator's: `asoi.checks` names those.
    """
    named_there = "asoi" in processes
    shown = [instance.certificate(w.process, w.purpose) for w in CERTIFIED if w.process in processes - {"asoi"}]
    believed = [instance.trust(name) for name in ("ca", *(() if named_there else (pinned.SIGNING, pinned.ENCRYPTION)))]
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
    """What production must say of itself, and what it must not. Tables that do not read have been named."""
    if "payments" in instance.sections:
        reason = _("senim.toml, [payments] names the payment stand-in of a demonstration: remove it")
        yield Finding("settings:demonstration", reason)
    unreadable = _unreadable(instance)
    if "bureau" not in unreadable:
        ours = bureau(instance)
        if not is_valid(ours.bin):
            reason = _("senim.toml, [bureau] bin: twelve digits with a right check digit are needed")
            yield Finding("settings:bin", reason)
        if not (ours.name.kk and ours.name.ru and ours.name.en):
            yield Finding("settings:name", _("senim.toml, [bureau] name: the name in kk, ru and en is needed"))
    if "console" not in unreadable and not console_settings(instance).names:
        yield Finding("settings:names", _("senim.toml, [console] names: the host names people use are needed"))


def _database(instance: Instance) -> Iterator[Finding]:
    """Passwords and personal data travel to the bureau's own server: it proves who it is, or is on this machine."""
    try:
        where = server(instance)
    except BadSettings as refusal:
        yield Finding("database:address", refusal.detail)
        return
    if not where.is_sure:
        yield Finding(
            "database:unproven",
            format_lazy(
                _("SENIM_DATABASE_URL: {} is another machine: add ?sslmode=verify-full&sslrootcert=FILE"), where.host
            ),
        )
