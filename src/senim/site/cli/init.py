"""`senim init`: found an instance."""

import json
from pathlib import Path

import click

from senim.kit.instance import Profile
from senim.site.founding import found


@click.command()
@click.option("--home", type=click.Path(path_type=Path), envvar="SENIM_HOME", default="var", show_default=True)
@click.option(
    "--profile", type=click.Choice([p.value for p in Profile]), default=Profile.PRODUCTION.value, show_default=True
)
@click.option("--any-ports", is_flag=True, help="A demonstration on any free ports, beside others.")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
def init(home: Path, profile: str, any_ports: bool, as_json: bool) -> None:
    """Make the folder, settings, secrets and keys of a new instance. What exists stays as it is."""
    instance = found(home, Profile(profile), usual_ports=not any_ports)
    if as_json:
        click.echo(json.dumps({"home": str(instance.home), "profile": instance.profile.value}))
    else:
        click.echo(f"{instance.profile} instance at {instance.home}")
