"""What fails around a command and is no room's refusal, in the words of a refusal: bad usage, machine, database.

Nothing of what these say is secret: libpq's complaints name server and role, never a password.
"""

from collections.abc import Sequence
from typing import get_args

import click
import psycopg
from django.db import Error as DjangoDatabaseError
from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Problem


class NotUnderstood(Problem):
    """The command line asks for something that there is not."""

    code = "command:usage"
    title = _("The command is not understood")
    remedy = _("Put --help behind the command to see how it is used")


class Unknown(NotUnderstood):
    """A command or an option that nobody knows."""

    code = "command:unknown"
    title = _("There is no such command or option")


class SomethingMissing(NotUnderstood):
    """An argument or an option that must be given."""

    code = "command:missing"
    title = _("Something is missing in the command")


class BadValue(NotUnderstood):
    """A value that an argument or an option cannot have."""

    code = "command:bad-value"
    title = _("This value cannot be used")


class NoText(NotUnderstood):
    """An argument whose bytes are no text: neither the database nor a terminal could take it."""

    code = "command:no-text"
    title = _("An argument is no text in UTF-8")


class Stopped(Problem):
    """Somebody ended the command before it was done."""

    code = "command:stopped"
    status = 499
    title = _("The command was stopped before its end")


class MachineRefused(Problem):
    """The machine did not let us: a file, a folder, a port."""

    code = "machine:refused"
    status = 500
    title = _("The machine did not allow it")
    remedy = _("See that what is named exists, has room and may be used, then try again")


class DatabaseAway(Problem):
    """Nobody answers where the database should be, or lets us in."""

    code = "database:away"
    status = 503
    title = _("The database cannot be asked")
    remedy = _("See that the house runs (`senim up`), then try again")


class DatabaseRefused(Problem):
    """The database is there and would not do it."""

    code = "database:refused"
    status = 500
    title = _("The database refused")
    remedy = _("Try again; if it stays so, look at the database's log")


_DatabaseError = psycopg.Error | DjangoDatabaseError
Failure = Problem | click.ClickException | click.Abort | OSError | _DatabaseError
"""Everything that may end a command without being a mistake of ours: those keep their stack trace."""
FAILURES: tuple[type[Failure], ...] = get_args(Failure)
_LOST = (psycopg.OperationalError, psycopg.InterfaceError, OperationalError, InterfaceError)
"""What is raised where no server answers, or no longer; a server that answers says an SQLSTATE."""
_GOING_AWAY = "57P"
"""SQLSTATE class of a server that shuts down, crashed or is not up yet (PostgreSQL manual, appendix A)."""
_USAGE: tuple[tuple[type[click.ClickException], type[NotUnderstood]], ...] = (
    (click.NoSuchOption, Unknown),
    (click.exceptions.NoSuchCommand, Unknown),
    (click.MissingParameter, SomethingMissing),
    (click.BadParameter, BadValue),
    (click.ClickException, NotUnderstood),
)


def raise_unless_text(arguments: Sequence[str]) -> None:
    """Raise `NoText` where one of `arguments` came as bytes that Python could not read."""
    for number, argument in enumerate(arguments, start=1):
        if not argument.isascii() and any(map(_is_byte, argument)):
            raise NoText(str(number))


def _is_byte(letter: str) -> bool:
    """Whether `letter` stands for a byte that was no UTF-8 (PEP 383)."""
    return "\udc80" <= letter <= "\udcff"


def as_problem(failure: Failure) -> Problem:
    """`failure` as a refusal with code, title, detail and remedy."""
    match failure:
        case Problem():
            return failure
        case click.ClickException():
            kind = next(ours for theirs, ours in _USAGE if isinstance(failure, theirs))
            return kind(failure.format_message().rstrip("."))
        case click.Abort():
            return Stopped()
        case OSError():
            return MachineRefused(": ".join(str(part) for part in (failure.filename, failure.strerror) if part))
    return _of_database(failure)


def _of_database(failure: _DatabaseError) -> Problem:
    cause = failure if isinstance(failure, psycopg.Error) else failure.__cause__
    state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
    said = str(failure).strip().partition("\n")[0].rstrip(".")
    is_lost = isinstance(failure, _LOST) and state is None
    return DatabaseAway(said) if is_lost or (state or "").startswith(_GOING_AWAY) else DatabaseRefused(said)
