"""`senim run PROCESS`: what the supervisor calls to start one of our own processes."""

import os

import click
import django

from senim.kit import secrets
from senim.kit.instance import Instance
from senim.site.confined import become
from senim.site.processes import PROGRAMS
from senim.site.startup import raise_if_unfit


@click.command(hidden=True)
@click.argument("name", type=click.Choice([program.name for program in PROGRAMS if not program.is_bare]))
def run(name: str) -> None:
    """Be one process of the house until told to stop."""
    os.environ["SENIM_PROCESS"] = name
    os.environ["DJANGO_SETTINGS_MODULE"] = "senim.site.settings"
    instance = Instance.load()
    program = next(p for p in PROGRAMS if p.name == name)
    django.setup()
    raise_if_unfit(instance, [name])
    become(program, instance, secrets.load(instance, name))
