"""Commands that look and change nothing."""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from stand_ins.asoi.clock import iso
from stand_ins.asoi.completeness import Chain, chains
from stand_ins.asoi.store import Received, Store


@contextmanager
def opened(home: Path) -> Iterator[Store]:
    """The store in `home`. Raises `FileNotFoundError` where there is no such folder."""
    if not home.is_dir():
        raise FileNotFoundError(f"{home} is not there")
    with closing(Store(home)) as store:
        yield store


def show_list(asked: argparse.Namespace) -> None:
    """Every message, a line each."""
    with opened(asked.home) as store:
        if asked.json or asked.full:
            tell = whole if asked.full else summary
            print(json.dumps([tell(one) for one in store.all()], ensure_ascii=False, indent=2))
            return
        for one in store.all():
            said = one.message
            marks = [f"again {one.delivered_again}"] * bool(one.delivered_again)
            marks += [f"in conflict {one.conflicts}"] * bool(one.conflicts)
            marks += ["EXERCISE"] * said.exercise
            print(iso(one.received_at), said.id, said.kind, said.about, f"#{said.sequence}", *marks)


def show_one(asked: argparse.Namespace) -> int:
    """One message in full."""
    with opened(asked.home) as store:
        one = store.one(asked.id)
    if one is None:
        print(f"no message {asked.id} was received", file=sys.stderr)
        return 1
    if asked.json:
        print(json.dumps(whole(one), ensure_ascii=False, indent=2))
        return 0
    for name, value in whole(one).items():
        text = json.dumps(value, ensure_ascii=False, indent=2) if isinstance(value, dict) else value
        print(f"{name}: {text}")
    return 0


def whole(one: Received) -> dict[str, Any]:
    """Everything that is known of one message."""
    return summary(one) | {"content": json.loads(one.content), "receipt": json.loads(one.receipt_content)}


def summary(one: Received) -> dict[str, Any]:
    """What a list says of one message."""
    said = one.message
    return {
        "id": str(said.id),
        "number": one.number,
        "received_at": iso(one.received_at),
        "kind": said.kind,
        "purpose": said.purpose,
        "sender": {"bin": said.sender_bin, "name": said.sender_name},
        "about": said.about,
        "sequence": said.sequence,
        "corrects": None if said.corrects is None else str(said.corrects),
        "exercise": said.exercise,
        "made_at": iso(said.made_at),
        "size": len(one.sealed),
        "sha256": said.sha256,
        "delivered_again": one.delivered_again,
        "conflicts": one.conflicts,
    }


def export_checkpoints(asked: argparse.Namespace) -> int:
    """The checkpoints that messages carried, each text once: all of them into a folder, or the latest into a file.

    What the regulator holds: a bureau's log that was rewritten since cannot agree with it.
    """
    with opened(asked.home) as store:
        carried = [(one.number, one.message.checkpoint) for one in store.all() if one.message.checkpoint]
    if not carried:
        print("no message carried a checkpoint", file=sys.stderr)
        return 1
    out = Path(asked.out)
    if asked.out.endswith("/") or out.is_dir():
        out.mkdir(parents=True, exist_ok=True)
        first = {note: number for number, note in reversed(carried)}
        for note, number in first.items():
            (out / f"{number:06}.checkpoint").write_text(note)
        print(f"{len(first)} checkpoints from {len(carried)} messages: {out}")
    else:
        out.write_text(carried[-1][1])
        print(f"the checkpoint of message {carried[-1][0]}: {out}")
    return 0


def show_completeness(asked: argparse.Namespace) -> int:
    """Up to which number every event has come, chain by chain. 0 nothing is missing, 1 something is."""
    with opened(asked.home) as store:
        found = chains(one.message for one in store.all())
    if asked.json:
        print(json.dumps([asdict(chain) for chain in found], ensure_ascii=False, indent=2))
    else:
        for chain in found:
            print(*_told(chain), sep="\n")
    return int(not all(chain.is_whole for chain in found))


def _told(chain: Chain) -> Iterator[str]:
    mark = " EXERCISE" if chain.exercise else ""
    whole = f"{chain.batches} batches, complete up to event {chain.complete_up_to}"
    yield f"{chain.sender_bin} {chain.about}{mark}: {whole}"
    for first, last in chain.missing_events:
        yield f"  missing: events {first} to {last}"
    for first, last in chain.missing_batches:
        yield f"  missing: batches {first} to {last}"
    for number in chain.wrong:
        yield f"  batch {number} does not hold the events that it names"
    if chain.lost_lines:
        yield f"  the bureau says that {chain.lost_lines} lines never came to its feed"
