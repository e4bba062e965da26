"""The root of the command line: one subcommand a file."""

import sys

import click

from senim.kit.files import ExposedFile
from senim.kit.instance import BadSettings
from senim.site.cli.accounts import accounts
from senim.site.cli.asoi import asoi
from senim.site.cli.audit import audit
from senim.site.cli.bench import bench
from senim.site.cli.clauses import clauses
from senim.site.cli.demo import demo
from senim.site.cli.drill import drill
from senim.site.cli.forget import forget
from senim.site.cli.init import init
from senim.site.cli.language import speak
from senim.site.cli.rules import rules
from senim.site.cli.run import run
from senim.site.cli.up import up
from senim.site.startup import Refused

USAGE = 3


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="senim")
def senim() -> None:
    """Senim: a credit bureau's remote services and security office, with proof."""


for command in (accounts, asoi, audit, bench, clauses, demo, drill, forget, init, rules, run, up):
    senim.add_command(command)


def main() -> None:
    """Run the command; a refusal is one line on standard error and exit 3, never a stack trace."""
    try:
        senim(standalone_mode=True)
    except (BadSettings, ExposedFile, Refused) as refusal:
        speak()
        click.echo(f"senim: {refusal}", err=True)
        sys.exit(USAGE)
