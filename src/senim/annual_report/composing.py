"""Puts the information of a year together, as it was known at a moment.

Clauses: R228/80.

The same year and moment give the same bytes whenever they are asked for: registers and what people decided are kept
version by version, counts are kept by the day. The bureau's name is that of senim.toml.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from senim.annual_report.errors import MomentAhead, NoSuchYear
from senim.annual_report.sections import SECTIONS, Section
from senim.annual_report.settings import FIRST_YEAR
from senim.annual_report.terms import due_on
from senim.clauses.registry import registry
from senim.kit import canonical
from senim.kit.bureau import bureau
from senim.kit.clock import iso
from senim.kit.clock import now as read_clock
from senim.kit.instance import Instance
from senim.kit.moments import local_day
from senim.registers import queries as registers
from senim.registers.models import Version
from senim.registers.register import Lack, Register

SCHEMA = "urn:senim:annual-report:1"
Content = dict[str, Any]
"""JSON values, as `schemas/annual-report-1.json` has them."""


@dataclass(frozen=True)
class Composed:
    """The information of a year, as it was known at a moment."""

    year: int
    moment: datetime
    content: Content
    lacks: dict[int, list[tuple[Register, Lack]]]
    """Section → what it lacks."""

    @property
    def is_complete(self) -> bool:
        """Whether no section lacks anything."""
        return not any(self.lacks.values())

    @property
    def written(self) -> bytes:
        """Its canonical form: the machine-readable twin of the document."""
        return canonical.dumps(self.content)

    @property
    def sha256(self) -> str:
        """Of its canonical form."""
        return canonical.sha256(self.written)


def compose(instance: Instance, year: int, moment: datetime) -> Composed:
    """The information of `year` as it was known at `moment`, of which milliseconds count.

    Raises `NoSuchYear`, `MomentAhead`.
    """
    now = read_clock()
    if not FIRST_YEAR <= year <= local_day(now).year:
        raise NoSuchYear(str(year))
    if moment > now:
        raise MomentAhead
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    lacks: dict[int, list[tuple[Register, Lack]]] = {}
    sections = []
    for section in SECTIONS:
        entries = [(register, _entries(section, register, moment)) for register in section.registers]
        lacks[section.number] = [
            (register, lack)
            for register, told in entries
            for lack in section.lacks(registers.missing(register, moment), told)
        ]
        sections.append(_section(section, year, moment, entries, lacks[section.number]))
    house = bureau(instance)
    content = {
        "schema": SCHEMA,
        "year": year,
        "as_of": iso(moment),
        "due": due_on(year).isoformat(),
        "edition": registry().edition.id,
        "bureau": {"bin": house.bin, "name": {"kk": house.name.kk, "ru": house.name.ru}},
        "sections": sections,
    }
    return Composed(year, moment, content, lacks)


def _entries(section: Section, register: Register, moment: datetime) -> list[Version]:
    """What the section tells of the register, the oldest entry first."""
    found = registers.as_of(register, moment).order_by("entry")
    return [version for version in found if section.tells(version.facts)]


def _section(
    section: Section,
    year: int,
    moment: datetime,
    entries: list[tuple[Register, list[Version]]],
    lacks: list[tuple[Register, Lack]],
) -> Content:
    title = section.clause.title
    return {
        "number": section.number,
        "clause": section.clause.id,
        "title": {"kk": title.kk, "ru": title.ru},
        # R228/80: a section that lacks something is told as such, and never filed.
        "complete": not lacks,
        "missing": [
            {"register": register.name, "code": lack.code, "entry": str(lack.entry) if lack.entry else None}
            for register, lack in lacks
        ],
        "registers": [
            {
                "register": register.name,
                "entries": [
                    {"entry": str(version.entry), "version": version.number, "facts": version.facts} for version in told
                ],
            }
            for register, told in entries
        ],
        "evidence": section.evidence(year, moment),
    }
