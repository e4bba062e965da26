"""`senim forget`: remove what an instance keeps outside its folder, before the folder itself is removed."""

from pathlib import Path

import click
from django.utils.translation import gettext as _

from senim.identity.errors import NotADemonstration
from senim.kit.instance import Instance
from senim.site.cli.answer import answer, json_wish
from senim.site.cli.language import speak
from senim.site.embedded import place
from senim.site.supervisor.up import Supervisor


@click.command()
@click.option("--home", type=click.Path(path_type=Path), envvar="SENIM_HOME", default="var", show_default=True)
@json_wish
def forget(home: Path, as_json: bool) -> None:
    """Remove the engines' data of a demonstration that nobody runs. Its history is gone for good."""
    instance = Instance.load(home)
    speak()
    if not instance.is_demonstration:
        raise NotADemonstration
    with Supervisor(instance, click.echo).alone():
        place.forget(instance)
    text = _("The engines' data of %(home)s is removed.")
    answer({"home": str(instance.home), "forgotten": True}, text % {"home": instance.home}, as_json=as_json)
