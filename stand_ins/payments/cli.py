"""The command line: make key and people, serve, say who works here."""

import argparse
import json
import signal
import sys
import threading
from contextlib import closing
from pathlib import Path

from stand_ins.payments import keys, people
from stand_ins.payments.journal import Journal
from stand_ins.payments.office import Limits, Office
from stand_ins.payments.old import OldPath
from stand_ins.payments.refusal import NotReady
from stand_ins.payments.server import HOST, Payments
from stand_ins.payments.store import Store


def main() -> int:
    """The command. 0 done, 2 refused with a reason."""
    arguments = _parser().parse_args()
    try:
        arguments.run(arguments)
    except (NotReady, OSError) as error:
        sys.stderr.write(f"refused: {error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m stand_ins.payments", description="A stand-in that pays refunds.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.add_argument("--home", type=Path, required=True, metavar="DIR", help="the stand-in's folder")
        made.set_defaults(run=run)
        return made

    command("init", _init, "make a key, its certificate request and the people")
    command("people", _people, "who works here, with their tokens (JSON)")
    starting = command("serve", _serve, "pay refunds, until told to stop")
    starting.add_argument("--port", type=int, required=True, help=f"on {HOST}")
    starting.add_argument("--journal", type=Path, required=True, metavar="FILE", help="what it did, a line each")
    starting.add_argument("--refund-limit", type=int, required=True, metavar="TIYN", help="of one refund")
    starting.add_argument("--day-limit", type=int, required=True, metavar="TIYN", help="of one ledger in a day")
    return parser


def _init(asked: argparse.Namespace) -> None:
    keys.init(asked.home)
    people.init(asked.home)


def _people(asked: argparse.Namespace) -> None:
    known = {one.name: {"duty": one.duty, "token": one.token} for one in people.everybody(asked.home)}
    sys.stdout.write(json.dumps(known, indent=1) + "\n")


def _serve(asked: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    everybody, context = people.everybody(asked.home), keys.server_context(asked.home)
    with closing(Journal(asked.journal)) as journal, closing(Store(asked.home, journal)) as store:
        office = Office(store, Limits(asked.refund_limit, asked.day_limit))
        server = Payments(asked.port, context, office, OldPath(store), everybody)
        threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
        sys.stderr.write(f"serving at https://{HOST}:{server.server_port}/\n")
        stopping.wait()
        server.shutdown()
        server.server_close()
