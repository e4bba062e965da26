"""`senim proof`: proofs for others, and checking one without network and database."""

from pathlib import Path
from typing import TYPE_CHECKING

import click
from django.db import transaction
from django.utils.translation import gettext as _

from senim.kit.files import PRIVATE_FILE, new_file
from senim.kit.instance import Instance
from senim.site.cli.answer import answer, json_wish
from senim.site.cli.ending import Exit
from senim.site.cli.language import speak
from senim.site.cli.operator import as_operator, at_this_machine

if TYPE_CHECKING:  # what it needs is read only where it is asked for
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from senim.asoi.verification import Trust
    from senim.kit.steps import Steps

_LARGEST = 256 * 1024 * 1024
_File = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group()
def proof() -> None:
    """Proofs that the regulator received what it was told, for whoever does not trust us."""


@proof.command()
@click.argument("incident")
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Where it is written: a new file."
)
@json_wish
def incident(incident: str, out: Path, as_json: bool) -> None:
    """Write the proof of INCIDENT (2026-000017): the record, its messages with receipts, the audit log's rows."""
    as_operator()
    from senim.incidents import operations, queries
    from senim.incidents.errors import NoSuchIncident
    from senim.incidents.proof.composing import proof_of

    found = queries.find(incident)
    if found is None:
        raise NoSuchIncident(incident)
    bundle = proof_of(found)
    with new_file(out, mode=PRIVATE_FILE) as write, transaction.atomic():
        operations.note_proof_taken(found, at_this_machine())
        write(bundle)
    told = {"incident": found.number, "file": str(out), "bytes": len(bundle)}
    text = _("Written to %(place)s; the README inside says how to check it.") % {"place": out}
    answer(told, text, as_json=as_json)


@proof.command()
@click.argument("file", type=_File)
@click.option("--bureau", type=_File, help="The bureau's message signing certificates; else this instance's.")
@click.option("--regulator", type=_File, help="The regulator's signing certificates; else those pinned here.")
@click.option("--tsa", type=_File, help="The time-stamping authority's certificates; else those pinned here.")
@click.option("--log-key", type=_File, help="The audit log's public key; else the one of this instance.")
@click.pass_context
@json_wish
def verify(
    context: click.Context,
    *,
    file: Path,
    bureau: Path | None,
    regulator: Path | None,
    tsa: Path | None,
    log_key: Path | None,
    as_json: bool,
) -> None:
    """Check the proof in FILE, of a message or of an incident, step by step. Exit 0: proven. 1: not."""
    speak()
    from senim.asoi.verification import Trust

    if file.stat().st_size > _LARGEST:
        raise click.BadParameter(_("%s is too large") % file)
    steps = _walked(file.read_bytes(), Trust.given(bureau, regulator, tsa), log_key)
    told = [{"name": step.name, "ok": step.ok, "detail": step.detail} for step in steps]
    lines = [f"{_('holds') if step.ok else _('FAILS')}  {step.name}: {step.detail}" for step in steps]
    lines.append(_("Proven.") if steps.ok else _("Not proven."))
    answer({"ok": steps.ok, "steps": told}, "\n".join(lines), as_json=as_json)
    context.exit(Exit.DONE if steps.ok else Exit.WRONG)


def _walked(data: bytes, trust: "Trust", log_key: Path | None) -> "Steps":
    from senim.asoi.verification import walk_bundle
    from senim.incidents.proof import checking, layout

    if layout.is_of_incident(data):
        return checking.walk(data, trust, _key(log_key))
    steps, _proven = walk_bundle(data, trust)
    return steps


def _key(given: Path | None) -> "Ed25519PublicKey":
    from senim.audit.log_key import public_key, public_key_file

    return public_key(given or public_key_file(Instance.load()))
