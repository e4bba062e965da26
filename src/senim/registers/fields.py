"""What a field of a register may hold. A fact is text in one canonical form: what is written is what is read again.

Line, Prose   a line; several
Day           `2027-01-20`
Whole         a number in digits
Word          one of a few stable words, each with its text for people
Limbs         limbs of the Requirements, as they are cited, by blanks
Digest        SHA-256 in hexadecimal digits
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from unicodedata import category

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senim.clauses.errors import UnknownClause
from senim.clauses.registry import limb
from senim.kit.problems import Text
from senim.kit.spreadsheet import is_disguised

_DIGITS = re.compile(r"(?:0|[1-9][0-9]{0,8})", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Unfit(ValueError):
    """A text that the field does not take; `reason` says why, for a person."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Field:
    """One field of a register."""

    name: str
    """Stable: the column of files, the key in the row."""
    title: Text
    required: bool = True
    help: Text = ""
    plain: Text = ""
    """The title without its language, for whoever reads one language only; empty: `title` names none."""

    def canonical(self, text: str) -> str:
        """`text` as it is kept; empty where there is none. Raises `Unfit`."""
        given = text.replace("\r\n", "\n").strip()
        if not given:
            if self.required:
                raise Unfit(_("This is needed"))
            return ""
        return self._understood(given)

    def _understood(self, given: str) -> str:
        raise NotImplementedError

    def told(self, fact: str) -> Text:
        """`fact` as people read it."""
        return fact


@dataclass(frozen=True)
class Prose(Field):
    """Text of several lines."""

    longest: int = 4000
    _allowed = "\n\t"

    def _understood(self, given: str) -> str:
        if len(given) > self.longest:
            raise Unfit(format_lazy(_("At most {} characters"), self.longest))
        if any(category(letter) in {"Cc", "Cs", "Zl", "Zp"} and letter not in self._allowed for letter in given):
            raise Unfit(_("It holds characters that cannot be printed"))
        if is_disguised(given):
            raise Unfit(_("It may not begin with an apostrophe and a sign of a formula"))
        return given


@dataclass(frozen=True)
class Line(Prose):
    """Text of one line."""

    longest: int = 200
    _allowed = ""


@dataclass(frozen=True)
class Day(Field):
    """A day of the calendar."""

    def _understood(self, given: str) -> str:
        try:
            if _DAY.fullmatch(given):
                return date.fromisoformat(given).isoformat()
        except ValueError:
            pass
        raise Unfit(_("A day as 2027-01-20"))

    def told(self, fact: str) -> Text:
        """As people here write days."""
        return f"{date.fromisoformat(fact):%d.%m.%Y}" if fact else ""


@dataclass(frozen=True)
class Whole(Field):
    """A whole number, none below nought."""

    def _understood(self, given: str) -> str:
        if not _DIGITS.fullmatch(given):
            raise Unfit(_("A whole number in digits"))
        return given


@dataclass(frozen=True)
class Word(Field):
    """One of a few words."""

    words: Mapping[str, Text] = field(default_factory=dict)

    def _understood(self, given: str) -> str:
        if given not in self.words:
            raise Unfit(format_lazy(_("One of: {}"), ", ".join(self.words)))
        return given

    def told(self, fact: str) -> Text:
        """The word's text."""
        return self.words.get(fact, fact)


@dataclass(frozen=True)
class Limbs(Field):
    """Limbs of the Requirements; each must exist."""

    def _understood(self, given: str) -> str:
        numbers = given.split()
        for number in numbers:
            try:
                limb(number)
            except UnknownClause:
                raise Unfit(format_lazy(_("The Requirements have no {}; write R228/80(1)"), number[:40])) from None
        return " ".join(dict.fromkeys(numbers))


@dataclass(frozen=True)
class Digest(Field):
    """SHA-256 of a file."""

    def _understood(self, given: str) -> str:
        if not _DIGEST.fullmatch(given.lower()):
            raise Unfit(_("64 hexadecimal digits, as `sha256sum` says them"))
        return given.lower()


def in_both(kind: type[Prose], name: str, title: Text, *, required: bool = True) -> tuple[Prose, Prose]:
    """A text in both languages in which the authorised body may ask for it."""
    kk, ru = (format_lazy("{} ({})", title, language) for language in (_("in Kazakh"), _("in Russian")))
    return kind(f"{name}_kk", kk, required, plain=title), kind(f"{name}_ru", ru, required, plain=title)
