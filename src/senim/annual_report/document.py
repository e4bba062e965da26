"""The yearly information as people read it, in one language: the page and the PDF say the same.

Clauses: R228/80.

Made from the composed content alone, so that what was filed can be read years later as it was filed.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from babel.numbers import format_decimal
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from senim.annual_report.composing import Content
from senim.annual_report.sections import register as register_called
from senim.clauses.registry import limb, registry
from senim.kit.clock import from_iso
from senim.kit.moments import with_offset
from senim.registers.fields import Field, Limbs
from senim.registers.register import Register


@dataclass(frozen=True)
class Table:
    """Things of one kind below each other."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: int = 0
    """How many of the last columns hold numbers."""

    @property
    def words(self) -> int:
        """How many of the first columns hold words."""
        return len(self.head) - self.numbers


@dataclass(frozen=True)
class Facts:
    """One thing, fact by fact."""

    title: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Part:
    """One section."""

    number: int
    clause: str
    title: str
    is_complete: bool
    blocks: tuple[Table | Facts, ...]


@dataclass(frozen=True)
class Document:
    """The whole, in the language that was active when it was made."""

    title: str
    facts: tuple[tuple[str, str], ...]
    """Whose it is, of which year, as of when."""
    parts: tuple[Part, ...]


def document(content: Content) -> Document:
    """`content` in the active language; register texts of whoever reads English are Russian."""
    name = content["bureau"]["name"][_spoken()]
    return Document(
        title=_("Information on the state of information security for %(year)d") % {"year": content["year"]},
        facts=(
            (_("Credit bureau"), name),
            (_("Business identification number"), content["bureau"]["bin"]),
            (_("Year reported on"), str(content["year"])),
            (_("As of"), with_offset(from_iso(content["as_of"]))),
            (_("To be submitted by"), _day(content["due"])),
            (_("Requirements"), _edition(content["edition"])),
        ),
        parts=tuple(_part(section) for section in content["sections"]),
    )


def name_of(register: str, facts: dict[str, str]) -> str:
    """How people call the entry of `register` that says `facts`."""
    return register_called(register).name_of(facts)


def fact_titles(register: str) -> list[tuple[str, Callable[[dict[str, str]], str]]]:
    """The fields of `register` that one language shows, its name included: their titles, and how facts are told."""
    found = register_called(register)
    shown = [each for each in found.fields if _is_read(each)]
    return [(str(each.plain or each.title), partial(_fact, each)) for each in shown]


def _spoken() -> str:
    return "kk" if get_language() == "kk" else "ru"


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%d.%m.%Y}"


def _edition(name: str) -> str:
    """The Requirements by number and day; by the edition's own name where another edition was composed by."""
    edition = registry().edition
    if edition.id != name:
        return name
    text = _("Resolution No. %(number)s of %(day)s as amended by Resolution No. %(by)s of %(on)s")
    amended = edition.amended_by
    days = {"day": f"{edition.adopted:%d.%m.%Y}", "on": f"{amended.adopted:%d.%m.%Y}"}
    return text % {"number": edition.number, "by": amended.number, **days}


def _part(section: Content) -> Part:
    title = limb(section["clause"]).title.en if get_language() == "en" else section["title"][_spoken()]
    blocks = [block for told in section["registers"] for block in _register(told)]
    return Part(
        section["number"],
        section["clause"],
        title,
        section["complete"],
        (*blocks, *_evidence(section["evidence"])),
    )


def _register(told: Content) -> Iterator[Table | Facts]:
    """A register: an overview where there are several entries, then each of them with all that it says."""
    register = register_called(told["register"])
    found = [entry["facts"] for entry in told["entries"]]
    if len(found) > 1 and register.shown:
        shown = [register.field(name) for name in register.shown]
        rows = tuple((register.name_of(facts), *(_briefly(each, facts) for each in shown)) for facts in found)
        yield Table(str(register.title), (_("Name"), *(str(each.title) for each in shown)), rows)
    yield from (_entry(register, facts) for facts in found)


def _entry(register: Register, facts: dict[str, str]) -> Facts:
    rows = [(str(each.plain or each.title), _fact(each, facts)) for each in register.fields if _is_told(register, each)]
    return Facts(f"{register.title}: {register.name_of(facts)}", tuple((title, text) for title, text in rows if text))


def _is_told(register: Register, field: Field) -> bool:
    """Not what names the entry, and not what says the same in the other language."""
    return _is_read(field) and register.named_by not in {field.name, field.name.rpartition("_")[0]}


def _is_read(field: Field) -> bool:
    """Whether it is in the active language, or in none."""
    return field.name.rpartition("_")[2] == _spoken() or not field.plain


def _briefly(field: Field, facts: dict[str, str]) -> str:
    """A fact beside others: limbs by their numbers alone."""
    fact = facts.get(field.name, "")
    return fact if isinstance(field, Limbs) else str(field.told(fact))


def _fact(field: Field, facts: dict[str, str]) -> str:
    fact = facts.get(field.name, "")
    if isinstance(field, Limbs):
        return "; ".join(f"{number} ({_title(number)})" for number in fact.split())
    return str(field.told(fact))


def _title(number: str) -> str:
    title = limb(number).title
    return str(getattr(title, get_language() or "kk", title.kk))


def _evidence(told: dict[str, Any]) -> Iterator[Table | Facts]:
    if "kinds" in told:
        yield from _incidents(told)
    if "sources" in told:
        yield from _sources(told)


def _incidents(told: dict[str, Any]) -> Iterator[Table | Facts]:
    head = (
        _("Kind of incident"),
        _("Incidents"),
        _("Closed"),
        _("Receipts of the regulator"),
        _("Within 5 s"),
        _("Slowest, s"),
    )
    rows = tuple(
        (
            f"{each['clause']} {_title(each['clause'])}",
            *(_number(each[word]) for word in ("incidents", "closed", "received", "within_aim")),
            "—" if each["slowest_ms"] is None else _number(each["slowest_ms"] / 1000),
        )
        for each in told["kinds"]
    )
    yield Table(_("Incidents of the year, as Senim has them on record"), head, rows, numbers=5)
    yield Facts(
        _("Incidents that turned out to be none"), ((_("Withdrawn, and not counted above"), str(told["withdrawn"])),)
    )


def _sources(told: dict[str, Any]) -> Iterator[Table | Facts]:
    if told["until"] is None:
        none = _("No source was read on a day of that year that is over")
        yield Facts(_("Sources that were read"), ((_("Sources"), none),))
        return
    head = (_("Source"), _("Kind"), _("Lines read"), _("Times when lines may have been lost"))
    rows = tuple(
        (each["source"], each["kind"], _number(each["lines"]), _number(each["losses"])) for each in told["sources"]
    )
    total = (_("All together"), "", _number(told["lines"]), _number(sum(each["losses"] for each in told["sources"])))
    title = _("Sources that were read, up to %(day)s") % {"day": _day(told["until"])}
    yield Table(title, head, (*rows, total), numbers=2)


def _number(number: float) -> str:
    """As the reader's language writes numbers."""
    return format_decimal(number, locale=get_language() or "kk")
