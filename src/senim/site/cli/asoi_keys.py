"""`senim asoi key`, `senim asoi request`: the channel's keys and certificates, at the machine."""

from pathlib import Path
from typing import Any

import click
from django.utils.translation import gettext as _

from senim.asoi import inventory
from senim.kit.clock import now
from senim.kit.files import new_file
from senim.kit.instance import Instance
from senim.site.cli.answer import answer, json_wish
from senim.site.cli.language import speak


@click.command()
@click.option("--try", "is_tried", is_flag=True, help="Have the token sign something, too; its PIN is used once.")
@json_wish
def key(is_tried: bool, as_json: bool) -> None:
    """Which keys and certificates the channel uses, where they live, until when they are valid, which follow.

    With --try: exit 1 where the token does not sign, and the reason.
    """
    speak()
    instance = Instance.load()
    if is_tried:
        inventory.try_signing_key(instance)
    told = [one.as_json(now()) for one in inventory.held(instance)]
    answer(told, "\n".join(line for one in told for line in _lines(one)), as_json=as_json)


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Where it is written: a new file."
)
@json_wish
def request(out: Path, as_json: bool) -> None:
    """Write a certificate request for the message signing key on the token that senim.toml names."""
    speak()
    made = inventory.token_request(Instance.load())
    with new_file(out) as write:
        write(made)
    text = _("Written to %(place)s: have the certificate issued, and put it into keys/asoi/message-signing.crt.")
    answer({"file": str(out), "bytes": len(made)}, text % {"place": out}, as_json=as_json)


def _lines(held: dict[str, Any]) -> list[str]:
    words = {"present": _("present"), "following": _("following"), "former": _("former")}
    return [
        "  ".join(filter(None, (held["purpose"], held["key"]))),
        *(
            f"    {words[one['stands']]}: {one['valid_from']} – {one['valid_until']}  {one['sha256']}"
            for one in held["certificates"]
        ),
    ]
