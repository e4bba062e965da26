"""`python -m stand_ins.tsa COMMAND --home DIR`: make a key, stamp, misbehave."""

import argparse
import datetime
import sys
from pathlib import Path

from stand_ins.tsa.behaviour import MEANINGS, Behaviour, Mode, behave, now
from stand_ins.tsa.keys import init
from stand_ins.tsa.server import serve


def main() -> int:
    """The command. 0 done, 2 refused with a reason."""
    arguments = _parser().parse_args()
    try:
        arguments.run(arguments)
    except (OSError, ValueError) as error:
        print(f"refused: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stand_ins.tsa", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, text in (
        ("init", lambda a: init(a.home), "make key and certificate request"),
        ("serve", lambda a: serve(a.home, a.port), "stamp until told to stop"),
        ("misbehave", _misbehave, "; ".join(f"{mode}: {meaning}" for mode, meaning in MEANINGS.items())),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--home", type=Path, required=True, metavar="DIR")
        command.set_defaults(run=run)
        if name == "serve":
            command.add_argument("--port", type=int, required=True)
        if name == "misbehave":
            command.add_argument("mode", type=Mode)
            command.add_argument("--seconds", type=float, help="for S seconds, then well again")
            command.add_argument("--delay", type=float, default=10.0, help="late and clock-off only")
    return parser


def _misbehave(arguments: argparse.Namespace) -> None:
    until = None if arguments.seconds is None else now() + datetime.timedelta(seconds=arguments.seconds)
    behave(arguments.home, Behaviour(arguments.mode, until, arguments.delay))


if __name__ == "__main__":
    sys.exit(main())
