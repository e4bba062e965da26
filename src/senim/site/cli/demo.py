"""`senim demo`: the made-up people of a demonstration, and their one-time codes. Exists nowhere else, by fact."""

import os

import click
import django
from django.utils.translation import gettext as _

from senim.kit.clock import now
from senim.kit.instance import Instance
from senim.site.cli.answer import answer, aside, json_wish
from senim.site.cli.language import speak
from senim.site.cli.operator import as_operator


@click.group()
def demo() -> None:
    """The people of a demonstration: their passwords and one-time codes."""


@demo.command()
@json_wish
def accounts(as_json: bool) -> None:
    """Who can sign in here, with which password."""
    instance = as_operator()
    from senim.site.demonstration import people, people_told

    found = people(instance)
    told = [{"username": p.username, "role": p.role, "name": p.full_name, "password": p.password} for p in found]
    answer(told, people_told(found), as_json=as_json)


@demo.command()
@click.argument("username")
@json_wish
def code(username: str, as_json: bool) -> None:
    """The one-time code that USERNAME's authenticator would show now. Each is good for one use."""
    instance = as_operator()
    from senim.identity.errors import NoSuchAccount
    from senim.identity.factors import STEP_SECONDS, code_at
    from senim.site.demonstration import people

    person = next((each for each in people(instance) if each.username == username), None)
    if person is None:
        raise NoSuchAccount(username)
    moment = now()
    shown, left = code_at(person.secret, moment), STEP_SECONDS - int(moment.timestamp()) % STEP_SECONDS
    answer({"username": username, "code": shown, "seconds_left": left}, shown, as_json=as_json)
    if not as_json:
        aside(_("good for %(seconds)d seconds more, and for one use") % {"seconds": left})


@demo.command(hidden=True)
def enrol() -> None:
    """Let the accounts of the demonstration be there: what the supervisor calls once the schema is. As the console."""
    os.environ["SENIM_PROCESS"] = "console"
    os.environ["DJANGO_SETTINGS_MODULE"] = "senim.site.settings"
    instance = Instance.load()
    django.setup()
    speak()
    from senim.site.demonstration import ensure_people

    ensure_people(instance)
