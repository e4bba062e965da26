"""Bringing entries in from a file: what each line would do, said before it is done; all of it, or none.

    entry,version,owner,review_on,<the register's fields>

A line without `entry` adds one. A line with one changes it, and says in `version` which version it was written after:
what somebody else wrote meanwhile is never overwritten. Entries that the file does not name stay as they are. What
`rows.as_csv` gave out can be brought in again as it is.
"""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senim.audit.operations import Actor
from senim.identity import queries as identity
from senim.identity.errors import NoSuchAccount
from senim.identity.models import Account
from senim.kit.problems import Text
from senim.kit.spreadsheet import original
from senim.registers import operations, queries
from senim.registers.errors import FactsRefused, FileRefused
from senim.registers.fields import Day, Unfit
from senim.registers.models import Version
from senim.registers.register import Register
from senim.registers.rows import KEYS, TOLD

MOST_LINES = 1000
"""Our choice: a register of more entries than that is kept by a programme."""
_BOM = "\ufeff"
_REVIEW = Day("review_on", "")


class Act(StrEnum):
    """What a line does."""

    ADD = "add"
    CHANGE = "change"
    KEEP = "keep"
    """It says what stands there."""


@dataclass(frozen=True)
class Line:
    """One line that can be carried out."""

    number: int
    """As an editor counts it: where the record begins."""
    act: Act
    entry: UUID | None
    seen: int
    owner: Account
    review_on: date
    facts: Mapping[str, str]
    changed: tuple[str, ...]
    """Which columns say something new."""


@dataclass(frozen=True)
class Fault:
    """Why a line cannot be carried out."""

    number: int
    column: str
    reason: Text


@dataclass(frozen=True)
class Plan:
    """What a file would do."""

    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]

    @property
    def acts(self) -> list[Line]:
        """The lines that do something."""
        return [line for line in self.lines if line.act is not Act.KEEP]

    @property
    def digest(self) -> str:
        """By which it is known that what is carried out is what was shown."""
        told = [(line.number, line.act, line.entry, line.seen, line.owner.pk, line.review_on) for line in self.lines]
        facts = [line.facts for line in self.lines]
        return hashlib.sha256(msgspec.json.encode([told, facts], order="sorted")).hexdigest()


def plan(register: Register, text: str, moment: datetime) -> Plan:
    """What the file `text` would do to `register` as it stands at `moment`; whatever it says, nothing is raised."""
    lines: list[Line] = []
    faults: list[Fault] = []
    standing = {str(each.entry): each for each in queries.as_of(register, moment)}
    for number, found in _records(register, text):
        if isinstance(found, Fault):
            faults.append(found)
            continue
        understood = _Reading(register, standing, number, found)
        faults += understood.faults
        if understood.line:
            lines.append(understood.line)
    faults += _twice(lines)
    return Plan(tuple(lines), tuple(sorted(faults, key=lambda fault: fault.number)))


@transaction.atomic
def carry_out(register: Register, wished: Plan, *, reason: str, actor: Actor) -> list[Version]:
    """Do what `wished` says, all of it or nothing. Raises `FileRefused`, `FactsRefused`, `ChangedMeanwhile`."""
    raise_if_faulty(wished)
    return [_carry_out(register, line, reason, actor) for line in wished.acts]


def raise_if_faulty(plan: Plan) -> None:
    """Raise `FileRefused` with every line that does not fit."""
    if plan.faults:
        raise FileRefused(format_lazy("; ".join("{}" for _each in plan.faults), *map(said, plan.faults)))


def text_of(content: bytes) -> str:
    """The text of a file. Raises `FileRefused` where it is not UTF-8."""
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise FileRefused(_("The file is not UTF-8: save it as “CSV UTF-8”")) from None


def said(fault: Fault) -> Text:
    """`fault` for a person."""
    return format_lazy(_("line {}, {}: {}"), fault.number, fault.column or "—", fault.reason)


def _carry_out(register: Register, line: Line, reason: str, actor: Actor) -> Version:
    if line.entry is None:
        return operations.add(
            register, line.facts, owner=line.owner, review_on=line.review_on, reason=reason, actor=actor
        )
    return operations.change(
        register,
        line.entry,
        line.facts,
        seen=line.seen,
        owner=line.owner,
        review_on=line.review_on,
        reason=reason,
        actor=actor,
    )


