"""`senim drill`: attack the running house for real and say what it made of it."""

import getpass
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click
import msgspec
from django.utils.translation import gettext as _

from senim.exercises.console import ConsoleClient, Who
from senim.exercises.drill import Drill, Player, Result
from senim.exercises.drill import drill as play
from senim.exercises.errors import CodeRefused
from senim.exercises.repertoire import ATTACKS, KINDS, NEAR_MISSES
from senim.exercises.scenario import Scenario, Stage
from senim.kit.clock import now
from senim.kit.files import read_private
from senim.kit.instance import Instance
from senim.site.cli.answer import answer, aside, json_wish
from senim.site.cli.ending import Exit
from senim.site.cli.operator import as_operator
from senim.site.web import console_settings

Say = Callable[[str], None]


@dataclass(frozen=True)
class Given:
    """What the command line says about who plays."""

    user: str | None
    password_file: Path | None


@click.command()
@click.option("--kind", type=click.Choice([str(kind) for kind in KINDS]), help="Play this item of R228/81-1 only.")
@click.option("--all", "every", is_flag=True, help="Play every attack and every near miss.")
@click.option("--benign", is_flag=True, help="Play near misses only: nothing may be raised.")
@click.option("--only", default="", help="Of these only what is called so, or begins so: sshd.")
@click.option("--user", help="An administrator's user name; without it a demonstration's own administrator plays.")
@click.option(
    "--password-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Read the password from this file, which nobody else may read.",
)
@json_wish
def drill(
    *,
    kind: str | None,
    every: bool,
    benign: bool,
    only: str,
    user: str | None,
    password_file: Path | None,
    as_json: bool,
) -> None:
    """Play real attacks and report: detected? which incident? when did the regulator have it?

    Needs an administrator and a one-time code, which is asked for: a program writes it to standard input. Is refused
    unless the receiving certificate is a stand-in's.
    Exit 0: all as it should be; 1: not; 2: not played.
    """
    instance = as_operator()
    attacks, near_misses = (
        [each for each in scenarios if each.name.startswith(only)]
        for scenarios in _chosen(kind, every=every, benign=benign)
    )
    if not (attacks or near_misses):
        raise click.UsageError(_("nothing is called {name}").format(name=only))
    say = _say_nothing if as_json else aside
    with _console(instance) as console:
        given = Given(user, password_file)
        _sign_in(console, instance, given, say)
        renew = partial(_renew, console, instance, given, say)
        report = play(Player(console, Stage(instance, console), say, renew), attacks, near_misses)
    answer(msgspec.to_builtins(report), "\n".join(_told(report, len(near_misses))), as_json=as_json)
    sys.exit(Exit.DONE if report.went_well else Exit.WRONG)


def _chosen(kind: str | None, *, every: bool, benign: bool) -> tuple[Sequence[Scenario], Sequence[Scenario]]:
    """The attacks and the near misses to play. Raises `UsageError` unless exactly one wish is given."""
    if (kind is not None) + every + benign != 1:
        raise click.UsageError(_("say one of --kind N, --all, --benign"))
    if kind is None:
        return (() if benign else ATTACKS), NEAR_MISSES
    item = int(kind)
    return [each for each in ATTACKS if each.kind == item], [each for each in NEAR_MISSES if each.kind == item]


def _say_nothing(_text: str) -> None:
    """JSON is all that a program wants to read."""


def _console(instance: Instance) -> ConsoleClient:
    console = console_settings(instance)
    return ConsoleClient(f"https://{console.host}:{console.port}", instance.trust("ca"))


def _sign_in(console: ConsoleClient, instance: Instance, given: Given, say: Say) -> None:
    """Sign in as whoever is given, else as the demonstration's administrator; after a spent code the next."""
    if given.user is not None or not instance.is_demonstration:
        console.sign_in(_person(given))
        return
    try:
        console.sign_in(_made_up_administrator(instance))
    except CodeRefused:
        console.give_code(_next_code(instance, say))


def _renew(console: ConsoleClient, instance: Instance, given: Given, say: Say) -> None:
    """Give another code: undetected attacks are waited for so long that the first becomes too old."""
    say(_("the console asks for another one-time code"))
    if given.user is not None or not instance.is_demonstration:
        console.renew_code(click.prompt(_("One-time code"), err=True))
    else:
        console.renew_code(_next_code(instance, say))


def _next_code(instance: Instance, say: Say) -> str:
    wait = _seconds_to_next_code()
    say(_("this one-time code is spent; waiting {seconds} s for the next one").format(seconds=round(wait)))
    time.sleep(wait)
    return _made_up_administrator(instance).code


def _person(given: Given) -> Who:
    name = given.user or click.prompt(_("User name"), err=True)
    # Neither stands in the command, where everybody on the machine could read it.
    kept = given.password_file and read_private(given.password_file).decode().strip()
    password = kept or getpass.getpass(_("Password: "))
    return Who(name, password, click.prompt(_("One-time code"), err=True))


def _made_up_administrator(instance: Instance) -> Who:
    from senim.identity.factors import code_at
    from senim.identity.permissions import Role
    from senim.site.demonstration import people

    person = next(each for each in people(instance) if each.role is Role.ADMINISTRATOR)
    return Who(person.username, person.password, code_at(person.secret, now()))


def _seconds_to_next_code() -> float:
    from senim.identity.factors import STEP_SECONDS

    return STEP_SECONDS - now().timestamp() % STEP_SECONDS + 0.2


def _told(report: Drill, near_misses: int) -> Iterator[str]:
    """The report as a person reads it."""
    for result in report.results:
        yield from _told_of(result)
    if report.broken_off is not None:
        yield _("BROKEN OFF, the other attacks were not played: {why}").format(why=report.broken_off)
    if near_misses:
        yield _("near misses: {number} played, {alerts} alerts, {incidents} incidents").format(
            number=near_misses, alerts=report.benign.alerts, incidents=report.benign.incidents
        )


def _told_of(result: Result) -> Iterator[str]:
    named = {"kind": result.kind, "scenario": result.scenario}
    if not result.detected:
        yield _("R228/81-1({kind}), {scenario}: NOT DETECTED").format(**named)
        return
    if result.incident is None:
        yield _("R228/81-1({kind}), {scenario}: detected, NO INCIDENT").format(**named)
        return
    yield _("R228/81-1({kind}), {scenario}: incident {number}, graded {graded}").format(
        **named, number=result.incident, graded=result.graded_kind
    )
    if result.recorded is not None:
        yield _("  in the recorded format, not by a real program: {why}").format(why=result.recorded)
    times = (result.event_to_incident_s, result.event_to_send_s, result.receipt_s)
    opened, sent, receipt = (_("not yet") if at is None else f"{at:.2f} s" for at in times)
    yield _("  from the deciding event: incident {opened}, sent {sent}, receipt {receipt}").format(
        opened=opened, sent=sent, receipt=receipt
    )
