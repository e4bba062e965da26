"""`senim asoi`: the regulator channel at the machine. Messages, the electronic format, proofs."""

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click
from cryptography.hazmat.primitives import hashes
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from senim.kit.clock import iso, now
from senim.kit.crypto import cms, timestamp
from senim.kit.files import PRIVATE_FILE, new_file
from senim.kit.instance import Instance
from senim.site.cli.answer import answer, document, json_wish
from senim.site.cli.asoi_keys import key, request
from senim.site.cli.bounds import Seconds
from senim.site.cli.language import speak
from senim.site.cli.operator import as_operator, at_this_machine

if TYPE_CHECKING:  # the rooms' models can be imported only once Django is ready
    from senim.asoi.models import HandedIn, Message
    from senim.asoi.verification import Proven, Trust

_LARGEST = 16 * 1024 * 1024
_POLL = 0.1
_File = click.Path(path_type=Path, exists=True, dir_okay=False)
_LONGEST_WAIT = 3600.0
_Wait = click.option(
    "--wait",
    type=Seconds(_LONGEST_WAIT),
    default=30.0,
    show_default=True,
    help="Seconds to wait for the process that can open it.",
)
_Out = click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Where it is written: a new file."
)


@click.group()
def asoi() -> None:
    """The regulator channel: what was sent, the electronic format, proofs, keys."""


asoi.add_command(key)
asoi.add_command(request)


@asoi.command()
@click.option("--about", default="", help="Only those about this: incident:UUID.")
@click.option("--waiting", is_flag=True, help="Only those that are not delivered.")
@json_wish
def messages(about: str, waiting: bool, as_json: bool) -> None:
    """What was told to the regulator, newest first, and where each message stands."""
    as_operator()
    from senim.asoi import queries

    found = list(queries.waiting() if waiting else queries.messages())
    prefetch_related_objects(found, "attempts")
    told = [_told(message) for message in found if not about or message.about == about]
    answer(told, "\n".join(map(_as_line, told)), as_json=as_json)


def _as_line(message: dict[str, Any]) -> str:
    mark = "  " + _("exercise") if message["exercise"] else ""
    told = (message[word] for word in ("id", "kind", "about"))
    return "  ".join((message["created_at"], f"{message['state']:<9}", *told)) + mark


@asoi.command()
@click.argument("message", type=click.UUID)
@_Out
@json_wish
def export(message: UUID, out: Path, as_json: bool) -> None:
    """Write MESSAGE for the electronic format: the very bytes that are sent. Exported is not delivered."""
    as_operator()
    from senim.asoi import operations, queries

    with new_file(out, mode=PRIVATE_FILE) as write, transaction.atomic():
        sealed = operations.export(message, actor=at_this_machine())
        write(sealed)
    told = _told(queries.message(message))
    text = _("Written to %(place)s. Its state is «%(state)s»: only a receipt makes it delivered.")
    given = {**told, "file": str(out), "bytes": len(sealed)}
    answer(given, text % {"place": out, "state": told["state"]}, as_json=as_json)


@asoi.command()
@json_wish
def files(as_json: bool) -> None:
    """Messages that wait as files: to be carried to the regulator, or carried and without a receipt."""
    instance = as_operator()
    from senim.asoi import queries
    from senim.asoi.electronic_format import file_of

    waiting = list(queries.as_files().prefetch_related("attempts"))
    told = [{**_told(one), "file": str(file_of(instance, one.pk)), "carried_at": _last_carried(one)} for one in waiting]
    lines = [f"{one['file']}  {one['about']}  {_carried(one['carried_at'])}" for one in told]
    answer(told, "\n".join(lines) or _("No message waits as a file."), as_json=as_json)


def _last_carried(message: "Message") -> str | None:
    return _iso(max((one.carried_at for one in message.carriages.all()), default=None))


def _carried(at: str | None) -> str:
    return _("carried %(at)s, no receipt yet") % {"at": at} if at else _("to be carried")


