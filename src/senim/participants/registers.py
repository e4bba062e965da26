"""The register of agreements.

Clauses: R228/40-1/confidentiality, R228/40-1/damage, R228/40-1/agreement, R228/80(4).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Text
from senim.registers.fields import Day, Field, Line, Prose, Word, in_both
from senim.registers.register import Facts, Lack, Register, Rule, in_order, needed_where

_KINDS = {
    "telecom": _("Telecom operator"),
    "provider": _("Information provider"),
    "recipient": _("Report recipient"),
    "third-party": _("Third party"),
}
_PROVISIONS: Mapping[str, Text] = {
    # R228/40-1/confidentiality: agreements contain provisions on confidentiality.
    "confidentiality": _("Confidentiality"),
    # R228/40-1/damage: agreements provide for compensation of damage.
    "damage": _("Compensation of damage"),
    # R228/40-1/agreement: access rests on an agreement with conditions on keeping the security requirements.
    "security": _("Conditions of information security"),
}
_ABSENT: Mapping[str, Text] = {
    "confidentiality": _("The agreement has no provisions on confidentiality"),
    "damage": _("The agreement does not provide for compensation of damage"),
    "security": _("The agreement has no conditions of information security"),
}
_WORDS = {"present": _("Present"), "absent": _("Absent")}


def _provision(name: str, title: Text) -> tuple[Field, Field]:
    place = Line(f"{name}_place", _("Clause of the agreement"), required=False, help=_("Where it stands: 7.2."))
    return Word(name, title, words=_WORDS), place


def _places() -> tuple[Rule, ...]:
    return tuple(needed_where(name, "present", f"{name}_place") for name in _PROVISIONS)


def _agreements_lack(entries: Mapping[UUID, Facts], _moment: datetime) -> Iterator[Lack]:
    # R228/80(4): the yearly information tells of the contracts with telecom operators.
    if not any(facts["kind"] == "telecom" for facts in entries.values()):
        yield Lack("no-telecom", _("No agreement with a telecom operator stands in the register"))
    for pk, facts in entries.items():
        for name in _PROVISIONS:
            if facts[name] == "absent":
                yield Lack(f"{name}-absent", _ABSENT[name], pk)


AGREEMENTS = Register(
    name="agreements",
    title=_("Agreements"),
    about=_(
        "Agreements with telecom operators, information providers, report recipients and third parties, and what of "
        "information security stands in them."
    ),
    clause="R228/80(4)",
    fields=(
        *in_both(Line, "party", _("Party")),
        Word("kind", _("Kind"), words=_KINDS),
        Line("number", _("Number")),
        Day("signed_on", _("Signed on")),
        Day("ends_on", _("Ends on"), required=False, help=_("Empty: until further notice.")),
        *(field for name, title in _PROVISIONS.items() for field in _provision(name, title)),
        *in_both(Prose, "obligations", _("Requirements and obligations")),
    ),
    named_by="party",
    shown=("kind", "ends_on", *_PROVISIONS),
    rules=(in_order("signed_on", "ends_on"), *_places()),
    lacks=_agreements_lack,
)
REGISTERS = (AGREEMENTS,)
