"""`senim audit`: verify the log, take a checkpoint away, read rows, prove one of them to others."""

import json
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click
from django.db import transaction
from django.utils.translation import gettext as _

from senim.kit.clock import iso
from senim.kit.files import new_file
from senim.kit.instance import Instance
from senim.site.cli.answer import answer, json_wish
from senim.site.cli.ending import Exit
from senim.site.cli.language import speak
from senim.site.cli.operator import as_operator, at_this_machine

if TYPE_CHECKING:  # the rooms' models can be imported only once Django is ready
    from senim.audit.findings import Finding
    from senim.audit.models import AuditRow
    from senim.audit.proof import Proof
    from senim.audit.verification import Report, Witness

MOST_ROWS = 10_000
"""Our choice: what one answer of `rows` holds at most. Longer ones the console exports, row by row."""
_SHOWN = 20
_ENDS = {"intact": Exit.DONE, "tampered": Exit.WRONG, "unchecked": Exit.COULD_NOT}
_File = click.Path(path_type=Path, exists=True, dir_okay=False)
_Moment = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.group()
def audit() -> None:
    """The log of who did what: verify it, export its checkpoint, read it, prove a row of it."""


@audit.command()
@click.option("--against", "against", type=_File, multiple=True, metavar="FILE...", help="Checkpoints kept elsewhere.")
@click.argument("more", type=_File, nargs=-1, metavar="")
@click.option("--key", type=_File, help="The log's public key, from a copy of your own.")
@json_wish
def verify(against: tuple[Path, ...], more: tuple[Path, ...], key: Path | None, as_json: bool) -> None:
    """Recompute the whole log and hold it against every signed checkpoint.

    FILE is an exported checkpoint, or the JSON of a message or proof that carries one. Exit 0: intact. 1: tampered.
    2: could not be checked.
    """
    instance = as_operator()
    from senim.audit import log_key, verification

    # What others keep is read before the log: the sealer may seal meanwhile.
    witnesses = [*_from_files([*against, *more]), *_kept_by_others(instance)]
    report = verification.verify(log_key.verifier(instance, key), witnesses=witnesses)
    answer(_as_json(report), "\n".join(_as_text(report)), as_json=as_json)
    sys.exit(_ENDS[report.verdict])


def _from_files(paths: Iterable[Path]) -> "Iterator[Witness]":
    from senim.audit.verification import Witness

    for path in paths:
        text = path.read_text(encoding="utf-8", errors="replace")
        yield Witness(str(path), _carried(text) if text.startswith("{") else text)


def _carried(document: str) -> str:
    """The checkpoint that a JSON document carries; empty where it carries none."""
    try:
        return str(json.loads(document).get("checkpoint") or "")
    except (ValueError, RecursionError):
        return ""


def _kept_by_others(instance: Instance) -> "Iterator[Witness | Finding]":
    """What the regulator has acknowledged, and what the sealer keeps outside the database."""
    from senim.asoi.errors import CertificateUnreadable
    from senim.asoi.queries import witnessed_checkpoints
    from senim.asoi.verification import Trust
    from senim.audit.findings import Finding, FindingCode
    from senim.audit.queries import sealers_memory

    try:
        yield from witnessed_checkpoints(Trust.of(instance))
    except CertificateUnreadable as refusal:  # the log is checked all the same
        yield Finding(FindingCode.WITNESS_REFUSED, source=_("the regulator's receipts"), reason=str(refusal.detail))
    yield from sealers_memory(instance)


def _as_json(report: "Report") -> dict[str, object]:
    told = {name: getattr(report, name) for name in report.__struct_fields__}
    return {**told, "findings": [finding.as_json() for finding in report.findings]}


def _as_text(report: "Report") -> Iterator[str]:
    yield {
        "intact": _("The audit log is intact."),
        "tampered": _("The audit log was TAMPERED with."),
        "unchecked": _("Nothing shows a change, but not everything could be checked."),
    }[report.verdict]
    yield _("Sealed rows: %(sealed)s. Own checkpoints: %(checkpoints)s. Checkpoints kept elsewhere: %(witnesses)s.") % {
        "sealed": report.sealed,
        "checkpoints": report.checkpoints,
        "witnesses": report.witnesses,
    }
    for finding in report.findings:
        yield f"\n{finding.code}\n  {finding.explanation}.\n  {finding.remedy}."
    if report.omitted:
        yield "\n" + _("Findings not shown: %(count)s.") % {"count": report.omitted}
    if report.waiting:
        yield "\n" + _("Rows that wait for their seal: %(count)s.") % {"count": report.waiting}
        yield from (f"  {row}" for row in report.unsealed[:_SHOWN])


