"""What does not fit the shape that is expected of it, in the words of whoever reads it: msgspec says it in English."""

import re

import msgspec
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Text

_PLACE = re.compile(r"(?P<what>.*?)(?: - at `(?P<place>.+)`)?", re.DOTALL)
_KINDS = {
    re.compile(r"Object contains unknown field `(?P<name>.*)`"): _("the word {name} is unknown"),
    re.compile(r"Object missing required field `(?P<name>.*)`"): _("the word {name} is missing"),
    re.compile(r"Expected `(?P<wanted>[^`]+)`, got `(?P<given>[^`]+)`"): _("{wanted} is expected, {given} is given"),
    re.compile(r"Expected `(?P<wanted>[^`]+)` (?P<bound>[<>]=? .+)"): _("{wanted} {bound} is expected"),
    re.compile(r"Invalid enum value (?P<given>.+)"): _("the value {given} is unknown"),
}


def in_words(error: msgspec.ValidationError) -> Text:
    """What `error` says and where; as msgspec has it where it says something that we never met."""
    found = _PLACE.fullmatch(str(error))
    what, place = (found["what"], found["place"]) if found else (str(error), None)
    said = _said(what)
    return format_lazy(_("{said} (at {place})"), said=said, place=place) if place else said


def _said(what: str) -> Text:
    for pattern, words in _KINDS.items():
        if found := pattern.fullmatch(what):
            return format_lazy(words, **found.groupdict())
    return what