@asoi.command()
@click.argument("message", type=click.UUID)
@click.option("--way", required=True, help="How it was carried, and to whom.")
@click.option("--at", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M%z"]), help="When; else now.")
@json_wish
def carried(message: UUID, way: str, at: datetime | None, as_json: bool) -> None:
    """Write down that the file of MESSAGE was carried to the regulator. It delivers nothing: a receipt does."""
    as_operator()
    from senim.asoi import operations, queries

    noted = operations.note_carried(message, carried_at=at or now(), way=way, actor=at_this_machine())
    told = {**_told(queries.message(message)), "carried_at": iso(noted.carried_at), "way": noted.way}
    text = _("Written down. When the receipt comes, put it into %(folder)s or run senim asoi import.")
    answer(told, text % {"folder": "state/asoi/incoming"}, as_json=as_json)


@asoi.command("import")
@click.argument("file", type=_File)
@_Wait
@json_wish
def import_(file: Path, wait: float, as_json: bool) -> None:
    """Take a receipt that came as a FILE: the process that holds the receipt key opens and checks it."""
    as_operator()
    from senim.asoi import queries
    from senim.asoi.models import HandedIn

    opened = _answered(HandedIn.Wish.IMPORT, _read(file), wait)
    told = _told(queries.message(UUID(opened["receipt"]["message"])))
    text = _("The receipt is accepted: message %(message)s is delivered.") % {"message": told["id"]}
    answer({**told, **opened}, text, as_json=as_json)


@asoi.command("open")
@click.argument("file", type=_File)
@_Wait
@json_wish
def open_(file: Path, wait: float, as_json: bool) -> None:
    """Show what is inside FILE: a proof bundle, a signed file, a receipt, or a message sealed by us."""
    instance = as_operator()
    shown = _inside(instance, _read(file), wait)
    answer(shown, document(shown, indent=2), as_json=as_json)


@asoi.command()
@click.argument("files", type=_File, nargs=-1, required=True, metavar="FILE...")
@click.option("--bureau", type=_File, help="The bureau's message signing certificates; else this instance's.")
@click.option("--regulator", type=_File, help="The regulator's signing certificates; else those pinned here.")
@click.option("--tsa", type=_File, help="The time-stamping authority's certificates; else those pinned here.")
@json_wish
def verify(
    files: tuple[Path, ...], bureau: Path | None, regulator: Path | None, tsa: Path | None, as_json: bool
) -> None:
    """Check proof bundles, or a message and its receipt (`.p7s`), without network and database.

    A sealed `.p7m` opens for its recipient only: it is looked up in this instance's outbox. Exit 0: proven. 1: not.
    """
    read = [_read(file) for file in files]
    # Only an envelope needs the outbox; everything else is checked where there is no instance at all.
    as_operator() if any(map(cms.is_enveloped, read)) else speak()
    from senim.asoi.verification import Trust

    proven = _proven(read, Trust.given(bureau, regulator, tsa))
    told = [_as_json(one) for one in proven]
    text = _("Proven: the regulator received message %(id)s on %(at)s, exactly as the bureau signed it.")
    lines = []
    for one in told:
        lines.append(text % {"id": one["message"]["id"], "at": one["received_at"]})
        lines.append(_stamp_line(one["stamp"]))
    lines.append(_("Believed certificates (SHA-256): bureau %(bureau)s, regulator %(regulator)s") % told[0])
    answer(told, "\n".join(lines), as_json=as_json)


@asoi.command()
@click.argument("message", type=click.UUID)
@_Out
@json_wish
def proof(message: UUID, out: Path, as_json: bool) -> None:
    """Write the proof bundle of MESSAGE: what shows to anybody that the regulator received it."""
    as_operator()
    from senim.asoi import operations

    with new_file(out, mode=PRIVATE_FILE) as write, transaction.atomic():
        bundle = operations.export_proof(message, actor=at_this_machine())
        write(bundle)
    told = {"message": str(message), "file": str(out), "bytes": len(bundle)}
    text = _("Written to %(place)s; the README inside says how to check it.") % {"place": out}
    answer(told, text, as_json=as_json)


def _read(file: Path) -> bytes:
    if file.stat().st_size > _LARGEST:
        speak()
        raise click.BadParameter(_("%s is too large") % file)
    return file.read_bytes()


def _told(message: "Message") -> dict[str, Any]:
    moments = ("created_at", "sealed_at", "first_sent_at", "exported_at", "delivered_at")
    return {
        "id": str(message.pk),
        "kind": message.kind,
        "about": message.about,
        "sequence": message.sequence,
        "corrects": str(message.corrects_id) if message.corrects_id else None,
        "exercise": message.exercise,
        "state": message.state,
        "refusal": message.refusal,
        "sha256": message.sha256,
        "tries": message.tries,
        **{name: _iso(getattr(message, name)) for name in moments},
        "attempts": [
            {
                "started_at": iso(one.started_at),
                "ended_at": _iso(one.ended_at),
                "outcome": one.outcome,
                "detail": one.detail,
            }
            for one in message.attempts.all()
        ],
    }


def _iso(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None


def _answered(wish: "HandedIn.Wish", data: bytes, wait: float) -> dict[str, Any]:
    """Hand `data` to the process with the key and wait. Raises its refusal, or `Unanswered`."""
    from senim.asoi import errors, operations, queries

    handed = operations.hand_in(wish, data, actor=at_this_machine())
    deadline = time.monotonic() + wait
    while handed.answered_at is None:
        if time.monotonic() > deadline:
            raise errors.Unanswered
        time.sleep(_POLL)
        handed = queries.handed_in(handed.pk)
    if handed.problem:
        raise errors.by_code(handed.problem)(handed.detail)
    return handed.answer or {}


def _inside(instance: Instance, data: bytes, wait: float) -> dict[str, Any]:
    from senim.asoi import bundle, queries, verification
    from senim.asoi.models import HandedIn

    if bundle.is_bundle(data):
        return _as_json(verification.verify_bundle(data, verification.Trust.of(instance)))
    if not cms.is_enveloped(data):
        return verification.read_signed(data, verification.Trust.of(instance))
    ours = queries.sealed_as(data)
    if ours is not None:
        signed = verification.read_signed(bytes(ours.signed or b""), verification.Trust.of(instance))
        return {**_told(ours), "content": signed["content"]}
    return _answered(HandedIn.Wish.OPEN, data, wait)


def _proven(files: list[bytes], trust: "Trust") -> "list[Proven]":
    from senim.asoi import bundle, verification
    from senim.asoi.errors import ProofRefused

    bundles = [data for data in files if bundle.is_bundle(data)]
    loose = [data for data in files if not bundle.is_bundle(data)]
    proven = [verification.verify_bundle(data, trust) for data in bundles]
    if len(loose) not in {0, 2}:
        raise ProofRefused(_("a message and its receipt belong together: give both files, or a proof bundle"))
    if loose:
        message, receipt = sorted(
            (_unwrapped(data) for data in loose), key=lambda signed: verification.is_receipt(signed, trust)
        )
        proven.append(verification.verify_pair(message, receipt, trust))
    return proven


def _unwrapped(data: bytes) -> bytes:
    """The signed file inside a sealed one, where our outbox has the very same bytes."""
    from senim.asoi.errors import ProofRefused

    if not cms.is_enveloped(data):
        return data
    from senim.asoi import queries

    signed = queries.signed_inside(data)
    if signed is None:
        raise ProofRefused(_("an envelope opens for its recipient only, and the outbox does not know this one"))
    return signed


def _stamp_line(stamp: dict[str, Any]) -> str:
    if stamp["state"] == "proven":
        return _("Time-stamp: signed by %(at)s at the latest, by the word of authority %(authority)s.") % stamp
    if stamp["state"] == "absent":
        return _("It has no time-stamp.")
    return _("Its time-stamp was not checked: no authority's certificates were given (--tsa).")


def _as_stamp(proven: "Proven") -> dict[str, Any]:
    stamp = proven.stamp
    if not isinstance(stamp, timestamp.Stamp):
        return {"state": stamp.value}
    return {
        "state": "proven",
        "at": iso(stamp.at),
        "accuracy": None if stamp.accuracy is None else stamp.accuracy.total_seconds(),
        "policy": stamp.policy.dotted_string,
        "authority": stamp.certificate.fingerprint(hashes.SHA256()).hex(),
    }


def _as_json(proven: "Proven") -> dict[str, Any]:
    return {
        "message": proven.message,
        "sha256": proven.sha256,
        "signed_at": iso(proven.told.signed_at),
        "received_at": iso(proven.received_at),
        "receipt_signed_at": iso(proven.acknowledged.signed_at),
        "bureau": proven.bureau,
        "regulator": proven.regulator,
        "stamp": _as_stamp(proven),
    }