@audit.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write it there instead of printing it.")
@json_wish
def checkpoint(out: Path | None, as_json: bool) -> None:
    """Export the latest signed checkpoint, to be kept where we cannot reach it. The log remembers the export.

    With --json the answer is a document that `verify --against` takes as well.
    """
    as_operator()
    from senim.audit.operations import export_checkpoint

    place = str(out.absolute()) if out else "stdout"
    if out is None:
        note = export_checkpoint(at_this_machine(), place=place)
    else:
        with new_file(out) as write, transaction.atomic():
            note = export_checkpoint(at_this_machine(), place=place)
            write(note.encode())
    text = _("Written to %(place)s.") % {"place": out} if out else note.removesuffix("\n")
    answer({"checkpoint": note, "place": place}, text, as_json=as_json)


@audit.command()
@click.option("--subject", default="", help="What was acted on: incident:UUID.")
@click.option("--actor", default="", help="Who acted: name or identifier.")
@click.option("--action", default="", help="The act: room:noun:what.")
@click.option("--since", type=_Moment, help="UTC, included.")
@click.option("--until", type=_Moment, help="UTC, not included.")
@click.option("--limit", type=click.IntRange(1, MOST_ROWS), default=100, show_default=True)
@json_wish
def rows(
    *, subject: str, actor: str, action: str, since: datetime | None, until: datetime | None, limit: int, as_json: bool
) -> None:
    """Read rows, newest first."""
    as_operator()
    from senim.audit import queries

    found = queries.rows(subject=subject, actor=actor, action=action, since=_utc(since), until=_utc(until))[:limit]
    told = [_row(row) for row in found]
    answer(told, "\n".join(map(_as_line, told)), as_json=as_json)


def _utc(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(tzinfo=UTC)


def _row(row: "AuditRow") -> dict[str, object]:
    return {
        "id": str(row.pk),
        "place": row.leaf.index if hasattr(row, "leaf") else None,
        "at": iso(row.at),
        "actor_kind": row.actor_kind,
        "actor_id": row.actor_id,
        "actor": row.actor_name,
        "action": row.action,
        "subject": row.subject,
        "reason": row.reason,
        "detail": row.detail,
    }


def _as_line(row: dict[str, object]) -> str:
    place = _("unsealed") if row["place"] is None else f"#{row['place']}"
    return f"{row['at']}  {place:>10}  {row['actor']}  {row['action']}  {row['subject']}  {row['id']}"


@audit.command()
@click.argument("row", type=click.UUID)
@click.option("--json", "as_json", is_flag=True, help="Give the proof itself, a JSON document.")
def prove(row: UUID, as_json: bool) -> None:
    """Prove that ROW is in the log, to somebody who has only the log's public key (see `check-proof`)."""
    as_operator()
    from senim.audit import queries

    _give(queries.inclusion_proof(row), as_json)


@audit.command("prove-growth")
@click.argument("earlier", type=_File)
@click.option("--json", "as_json", is_flag=True, help="Give the proof itself, a JSON document.")
def prove_growth(earlier: Path, as_json: bool) -> None:
    """Prove that the log only grew since the checkpoint in the file EARLIER."""
    instance = as_operator()
    from senim.audit import log_key, queries

    (kept,) = _from_files([earlier])
    _give(queries.consistency_proof(kept.note, log_key.verifier(instance)), as_json)


def _give(proof: "Proof", as_json: bool) -> None:
    from senim.audit.proof import encode
    from senim.audit.queries import state

    if as_json:
        click.echo(encode(proof), nl=False)
        return
    click.echo(
        _("Proven by %(count)s hashes under the checkpoint of %(size)s rows; `--json` gives the proof to hand on.")
        % {"count": len(proof.hashes), "size": state(proof.checkpoint).size}
    )


@audit.command("check-proof")
@click.argument("document", type=_File)
@click.option("--key", type=_File, help="The log's public key; else the one of this instance.")
@json_wish
def check_proof(document: Path, key: Path | None, as_json: bool) -> None:
    """Check a proof without the log: neither database nor network is asked. Exit 0: proven. 1: not."""
    speak()
    from senim.audit.log_key import public_key, public_key_file
    from senim.audit.proof import check, decode

    head = check(decode(document.read_bytes()), public_key(key or public_key_file(Instance.load())))
    told = {"proven": True, "log": head.origin, "size": head.size, "root": head.root.hex()}
    answer(told, _("Proven: %(log)s at %(size)s rows.") % told, as_json=as_json)
