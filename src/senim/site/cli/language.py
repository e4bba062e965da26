"""In which language the command line speaks: the one the terminal asks for, of the three; else English."""

import os
from pathlib import Path

import django
from django.conf import settings
from django.utils import translation

import senim

SPOKEN = ("kk", "ru", "en")


def asked_for() -> str:
    """`kk`, `ru` or `en`, from the environment as gettext(3) reads it."""
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        language = os.environ.get(variable, "")[:2]
        if language in SPOKEN:
            return language
    return "en"


def speak() -> None:
    """Let lazy texts come out in the language asked for.

    Works before the settings can be read as well: a refusal must be readable when the settings are what is wrong.
    """
    if not settings.configured:
        catalogues = sorted(str(path) for path in Path(senim.__file__).parent.glob("**/locale"))
        settings.configure(USE_I18N=True, LOCALE_PATHS=catalogues, LANGUAGES=[(code, code) for code in SPOKEN])
        django.setup()
    translation.activate(asked_for())
