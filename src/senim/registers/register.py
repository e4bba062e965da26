"""What a register is, as the room describes it that owns it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Text
from senim.registers.errors import FactsRefused
from senim.registers.fields import Field, Unfit, Word

Facts = Mapping[str, str]
Rule = Callable[[Facts], Iterable[tuple[str, Text]]]
"""What speaks against facts of which each by itself fits: the field, and why."""


@dataclass(frozen=True)
class Lack:
    """Something without which the yearly information would not be whole."""

    code: str
    """Stable: `empty`, `review-due`, or the register's own word."""
    said: Text
    entry: UUID | None = None
    """The entry that lacks it; None: the register as a whole."""


@dataclass(frozen=True)
class Register:
    """One register: what an entry holds, and what it lacks."""

    name: str
    """Stable, as addresses and files have it."""
    title: Text
    about: Text
    """For whoever keeps it: what belongs into it."""
    clause: str
    """The limb that asks for it."""
    fields: Sequence[Field]
    named_by: str
    """The field that names an entry; where it stands in two languages, without the language."""
    shown: Sequence[str] = ()
    """Fields that the list shows beside the name."""
    rules: Sequence[Rule] = ()
    lacks: Callable[[Mapping[UUID, Facts], datetime], Iterable[Lack]] = field(default=lambda _entries, _moment: ())
    """What its entries lacked at a moment besides being there and being reviewed."""

    def field(self, name: str) -> Field:
        """The field called `name`. Raises `KeyError`."""
        return {each.name: each for each in self.fields}[name]

    @property
    def words(self) -> list[Word]:
        """The fields of which lists can be filtered."""
        return [each for each in self.fields if isinstance(each, Word)]

    def name_of(self, facts: Facts) -> str:
        """How people call an entry, in the reader's language; who reads English reads the Russian text."""
        language = "kk" if get_language() == "kk" else "ru"
        return facts.get(f"{self.named_by}_{language}") or facts.get(self.named_by, "")

    def facts(self, given: Mapping[str, str]) -> dict[str, str]:
        """What `given` says, in canonical form. Raises `FactsRefused` with everything that does not fit."""
        found, wrong = {}, dict[str, list[Text]]()
        for each in self.fields:
            try:
                found[each.name] = each.canonical(given.get(each.name, ""))
            except Unfit as refusal:
                wrong[each.name] = [refusal.reason]
        if not wrong:
            for name, why in self._contradictions(found):
                wrong.setdefault(name, []).append(why)
        if wrong:
            raise FactsRefused(wrong)
        return found

    def _contradictions(self, facts: Facts) -> Iterator[tuple[str, Text]]:
        for rule in self.rules:
            yield from rule(facts)


def needed_where(name: str, word: str, *needed: str) -> Rule:
    """A rule: where the field `name` says `word`, the fields `needed` are filled in, and elsewhere empty."""

    def _rule(facts: Facts) -> Iterator[tuple[str, Text]]:
        is_so = facts[name] == word
        for each in needed:
            if is_so and not facts[each]:
                yield each, _("This is needed")
            if not is_so and facts[each]:
                yield each, _("This contradicts what is said above: leave it empty")

    return _rule


def in_order(first: str, last: str) -> Rule:
    """A rule: the day `last` is not before the day `first`, where both are known."""

    def _rule(facts: Facts) -> Iterator[tuple[str, Text]]:
        if facts[first] and facts[last] and facts[last] < facts[first]:
            yield last, _("The end lies before the beginning")

    return _rule


def needed_with(first: str, *needed: str) -> Rule:
    """A rule: the fields `needed` are filled in where the field `first` is, and elsewhere empty."""

    def _rule(facts: Facts) -> Iterator[tuple[str, Text]]:
        for each in needed:
            if facts[first] and not facts[each]:
                yield each, _("This is needed")
            if facts[each] and not facts[first]:
                yield each, _("This contradicts what is said above: leave it empty")

    return _rule
