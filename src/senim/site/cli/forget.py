"""`senim forget`: remove what an instance keeps outside its folder, before the folder itself is removed."""

from pathlib import Path

import click

from senim.kit.instance import Instance
from senim.site.embedded import place
from senim.site.supervisor.up import AlreadyRunning, Supervisor


@click.command()
@click.option("--home", type=click.Path(path_type=Path), envvar="SENIM_HOME", default="var", show_default=True)
def forget(home: Path) -> None:
    """Remove the engines' data of a demonstration that nobody runs. Its history is gone for good."""
    instance = Instance.load(home)
    if not instance.is_demonstration:
        raise click.ClickException("only a demonstration is forgotten by a command")
    try:
        with Supervisor(instance, click.echo).alone():
            place.forget(instance)
    except AlreadyRunning as refusal:
        raise click.ClickException(str(refusal)) from refusal
