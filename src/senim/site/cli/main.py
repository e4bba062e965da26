"""The root of the command line: one subcommand a file."""

import sys
from typing import NoReturn

import click
from django.db import DatabaseError

from senim.kit.files import ExposedFile
from senim.kit.instance import BadSettings
from senim.site.cli.accounts import accounts
from senim.site.cli.asoi import asoi
from senim.site.cli.audit import audit
from senim.site.cli.bench import bench
from senim.site.cli.clauses import clauses
from senim.site.cli.demo import demo
from senim.site.cli.doctor import doctor
from senim.site.cli.drill import drill
from senim.site.cli.forget import forget
from senim.site.cli.init import init
from senim.site.cli.language import speak
from senim.site.cli.oncall import oncall
from senim.site.cli.rules import rules
from senim.site.cli.run import run
from senim.site.cli.up import up
from senim.site.startup import Refused

COULD_NOT, USAGE = 2, 3


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="senim")
def senim() -> None:
    """Senim: a credit bureau's remote services and security office, with proof."""


for command in (accounts, asoi, audit, bench, clauses, demo, doctor, drill, forget, init, oncall, rules, run, up):
    senim.add_command(command)


def main() -> None:
    """Run the command; a refusal is one line on standard error, never a stack trace.

    Exit 3: usage or settings. Exit 2: the machine did not let us (disk, network, database).
    """
    click.UsageError.exit_code = USAGE
    try:
        senim(standalone_mode=True)
    except (BadSettings, ExposedFile, Refused) as refusal:
        _end(refusal, USAGE)
    except (OSError, DatabaseError) as failure:
        _end(failure, COULD_NOT)


def _end(reason: Exception, code: int) -> NoReturn:
    speak()
    click.echo(f"senim: {str(reason).strip()}", err=True)
    sys.exit(code)
