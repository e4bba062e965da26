"""`senim up`: run the house until Ctrl-C."""

import signal
from contextlib import suppress
from types import FrameType

import click
from django.utils.translation import gettext as _

from senim.asoi.checks import ending_soon
from senim.kit.files import ExposedFile
from senim.kit.instance import BadSettings, Instance
from senim.kit.process import keep_memory_private
from senim.site.cli.answer import answer, aside, json_wish
from senim.site.cli.language import speak
from senim.site.cli.operator import as_operator
from senim.site.startup import raise_if_unfit
from senim.site.supervisor.up import Supervisor
from senim.site.web import console_settings
from senim.site.welcome import let_people_be_there, welcome


@click.command()
@json_wish
def up(as_json: bool) -> None:
    """Start everything, keep it running, stop it on Ctrl-C.

    With --json one document says that the house is up; whatever else there is to say goes to standard error.
    """
    keep_memory_private()  # the administrator's secret of the bureau's own database stands in its environment
    instance = _ready()
    signal.signal(signal.SIGTERM, _stop)
    say = aside if as_json else click.echo
    supervisor = Supervisor(instance, say)
    try:
        supervisor.start()
        if instance.is_demonstration:
            let_people_be_there(instance, supervisor.tend)
            welcome(instance, _who(instance), say, supervisor.tend)
        for finding in ending_soon(instance):
            say(f"{finding.name}: {finding.reason}")
        answer(_standing(supervisor), _("Senim is up. Ctrl-C stops it."), as_json=as_json)
        supervisor.watch()
    except KeyboardInterrupt:
        pass
    finally:
        supervisor.stop()
    with suppress(OSError):  # the terminal may be gone
        say(_("Senim has stopped."))


def _ready() -> Instance:
    """The instance, as other commands get it; where that fails, everything that forbids the start is named at once."""
    try:
        return as_operator()
    except (BadSettings, ExposedFile):
        speak()
        raise_if_unfit(Instance.load())
        raise


def _who(instance: Instance) -> str:
    """The people of the demonstration; their room has models, which load only once Django is ready."""
    from senim.site.demonstration import people, people_told

    return people_told(people(instance))


def _standing(supervisor: Supervisor) -> dict[str, object]:
    instance = supervisor.instance
    return {
        "home": str(instance.home),
        "profile": instance.profile.value,
        "console_port": console_settings(instance).port,
        "processes": {child.name: child.pid for child in supervisor.children},
    }


def _stop(_number: int, _frame: FrameType | None) -> None:
    """Let SIGTERM end the start as Ctrl-C does; once everything runs, the supervisor listens by itself."""
    raise KeyboardInterrupt
