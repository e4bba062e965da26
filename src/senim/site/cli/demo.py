"""`senim demo`: the made-up people of a demonstration, and their one-time codes. Exists nowhere else, by fact."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
import django
from django.utils.translation import gettext as _

from senim.kit.clock import now
from senim.kit.instance import Instance
from senim.kit.problems import Problem
from senim.site.cli.language import speak
from senim.site.cli.operator import as_operator

REFUSED = 3


@click.group()
def demo() -> None:
    """The people of a demonstration: their passwords and one-time codes."""


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except (Problem, OSError) as refusal:
        click.echo(f"senim: {refusal}", err=True)
        sys.exit(REFUSED)


@demo.command()
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
def accounts(as_json: bool) -> None:
    """Who can sign in here, with which password."""
    with _refusals():
        instance = as_operator()
        from senim.identity.permissions import ROLE_NAMES
        from senim.site.demonstration import people

        found = people(instance)
    if as_json:
        told = [{"username": p.username, "role": p.role, "name": p.full_name, "password": p.password} for p in found]
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    for person in found:
        click.echo(f"{person.username:<14} {person.password:<18} {person.full_name}, {ROLE_NAMES[person.role]}")
    click.echo(_("One-time codes: senim demo code NAME"))


@demo.command()
@click.argument("username")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
def code(username: str, as_json: bool) -> None:
    """The one-time code that USERNAME's authenticator would show now. Each is good for one use."""
    with _refusals():
        instance = as_operator()
        from senim.identity.errors import NoSuchAccount
        from senim.identity.factors import STEP_SECONDS, code_at
        from senim.site.demonstration import people

        person = next((each for each in people(instance) if each.username == username), None)
        if person is None:
            raise NoSuchAccount(username)
    moment = now()
    shown, left = code_at(person.secret, moment), STEP_SECONDS - int(moment.timestamp()) % STEP_SECONDS
    if as_json:
        click.echo(json.dumps({"username": username, "code": shown, "seconds_left": left}))
    else:
        click.echo(shown)
        click.echo(_("good for %(seconds)d seconds more, and for one use") % {"seconds": left}, err=True)


@demo.command(hidden=True)
def enrol() -> None:
    """Let the accounts of the demonstration be there: what the supervisor calls once the schema is. As the console."""
    os.environ["SENIM_PROCESS"] = "console"
    os.environ["DJANGO_SETTINGS_MODULE"] = "senim.site.settings"
    instance = Instance.load()
    django.setup()
    speak()
    with _refusals():
        from senim.site.demonstration import ensure_people

        ensure_people(instance)
