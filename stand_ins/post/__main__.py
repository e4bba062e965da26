"""`python -m stand_ins.post COMMAND --home DIR`: make keys, serve, show what came, misbehave."""

import argparse
import asyncio
import datetime
import json
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from stand_ins.mail.server import Server
from stand_ins.post import tls
from stand_ins.post.behaviour import MEANINGS, Behaviour, Mode
from stand_ins.post.store import WAYS, Store, now
from stand_ins.sms.gateway import Gateway
from stand_ins.webhook.receiver import Receiver


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
    parser = argparse.ArgumentParser(prog="python -m stand_ins.post", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, text in (
        ("init", lambda a: tls.init(a.home), "make key and certificate request"),
        ("serve", _serve, "take letters until told to stop"),
        ("list", _list, "what came, in the order in which it did"),
        ("misbehave", _misbehave, "; ".join(f"{mode}: {meaning}" for mode, meaning in MEANINGS.items())),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--home", type=Path, required=True, metavar="DIR")
        command.set_defaults(run=run)
        if name == "serve":
            for way in WAYS:
                command.add_argument(f"--{way}-port", type=int, required=True)
        if name == "list":
            command.add_argument("--json", action="store_true")
        if name == "misbehave":
            command.add_argument("way", choices=WAYS)
            command.add_argument("mode", type=Mode)
            command.add_argument("--times", type=int, help="for the next N letters, then well again")
            command.add_argument("--seconds", type=float, help="for S seconds, then well again")
            command.add_argument("--delay", type=float, default=10.0, help="late only")
    return parser


def _serve(arguments: argparse.Namespace) -> None:
    asyncio.run(_until_stopped(arguments))


async def _until_stopped(arguments: argparse.Namespace) -> None:
    """A way that was told to be down is up again after a start; every other behaviour goes on."""
    store, stopping = Store(arguments.home), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    for way in WAYS:
        if store.behaviour(way).mode is Mode.DOWN:
            store.behave(way, Behaviour())
    kinds = ((Gateway, arguments.sms_port), (Receiver, arguments.webhook_port), (Server, arguments.mail_port))
    serving = [asyncio.create_task(kind(arguments.home, port, store).serve()) for kind, port in kinds]
    ending = asyncio.create_task(stopping.wait())
    done, waiting = await asyncio.wait({*serving, ending}, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    for task in done:
        task.result()


def _list(arguments: argparse.Namespace) -> None:
    found = Store(arguments.home).received()
    if arguments.json:
        print(json.dumps([asdict(each) for each in found], ensure_ascii=False))
        return
    for each in found:
        print(f"{each.at}  {each.way:8} {each.recipient:28} {each.text!r}")


def _misbehave(arguments: argparse.Namespace) -> None:
    if arguments.mode is Mode.DOWN and arguments.times is not None:
        raise ValueError("refused connections cannot be counted: use --seconds with down")
    until = None if arguments.seconds is None else now() + datetime.timedelta(seconds=arguments.seconds)
    wanted = Behaviour(arguments.mode, arguments.times, until, arguments.delay)
    Store(arguments.home).behave(arguments.way, wanted)


if __name__ == "__main__":
    sys.exit(main())
