"""How a command ends: what each exit code means, which failure ends with which, and how it is told.

Standard error is for people: one line that says what is wrong and what to do next, in the terminal's language. With
`--json` standard output is for programs, and holds one JSON document however the command ends: its answer, or
`{"error": {"code", "title", "detail", "remedy"}}`. Standard error would be no place for that document: prompts,
progress and warnings go there as well.
"""

from enum import IntEnum

import click

from senim.asoi.errors import CertificateUnreadable, Unanswered
from senim.audit.errors import CannotVerify
from senim.compliance.tree import NoSourceTree
from senim.exercises.errors import NotMeasured, NotPlayed
from senim.history.errors import HistoryAbsent, HistoryUnreadable, SearchesBusy
from senim.identity.errors import NobodyYet, NotADemonstration
from senim.kit.files import ExposedFile, FileThere, Unnamed
from senim.kit.instance import BadSettings
from senim.kit.problems import Problem
from senim.site.cli import outside
from senim.site.cli.answer import document
from senim.site.cli.language import speak
from senim.site.cli.outside import Failure, as_problem
from senim.site.embedded.postgres import EngineFailed
from senim.site.startup import Refused
from senim.site.supervisor.child import WillNotStart
from senim.site.supervisor.listening import NoPort


class Exit(IntEnum):
    """What the exit code of every command means."""

    DONE = 0
    WRONG = 1
    """Something was found wrong, or refused: tampered, not delivered, no such account."""
    COULD_NOT = 2
    """It could not be asked, checked or carried out: the house stands still, the database is away, no room."""
    USAGE = 3
    """The command or the settings: a bad option, no instance, one that must not start as it is, open secrets."""


_USAGE = (outside.NotUnderstood, BadSettings, ExposedFile, FileThere, Refused, NotADemonstration, NoSourceTree)
_COULD_NOT = (
    outside.Stopped,
    outside.MachineRefused,
    outside.DatabaseAway,
    outside.DatabaseRefused,
    CannotVerify,
    CertificateUnreadable,
    HistoryAbsent,
    HistoryUnreadable,
    NobodyYet,
    SearchesBusy,
    Unanswered,
    Unnamed,
    NotPlayed,
    NotMeasured,
    EngineFailed,
    WillNotStart,
    NoPort,
)


def exit_of(problem: Problem) -> Exit:
    """With which code `problem` ends a command: what is named neither as usage nor as impossible was refused."""
    if isinstance(problem, _USAGE):
        return Exit.USAGE
    return Exit.COULD_NOT if isinstance(problem, _COULD_NOT) else Exit.WRONG


def end(failure: Failure, *, as_json: bool) -> Exit:
    """Tell `failure` to the person at the terminal and, where wished, to the program; with which code to end."""
    speak()
    problem = as_problem(failure)
    click.echo(f"senim: {str(problem).strip()}", err=True)
    if as_json:
        click.echo(document({"error": _document(problem)}))
    return exit_of(problem)


def _document(problem: Problem) -> dict[str, object]:
    """`problem` for programs: what RFC 9457 calls it without what only HTTP needs, the four words that always come."""
    told = problem.as_json()
    first = {word: told.pop(word) for word in ("code", "title", "detail", "remedy")}
    return {**first, **{word: told[word] for word in told if word not in {"type", "status"}}}
