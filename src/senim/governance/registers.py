"""The registers of the management system.

Clauses: R228/80(1), R228/80(2), R228/80(6); R228/37 (heads of units, who stand among the participants).
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from senim.registers.fields import Day, Digest, Limbs, Line, Prose, Word, in_both
from senim.registers.register import Facts, Lack, Register, in_order, needed_where

_KINDS = {"unit": _("Unit"), "head": _("Head of a unit"), "function": _("Function"), "body": _("Collegial body")}
_STATES = {"complies": _("Complies"), "partly": _("Complies partly"), "does-not": _("Does not comply")}


def _several_scopes(entries: Mapping[UUID, Facts], _moment: datetime) -> Iterator[Lack]:
    if len(entries) > 1:
        yield Lack("several", _("The scope is said more than once: let all but one entry end"))


def _no_head(entries: Mapping[UUID, Facts], _moment: datetime) -> Iterator[Lack]:
    # R228/37: heads of units answer in person; without one among the participants nobody is said to.
    if not any(facts["kind"] == "head" for facts in entries.values()):
        yield Lack("no-head", _("No head of a unit stands among the participants"))


def _none_in_force(entries: Mapping[UUID, Facts], _moment: datetime) -> Iterator[Lack]:
    if all(facts["in_force_until"] for facts in entries.values()):
        yield Lack("none-in-force", _("Each document has an end: none is in force until further notice"))


def _none_done(entries: Mapping[UUID, Facts], _moment: datetime) -> Iterator[Lack]:
    # R228/80(6): measures *carried out*; what is only planned is none yet.
    if not any(facts["done_on"] for facts in entries.values()):
        yield Lack("none-done", _("No measure was carried out yet"))


SCOPE = Register(
    name="system-scope",
    title=_("Scope of the management system"),
    about=_("What the management system of information security covers: one entry."),
    clause="R228/80(1)",
    fields=(*in_both(Line, "title", _("Name")), *in_both(Prose, "scope", _("Scope"))),
    named_by="title",
    lacks=_several_scopes,
)
PARTICIPANTS = Register(
    name="system-participants",
    title=_("Participants of the management system"),
    about=_("Units, their heads and functions, and how what each does complies with the Requirements."),
    clause="R228/80(1)",
    fields=(
        *in_both(Line, "title", _("Name")),
        Word("kind", _("Kind"), words=_KINDS),
        *in_both(Prose, "functionality", _("What it does")),
        Limbs("limbs", _("Limbs of the Requirements"), help=_("By blanks: R228/81-1 R228/81-2")),
        Word("state", _("State"), words=_STATES),
        *in_both(Prose, "compliance", _("How this complies")),
    ),
    named_by="title",
    shown=("kind", "limbs", "state"),
    lacks=_no_head,
)
DOCUMENTS = Register(
    name="documents",
    title=_("Internal documents"),
    about=_("Documents that regulate how the management system is set up and runs. The file itself is kept elsewhere."),
    clause="R228/80(2)",
    fields=(
        *in_both(Line, "title", _("Title")),
        Line("number", _("Number")),
        Line("approved_by", _("Approved by")),
        Day("approved_on", _("Approved on")),
        Day("in_force_from", _("In force from")),
        Day("in_force_until", _("In force until"), required=False, help=_("Empty: until further notice.")),
        Line("replaces", _("Replaces"), required=False, help=_("The number of the document before it.")),
        Digest("sha256", _("SHA-256 of the file"), help=_("`sha256sum FILE` says it.")),
    ),
    named_by="title",
    shown=("number", "in_force_from", "in_force_until"),
    rules=(in_order("approved_on", "in_force_from"), in_order("in_force_from", "in_force_until")),
    lacks=_none_in_force,
)
MEASURES = Register(
    name="measures",
    title=_("Measures to comply"),
    about=_("What was done, and is planned, to bring the management of security and assets into compliance."),
    clause="R228/80(6)",
    fields=(
        *in_both(Line, "title", _("Measure")),
        Limbs("limbs", _("Limbs of the Requirements"), help=_("By blanks: R228/81-1 R228/81-2")),
        Word("state", _("State"), words={"planned": _("Planned"), "done": _("Was carried out")}),
        Day("planned_for", _("Planned for")),
        Day("done_on", _("Carried out on"), required=False),
        *in_both(Prose, "outcome", _("Outcome"), required=False),
    ),
    named_by="title",
    shown=("limbs", "state", "planned_for", "done_on"),
    rules=(needed_where("state", "done", "done_on", "outcome_kk", "outcome_ru"),),
    lacks=_none_done,
)
REGISTERS = (SCOPE, PARTICIPANTS, DOCUMENTS, MEASURES)
