"""What can be wrong with a line, as a person reads it. A line with a flaw is kept and counted, never dropped."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FlawKind(models.TextChoices):
    """Alphabetised. Reading names most (`internal.logfile`, `.masking`, `.rows`), parsers those of time and form."""

    BINARY = "binary", _("with control characters")
    FORMLESS = "formless", _("not in the form of its kind")
    MASKED = "masked", _("with an account or personal number in clear, masked")
    NOT_CANONICAL = "not-canonical", _("with a number that canonical JSON cannot say")
    NOT_UTF8 = "not-utf8", _("not in UTF-8")
    NUL = "nul", _("behind NUL bytes, which are left out")
    TIME_ANCIENT = "time-ancient", _("dated more than a year back")
    TIME_FUTURE = "time-future", _("dated in the future")
    TIME_UNREADABLE = "time-unreadable", _("without a readable time")
    TRUNCATED = "truncated", _("too long, cut")
    UNFINISHED = "unfinished", _("without an end")


def in_words(name: str) -> str:
    """What a line with the flaw `name` is; the name itself where another release named it."""
    return str(FlawKind(name).label) if name in FlawKind.values else name
