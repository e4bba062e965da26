"""What this room says to people, in their language.

The map is told without an installed instance (in a checkout, in CI), so its catalogue is read without Django.
"""

import gettext
from functools import cache
from pathlib import Path

from senim.clauses.model import Language

_CATALOGUES = Path(__file__).parent / "locale"


def mark(text: str) -> str:
    """`text` itself: says that it is translated when it is told."""
    return text


def say(language: Language, text: str, **values: object) -> str:
    """`text` in `language`, with `%(name)s` filled in. Raises `FileNotFoundError` where catalogues are not compiled."""
    told = _catalogue(language).gettext(text)
    return told % values if values else told


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    """The catalogue of `language`; English is what stands in the code."""
    if language is Language.ENGLISH:
        return gettext.NullTranslations()
    return gettext.translation("django", _CATALOGUES, [language.value])