def _records(register: Register, text: str) -> Iterator[tuple[int, dict[str, str] | Fault]]:
    """The file's records by the line on which each begins; what is no record is a fault."""
    read = csv.reader(io.StringIO(text.removeprefix(_BOM), newline=""), delimiter=_delimiter(text), strict=True)
    number, records, columns = 1, 0, list[str]()
    try:
        for cells in read:
            begins, number = number, read.line_num + 1
            if not any(cells):
                continue
            records += 1
            if not columns:
                columns = [cell.strip() for cell in cells]
                if reason := _unfit_head(register, columns):
                    yield begins, Fault(begins, "", reason)
                    return
            elif records - 1 > MOST_LINES:
                yield begins, Fault(begins, "", format_lazy(_("At most {} lines"), MOST_LINES))
                return
            elif len(cells) != len(columns):
                yield begins, Fault(begins, "", _("It has another number of cells than the first line"))
            else:
                yield begins, dict(zip(columns, map(original, cells), strict=True))
    except csv.Error:
        yield number, Fault(number, "", _("From here on this is no CSV: a quotation mark is missing or too many"))
        return
    if not columns:
        yield 1, Fault(1, "", _("The file is empty"))


def _delimiter(text: str) -> str:
    """Excel here writes `;`."""
    head = text.partition("\n")[0]
    return ";" if head.count(";") > head.count(",") else ","


def _unfit_head(register: Register, columns: list[str]) -> Text:
    needed = [*KEYS, *(each.name for each in register.fields)]
    missing = [name for name in needed if name not in columns]
    strange = [name for name in columns if name not in {*needed, *TOLD}]
    if missing:
        return format_lazy(_("The first line lacks columns: {}"), ", ".join(missing))
    if strange:
        return format_lazy(_("The first line has columns that the register does not know: {}"), ", ".join(strange))
    return _("A column stands twice in the first line") if len(set(columns)) < len(columns) else ""


def _twice(lines: list[Line]) -> Iterator[Fault]:
    seen: set[UUID] = set()
    for line in lines:
        if line.entry is not None and line.entry in seen:
            yield Fault(line.number, "entry", _("The entry stands twice in the file"))
        if line.entry is not None:
            seen.add(line.entry)


class _Reading:
    """One record, understood: the line that it is, or all that speaks against it."""

    def __init__(
        self, register: Register, standing: Mapping[str, Version], number: int, record: Mapping[str, str]
    ) -> None:
        self.faults: list[Fault] = []
        self._number, self._record = number, record
        before = self._before(standing)
        owner, review_on, facts = self._owner(), self._review_on(), self._facts(register)
        if self.faults or owner is None or review_on is None:
            self.line = None
            return
        changed = _changed(before, owner, review_on, facts)
        act = Act.ADD if before is None else Act.CHANGE if changed else Act.KEEP
        entry, seen = (before.entry, before.number) if before else (None, 0)
        self.line = Line(number, act, entry, seen, owner, review_on, facts, changed)

    def _refuse(self, column: str, reason: Text) -> None:
        self.faults.append(Fault(self._number, column, reason))

    def _before(self, standing: Mapping[str, Version]) -> Version | None:
        entry = self._record["entry"].strip().lower()
        found = standing.get(entry)
        if entry and found is None:
            self._refuse("entry", _("The register has no such entry, or it has ended; leave it empty to add one"))
        if found and self._record["version"].strip() != str(found.number):
            reason = _("The entry is at version {}: export it again, lest what others wrote be lost")
            self._refuse("version", format_lazy(reason, found.number))
        return found

    def _owner(self) -> Account | None:
        try:
            owner = identity.account(self._record["owner"].strip())
        except NoSuchAccount:
            self._refuse("owner", _("No account is called so"))
            return None
        return owner

    def _review_on(self) -> date | None:
        try:
            return date.fromisoformat(_REVIEW.canonical(self._record["review_on"]))
        except Unfit as refusal:
            self._refuse("review_on", refusal.reason)
        return None

    def _facts(self, register: Register) -> dict[str, str]:
        try:
            return register.facts(self._record)
        except FactsRefused as refusal:
            for column, reasons in refusal.by_field.items():
                for reason in reasons:
                    self._refuse(column, reason)
        return {}


def _changed(before: Version | None, owner: Account, review_on: date, facts: Mapping[str, str]) -> tuple[str, ...]:
    if before is None:
        return ()
    names = [name for name, fact in facts.items() if fact != before.facts.get(name, "")]
    if owner.pk != before.owner_id:
        names.append("owner")
    if review_on != before.review_on:
        names.append("review_on")
    return tuple(names)
