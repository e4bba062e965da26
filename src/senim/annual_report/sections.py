"""What each of the six sections is made of: registers, and what the house itself has on record.

Clauses: R228/80(1), R228/80(2), R228/80(3), R228/80(4), R228/80(5), R228/80(6).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from senim.annual_report import evidence
from senim.availability.registers import CENTRES
from senim.clauses.model import Limb
from senim.clauses.registry import limb
from senim.governance.registers import DOCUMENTS, MEASURES, PARTICIPANTS, SCOPE
from senim.participants.registers import AGREEMENTS
from senim.registers.errors import NoSuchRegister
from senim.registers.models import Version
from senim.registers.register import Facts, Lack, Register
from senim.telemetry.registers import TOOLS

Evidence = Callable[[int, datetime], dict[str, Any]]
Told = Callable[[Facts], bool]


def _all(_facts: Facts) -> bool:
    return True


def _of_operators(facts: Facts) -> bool:
    return facts["kind"] == "telecom"


def _nothing(_year: int, _moment: datetime) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Section:
    """One section."""

    number: int
    """As the item of R228/80 that asks for it."""
    registers: tuple[Register, ...]
    tells: Told = _all
    """Which entries of its registers it tells of."""
    evidence: Evidence = _nothing
    """What the house has on record beside them, of a year as of a moment: JSON values."""

    @property
    def clause(self) -> Limb:
        """The item that asks for it."""
        return limb(f"R228/80({self.number})")

    def lacks(self, lacks: Iterable[Lack], told: Iterable[Version]) -> list[Lack]:
        """What of `lacks` concerns it: the register as a whole, and the entries that it tells of."""
        entries = {version.entry for version in told}
        return [lack for lack in lacks if lack.entry is None or lack.entry in entries]


SECTIONS = (
    # R228/80(1): scope, participants, and how what each of them does complies.
    Section(1, (SCOPE, PARTICIPANTS), evidence=evidence.of_incidents),
    # R228/80(2): the documents that regulate the system.
    Section(2, (DOCUMENTS,)),
    # R228/80(3): software and hardware of security, and how many: as counted, and as they were read.
    Section(3, (TOOLS,), evidence=evidence.of_sources),
    # R228/80(4): what contracts with telecom operators say of security; other agreements are none of its business.
    Section(4, (AGREEMENTS,), tells=_of_operators),
    # R228/80(5): backup centres, their provision and readiness.
    Section(5, (CENTRES,)),
    # R228/80(6): measures carried out.
    Section(6, (MEASURES,)),
)
REGISTERS = tuple(register for section in SECTIONS for register in section.registers)
"""All registers that it is made of, in the order of R228/80."""


def register(name: str) -> Register:
    """The register called `name`. Raises `NoSuchRegister`."""
    found = {each.name: each for each in REGISTERS}.get(name)
    if found is None:
        raise NoSuchRegister
    return found
