"""How a command is used, in the terminal's language: our helps, click's own words, and what click says of a mistake.

All of it is asked of the standard library's gettext, because click asks that one, and before Django knows where it is.
"""

import gettext
import inspect
import os

import click

from senim.site.cli.language import asked_for
from senim.site.layout import PACKAGE

_DOMAIN, _CATALOGUES = "django", PACKAGE / "site" / "locale"
"""Helps stand in the catalogue that holds the room's other texts."""


def speak_from_now() -> None:
    """Let click and what `translate` is given from now on come out in the language asked for."""
    os.environ["LANGUAGE"] = asked_for()
    gettext.bindtextdomain(_DOMAIN, str(_CATALOGUES))
    gettext.textdomain(_DOMAIN)


def translate(command: click.Command) -> click.Command:
    """`command` itself, its help and those of all below it translated; what is read later is translated then."""
    command.help = _told(command.help or "")
    # Whole in the list of commands, where click would cut it.
    command.short_help = command.help.partition("\n\n")[0].partition(". ")[0].rstrip(".")
    for parameter in command.params:
        parameter.type.name = gettext.gettext(parameter.type.name)
        if isinstance(parameter, click.Option):
            parameter.help = _told(_help_of(parameter))
    # A plain dictionary: commands that are there, and not those that are read when they are asked for.
    if isinstance(command, click.Group) and isinstance(command.commands, dict):
        for below in command.commands.values():
            translate(below)
    return command


def texts(command: click.Command) -> list[str]:
    """Everything that is to be translated in `command` and all below it, in English as it stands in the code."""
    own = [*_paragraphs(command.help or "")]
    for parameter in command.params:
        own += [parameter.type.name, *_paragraphs(_help_of(parameter))]
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return [*own, *(text for each in below for text in texts(each))]


def _told(text: str) -> str:
    return "\n\n".join(map(gettext.gettext, _paragraphs(text)))


def _help_of(parameter: click.Parameter) -> str:
    return (parameter.help or "") if isinstance(parameter, click.Option) else ""


def _paragraphs(text: str) -> list[str]:
    """What is between empty lines, each on one line, as the catalogue has it."""
    return [" ".join(each.split()) for each in inspect.cleandoc(text).split("\n\n") if each.strip()]
