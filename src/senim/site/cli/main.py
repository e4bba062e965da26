"""The root of the command line: one subcommand a file."""

import sys
from typing import NoReturn

import click

from senim.site.cli.accounts import accounts
from senim.site.cli.answer import speak_every_letter
from senim.site.cli.asoi import asoi
from senim.site.cli.audit import audit
from senim.site.cli.bench import bench
from senim.site.cli.clauses import clauses
from senim.site.cli.coverage import coverage
from senim.site.cli.demo import demo
from senim.site.cli.doctor import doctor
from senim.site.cli.drill import drill
from senim.site.cli.ending import Exit, end
from senim.site.cli.events import events
from senim.site.cli.forget import forget
from senim.site.cli.incidents import incidents
from senim.site.cli.init import init
from senim.site.cli.oncall import oncall
from senim.site.cli.outside import FAILURES, raise_unless_text
from senim.site.cli.rules import rules
from senim.site.cli.run import run
from senim.site.cli.services import services
from senim.site.cli.sources import sources
from senim.site.cli.up import up
from senim.site.cli.usage import speak_of


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="senim")
def senim() -> None:
    """Senim: a credit bureau's remote services and security office, with proof."""


for command in (
    *(accounts, asoi, audit, bench, clauses, coverage, demo, doctor, drill, events, forget, incidents, init, oncall),
    *(rules, run, services, sources, up),
):
    senim.add_command(command)


def main() -> NoReturn:
    """Run the command; however it fails, `site.cli.ending` says so, and never by a stack trace."""
    given = sys.argv[1:]
    try:
        speak_every_letter()
        speak_of(senim)
        raise_unless_text(given)
        code = senim.main(given, prog_name="senim", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as asked:
        asked.show()
        code = Exit.USAGE
    except FAILURES as failure:
        # Not asked of click: where the command was not understood, it does not know the options either.
        code = end(failure, as_json="--json" in given)
    sys.exit(code)
