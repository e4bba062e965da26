"""What the information of one year says otherwise than that of another: section by section, entry by entry."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from senim.annual_report.composing import Content
from senim.annual_report.document import fact_titles, name_of

Entries = dict[tuple[str, str], dict[str, str]]
"""Register and entry → facts."""


@dataclass(frozen=True)
class FactChange:
    """A fact that is another."""

    title: str
    before: str
    after: str


@dataclass(frozen=True)
class EntryChange:
    """An entry that came, went or says something else."""

    register: str
    entry: str
    name: str
    what: str
    """`added`, `removed`, `changed`."""
    facts: tuple[FactChange, ...] = ()


def differences(before: Content, after: Content) -> dict[int, list[EntryChange]]:
    """Section → what `after` says otherwise than `before`, in the active language; sections without any are absent."""
    earlier = {section["number"]: section for section in before["sections"]}
    found = {
        section["number"]: list(_changes(_entries(earlier[section["number"]]), _entries(section)))
        for section in after["sections"]
    }
    return {number: changes for number, changes in found.items() if changes}


def _entries(section: dict[str, Any]) -> Entries:
    return {
        (told["register"], entry["entry"]): entry["facts"] for told in section["registers"] for entry in told["entries"]
    }


def _changes(before: Entries, after: Entries) -> Iterator[EntryChange]:
    for (register, entry), facts in after.items():
        known = before.get((register, entry))
        if known is None:
            yield EntryChange(register, entry, name_of(register, facts), "added")
        elif known != facts:
            yield EntryChange(register, entry, name_of(register, facts), "changed", _facts(register, known, facts))
    for (register, entry), facts in before.items():
        if (register, entry) not in after:
            yield EntryChange(register, entry, name_of(register, facts), "removed")


def _facts(register: str, before: dict[str, str], after: dict[str, str]) -> tuple[FactChange, ...]:
    return tuple(
        FactChange(title, told(before), told(after))
        for title, told in fact_titles(register)
        if told(before) != told(after)
    )
