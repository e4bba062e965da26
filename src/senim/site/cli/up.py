"""`senim up`: run the house until Ctrl-C."""

import signal
from types import FrameType

import click
from django.utils.translation import gettext as _

from senim.asoi.checks import ending_soon
from senim.site.cli.operator import as_operator
from senim.site.embedded.postgres import EngineFailed
from senim.site.supervisor.child import WillNotStart
from senim.site.supervisor.up import AlreadyRunning, Supervisor
from senim.site.welcome import let_people_be_there, welcome


@click.command()
def up() -> None:
    """Start everything, keep it running, stop it on Ctrl-C."""
    instance = as_operator()
    signal.signal(signal.SIGTERM, _stop)
    supervisor = Supervisor(instance, click.echo)
    try:
        supervisor.start()
        if instance.is_demonstration:
            let_people_be_there(instance, supervisor.tend)
            welcome(instance, click.echo, supervisor.tend)
        for finding in ending_soon(instance):
            click.echo(f"{finding.name}: {finding.reason}")
        click.echo(_("Senim is up. Ctrl-C stops it."))
        supervisor.watch()
    except (AlreadyRunning, EngineFailed, WillNotStart) as refusal:
        raise click.ClickException(str(refusal)) from refusal
    except KeyboardInterrupt:
        return
    finally:
        supervisor.stop()


def _stop(_number: int, _frame: FrameType | None) -> None:
    """Let SIGTERM end the start as Ctrl-C does; once everything runs, the supervisor listens by itself."""
    raise KeyboardInterrupt
