"""The command line: make keys, serve, take files, show what was received, misbehave."""

import argparse
import datetime
import sys
from pathlib import Path
from uuid import UUID

from stand_ins.asoi import keys
from stand_ins.asoi.behaviour import MEANINGS, Behaviour, Mode
from stand_ins.asoi.cli import reading, taking
from stand_ins.asoi.clock import now
from stand_ins.asoi.credentials import NotReady
from stand_ins.asoi.refusal import Refused
from stand_ins.asoi.server.serve import serve
from stand_ins.asoi.server.tls import HOST
from stand_ins.asoi.store import CannotKeep


def main() -> int:
    """The command. 0 done, 1 nothing there, 2 refused with a reason."""
    arguments = _parser().parse_args()
    try:
        return int(arguments.run(arguments) or 0)
    except (NotReady, CannotKeep, Refused, OSError, ValueError) as error:
        print(f"refused: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stand_ins.asoi", description="A stand-in for ASOI.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name, help=text, description=text, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        made.add_argument("--home", type=Path, required=True, metavar="DIR", help="the stand-in's folder")
        made.set_defaults(run=run)
        return made

    command("init", lambda a: keys.init(a.home), "make keys and certificate requests")

    starting = command("serve", _serve, "receive messages, until told to stop")
    starting.add_argument("--port", type=int, required=True, help="where bureaus deliver (POST /messages)")
    starting.add_argument("--page-port", type=int, help="where people look (default: PORT + 1)")
    starting.add_argument("--host", default=HOST, help=f"{HOST}, and no other address")

    carried = command("receive", taking.receive_file, "take a message that came as a file, and give the receipt as one")
    carried.add_argument("file", type=Path, metavar="FILE", help="the message, as the bureau sealed it (.p7m)")
    carried.add_argument("--out", type=Path, required=True, metavar="FILE", help="where the receipt is written (.p7m)")

    listing = command("list", reading.show_list, "what was received, in the order of arrival")
    listing.add_argument("--json", action="store_true")
    listing.add_argument("--full", action="store_true", help="with what each says and its receipt (JSON)")

    showing = command("show", reading.show_one, "one message and its receipt")
    showing.add_argument("id", type=UUID)
    showing.add_argument("--json", action="store_true")

    complete = command("completeness", reading.show_completeness, "whether every batch of events has come")
    complete.add_argument("--json", action="store_true")

    witnessed = command("checkpoints", reading.export_checkpoints, "write out the audit checkpoints in the messages")
    where = "a folder (every checkpoint, a file each) or a file (the latest)"
    witnessed.add_argument("--out", required=True, metavar="DIR/|FILE", help=where)

    ways = "\n".join(f"  {mode:16} {meaning}" for mode, meaning in MEANINGS.items())
    bad = command("misbehave", _misbehave, f"say how to behave, or ask (no MODE):\n\n{ways}")
    bad.add_argument("mode", type=Mode, nargs="?", metavar="MODE", help="one of the words above")
    bad.add_argument("--times", type=int, metavar="N", help="for the next N deliveries, then well again")
    bad.add_argument("--seconds", type=float, metavar="S", help="for S seconds, then well again")
    bad.add_argument("--delay", type=float, metavar="D", help="late, clock-…: by so many seconds (default 10)")
    return parser


def _serve(arguments: argparse.Namespace) -> None:
    if arguments.host != HOST:
        raise ValueError(f"a stand-in serves {HOST} and no other address")
    page_port = arguments.port + 1 if arguments.page_port is None else arguments.page_port
    serve(arguments.home, arguments.port, page_port)


def _misbehave(arguments: argparse.Namespace) -> None:
    with reading.opened(arguments.home) as store:
        if arguments.mode is not None:
            store.behave(_behaviour(arguments))
        print(store.behaviour(now()).in_words())


def _behaviour(asked: argparse.Namespace) -> Behaviour:
    if asked.mode is Mode.DOWN and asked.times is not None:
        raise ValueError("refused connections cannot be counted: use --seconds with down")
    if asked.delay is not None and not asked.mode.takes_delay:
        raise ValueError("--delay belongs to late, clock-ahead and clock-behind")
    if any(given is not None and given <= 0 for given in (asked.times, asked.seconds, asked.delay)):
        raise ValueError("--times, --seconds and --delay must be above zero")
    until = None if asked.seconds is None else now() + datetime.timedelta(seconds=asked.seconds)
    delay = 10.0 if asked.delay is None else asked.delay
    return Behaviour(asked.mode, asked.times, until, delay if asked.mode.takes_delay else 0.0)
