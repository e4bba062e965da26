"""What a page says: in the reader's language, short enough for a telephone, and nothing that others should not read.

Targets are names that a log was the first to say, so an attacker may have chosen them. A page has only the first part
of one, and of that only letters, digits and a few signs: no address that a telephone would make a link of, no line
break that a mail header would end at.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from senim.kit.problems import Text
from senim.oncall.models import Cause, Letter

LANGUAGES = ("kk", "ru", "en")
_LONGEST = 24
_NUMBERS = 5
_STRANGE = re.compile(r"[^\w-]", re.ASCII)
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")


def short(target: str) -> str:
    """The short name of a target: of `app-01.ulgi.kz` the `app-01`, of an IPv4 address all of it."""
    if _ADDRESS.fullmatch(target):
        return target
    return _STRANGE.sub("_", target.split(".", maxsplit=1)[0])[:_LONGEST]


def of_incident(number: str, kind: int, target: str) -> dict[str, str]:
    """What is said of an incident, by language."""
    named = {"number": number, "kind": kind, "target": short(target)}
    return _in_all(lambda: _("Incident %(number)s, kind %(kind)d, %(target)s") % named)


def of_alert(target: str) -> dict[str, str]:
    """What is said of an alert that waits for a person, by language."""
    return _in_all(lambda: _("An alert waits for a person, %(target)s") % {"target": short(target)})


def of_trouble(about: Text) -> dict[str, str]:
    """What is said of a check that does not find good order, by language."""
    return _in_all(lambda: _("The house is not in order: %(about)s") % {"about": about})


def of_test() -> dict[str, str]:
    """What is said to somebody who wants to see whether pages arrive, by language."""
    return _in_all(lambda: _("A test page, asked for by yourself"))


def _in_all(say: Callable[[], str]) -> dict[str, str]:
    found = {}
    for language in LANGUAGES:
        with translation.override(language):
            found[language] = str(say())
    return found


def text_of(letter: Letter, causes: Iterable[Cause], console: str) -> str:
    """The whole text of `letter` about `causes`, in the language of who gets it."""
    language = letter.account.language
    told = list(causes)
    with translation.override(language):
        lines = [_headline(told, language), f"{console}/{language}/oncall/pages/{_place(letter)}"]
    return "\n".join(lines)


def _headline(causes: list[Cause], language: str) -> str:
    said = _one(causes[0], language) if len(causes) == 1 else _many(causes)
    # An exercise must not frighten anybody, and must not be taken for one where it is none.
    return _("EXERCISE. %(said)s") % {"said": said} if all(cause.exercise for cause in causes) else said


def _one(cause: Cause, language: str) -> str:
    said: Mapping[str, str] = cause.said
    return f"Senim: {said[language]}"


def _many(causes: list[Cause]) -> str:
    numbers = [cause.number for cause in causes if cause.number]
    named = ", ".join(numbers[:_NUMBERS]) + (", …" if len(numbers) > _NUMBERS else "")
    what = ngettext("Senim: %(count)d page more", "Senim: %(count)d pages more", len(causes)) % {"count": len(causes)}
    return f"{what}: {named}" if named else what


def _place(letter: Letter) -> str:
    return "?state=open" if letter.is_digest else f"{letter.pages.values_list('pk', flat=True)[0]}/"
