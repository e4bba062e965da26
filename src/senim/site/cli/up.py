"""`senim up`: run the house until Ctrl-C."""

import click

from senim.kit.instance import Instance
from senim.site.supervisor.child import WillNotStart
from senim.site.supervisor.up import AlreadyRunning, Supervisor


@click.command()
def up() -> None:
    """Start everything, keep it running, stop it on Ctrl-C."""
    supervisor = Supervisor(Instance.load(), lambda text: click.echo(text))
    try:
        supervisor.start()
    except (AlreadyRunning, WillNotStart) as refusal:
        raise click.ClickException(str(refusal)) from refusal
    click.echo("Senim is up.")
    try:
        supervisor.watch()
    finally:
        supervisor.stop()
