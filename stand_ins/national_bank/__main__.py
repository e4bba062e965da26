"""`python -m stand_ins.national_bank COMMAND --home DIR`: make keys, pass on, show what was passed on, misbehave."""

import argparse
import datetime
import json
import sys
from pathlib import Path

from stand_ins.asoi.clock import now
from stand_ins.asoi.credentials import NotReady
from stand_ins.national_bank.behaviour import MEANINGS, Behaviour, Mode, behave
from stand_ins.national_bank.keys import init
from stand_ins.national_bank.passed import passed
from stand_ins.national_bank.serve import serve


def main() -> int:
    """The command. 0 done, 2 refused with a reason."""
    arguments = _parser().parse_args()
    try:
        arguments.run(arguments)
    except (NotReady, OSError, ValueError) as error:
        print(f"refused: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stand_ins.national_bank", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, text in (
        ("init", lambda a: init(a.home), "make keys and certificate requests"),
        ("serve", lambda a: serve(a.home, a.port, a.asoi), "pass messages on until told to stop"),
        ("list", _show, "what was passed on, as JSON"),
        ("misbehave", _misbehave, "; ".join(f"{mode}: {meaning}" for mode, meaning in MEANINGS.items())),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--home", type=Path, required=True, metavar="DIR")
        command.set_defaults(run=run)
        if name == "serve":
            command.add_argument("--port", type=int, required=True, help="where bureaus deliver (POST /messages)")
            command.add_argument("--asoi", required=True, metavar="URL", help="where ASOI takes messages: https://…")
        if name == "misbehave":
            command.add_argument("mode", type=Mode)
            command.add_argument("--seconds", type=float, help="for S seconds, then well again")
    return parser


def _show(arguments: argparse.Namespace) -> None:
    print(json.dumps(passed(arguments.home), indent=2))


def _misbehave(arguments: argparse.Namespace) -> None:
    until = None if arguments.seconds is None else now() + datetime.timedelta(seconds=arguments.seconds)
    behave(arguments.home, Behaviour(arguments.mode, until))


if __name__ == "__main__":
    sys.exit(main())
