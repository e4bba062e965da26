"""Messages that are carried to the regulator as files: received by the same rules as over the network."""

import argparse

from stand_ins.asoi.cli.reading import opened
from stand_ins.asoi.clock import now
from stand_ins.asoi.credentials import Credentials
from stand_ins.asoi.intake import receive


def receive_file(asked: argparse.Namespace) -> None:
    """Keep the message in the file, once, and write its receipt; what came before gets the receipt of before.

    Raises `NotReady`, `Refused`, `CannotKeep`, `OSError`.
    """
    credentials = Credentials.load(asked.home)
    with opened(asked.home) as store:
        kept = store.keep(receive(asked.file.read_bytes(), credentials, now()))
    draft = asked.out.with_name(f".{asked.out.name}.draft")
    draft.write_bytes(kept)
    draft.replace(asked.out)
    print(f"received; the receipt: {asked.out}")
