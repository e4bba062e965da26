"""`senim init`: found an instance."""

from pathlib import Path

import click
from django.utils.translation import gettext as _

from senim.kit.instance import Profile
from senim.site.cli.answer import answer, json_wish
from senim.site.cli.language import speak
from senim.site.founding import found


@click.command()
@click.option("--home", type=click.Path(path_type=Path), envvar="SENIM_HOME", default="var", show_default=True)
@click.option(
    "--profile", type=click.Choice([p.value for p in Profile]), default=Profile.PRODUCTION.value, show_default=True
)
@click.option("--any-ports", is_flag=True, help="A demonstration on any free ports, beside others.")
@json_wish
def init(home: Path, profile: str, any_ports: bool, as_json: bool) -> None:
    """Make the folder, settings, secrets and keys of a new instance. What exists stays as it is."""
    instance = found(home, Profile(profile), usual_ports=not any_ports)
    speak()
    told = {"home": str(instance.home), "profile": instance.profile.value}
    answer(told, _("%(profile)s instance at %(home)s") % told, as_json=as_json)
