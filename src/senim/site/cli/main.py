"""The root of the command line: one subcommand a file."""

import gc
import importlib
import sys
from collections.abc import Iterator, Mapping
from typing import NoReturn

import click

from senim.site.cli.answer import speak_every_letter
from senim.site.cli.ending import Exit, end
from senim.site.cli.outside import FAILURES, raise_unless_text
from senim.site.cli.usage import speak_from_now, translate

NAMES = (
    *("accounts", "annual-report", "asoi", "audit", "bench", "clauses", "coverage", "demo", "doctor", "drill"),
    *("events", "feed", "forget", "incidents", "init", "oncall", "proof", "registers", "rules", "run", "services"),
    *("sources", "up"),
)


class Commands(Mapping[str, click.Command]):
    """Every command by its name, each read from its file when it is asked for.

    A process of the house is one command (`senim run`), and would otherwise spend a quarter of its start on the others.
    """

    def __getitem__(self, name: str) -> click.Command:
        if name not in NAMES:
            raise KeyError(name)
        module = name.replace("-", "_")
        command: click.Command = getattr(importlib.import_module(f"senim.site.cli.{module}"), module)
        return translate(command)

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


@click.group(commands=Commands(), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="senim")
def senim() -> None:
    """Senim: a credit bureau's remote services and security office, with proof."""


def main() -> NoReturn:
    """Run the command; however it fails, `site.cli.ending` says so, and never by a stack trace."""
    given = sys.argv[1:]
    try:
        speak_every_letter()
        speak_from_now()
        translate(senim)
        raise_unless_text(given)
        code = senim.main(given, prog_name="senim", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as asked:
        asked.show()
        code = Exit.USAGE
    except FAILURES as failure:
        # Not asked of click: where the command was not understood, it does not know the options either.
        code = end(failure, as_json="--json" in given)
    gc.freeze()  # what ends as a whole is not taken apart before: that would take a third as long as its start
    sys.exit(code)
