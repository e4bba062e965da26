"""`senim forget`: remove what an instance keeps outside its folder, before the folder itself is removed."""

import shutil
from pathlib import Path

import click

from senim.kit.instance import Instance
from senim.site.embedded.place import engine_home, socket_folder
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
            for folder in (engine_home(instance), socket_folder(instance)):
                shutil.rmtree(folder, ignore_errors=True)
    except AlreadyRunning as refusal:
        raise click.ClickException(str(refusal)) from refusal
