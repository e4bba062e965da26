"""The shape of a regulation's file. Strict: an unknown word, or a missing language, is refused."""

import datetime
from enum import StrEnum

import msgspec

from senim.clauses.figures import Figure


class Language(StrEnum):
    """The languages that every text has."""

    KAZAKH = "kk"
    RUSSIAN = "ru"
    ENGLISH = "en"


class Kind(StrEnum):
    """Who keeps a limb."""

    BUILT = "built"
    """The platform."""
    OPERATED = "operated"
    """The bureau's people, with the platform."""
    ON_PAPER = "on_paper"
    """No software."""
    DEVICE = "device"
    """It shows itself only on a client's phone."""


class Basis(StrEnum):
    """What our rendering of a limb rests on."""

    TEXT = "text"
    READING = "reading"
    CHOICE = "choice"


class Status(StrEnum):
    """Whether a fact about the edition is known; `unknown` is a fact too."""

    KNOWN = "known"
    UNKNOWN = "unknown"


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A record that refuses unknown words."""


class Text(_Strict, frozen=True):
    """One text in every language."""

    kk: str
    ru: str
    en: str

    def to(self, language: Language) -> str:
        """The text in `language`."""
        return str(getattr(self, language.value))


class Registration(_Strict, frozen=True):
    """Under which number and when the Ministry of Justice registered an act."""

    number: str
    date: datetime.date | None = None
    """None: the day is not known here."""


class EntryIntoForce(_Strict, frozen=True):
    """The rule by which an act enters into force: so many days after something."""

    days: int
    counted: str
    after: str


class Amendment(_Strict, frozen=True):
    """The act that gave the instrument its present wording."""

    number: str
    adopted: datetime.date
    adopted_by: Text
    registration: Registration
    in_force: EntryIntoForce


class Fact(_Strict, frozen=True):
    """Something known, or known to be unknown, about the edition."""

    id: str
    status: Status
    says: Text


class Edition(_Strict, frozen=True):
    """One wording of one instrument."""

    instrument: str
    id: str
    number: str
    adopted: datetime.date
    adopted_by: Text
    registration: Registration
    legal_basis: Text
    address: str
    read_in: Language
    """The language of the text that was read; the others are our rendering."""
    title: Text
    amended_by: Amendment
    facts: tuple[Fact, ...]


class Heading(_Strict, frozen=True):
    """A heading of the instrument, and the limb before which it stands."""

    number: str
    before: str
    title: Text


class Limb(_Strict, frozen=True):
    """One thing that the law asks, by the number under which it asks it."""

    id: str
    kind: Kind
    basis: Basis
    title: Text
    says: Text
    parent: str = ""
    opens: bool = False
    """It only opens its items and asks nothing by itself."""
    note: Text | None = None
    figures: dict[str, Figure] = {}


class Regulation(_Strict, frozen=True):
    """A regulation's whole file."""

    edition: Edition
    headings: tuple[Heading, ...]
    limbs: tuple[Limb, ...]
