"""`senim doctor`: is the house in order? Every check is made now; what cannot be checked is not called well."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from senim.kit.clock import now
from senim.site.cli.answer import answer, json_wish
from senim.site.cli.ending import Exit
from senim.site.cli.operator import as_operator

if TYPE_CHECKING:  # the rooms' models can be imported only once Django is ready
    from senim.doctor.diagnosis import Result


@click.command()
@json_wish
def doctor(as_json: bool) -> None:
    """Examine the house: every check that the console makes, and those that only somebody at the machine can make.

    Door, disk, clock, keys, certificates; channel, services, incidents, people on call, processes, sources, history …
    Exit 0: all is well. 1: something is wrong. 2: nothing is known to be wrong, and something could not be checked.
    3: usage or settings.
    """
    instance = as_operator()
    from senim.doctor.collection import everything
    from senim.kit.checks import Asked
    from senim.site.doctor import house_of

    found = everything(Asked(instance, now()), house_of(instance))
    answer(_as_json(found), "\n".join(_as_text(found)), as_json=as_json)
    sys.exit(_verdict(found))


def _verdict(found: "Sequence[Result]") -> Exit:
    faults = [fault for result in found for fault in result.faults]
    if not faults:
        return Exit.DONE
    return Exit.WRONG if any(fault.is_known for fault in faults) else Exit.COULD_NOT


def _as_json(found: "Sequence[Result]") -> dict[str, object]:
    return {
        "checks": [
            {"name": each.check.name, "ok": each.ok, "known": each.is_known, "reason": each.reason} for each in found
        ]
    }


def _as_text(found: "Sequence[Result]") -> list[str]:
    """What is wrong stands last, where the eye is."""
    told = [_("  well: %(about)s. %(reason)s") % {"about": r.check.about, "reason": r.reason} for r in found if r.ok]
    for each in found:
        if not each.ok:
            word = _("WRONG") if each.is_known else _("NOT KNOWN")
            told += [f"{word}: {each.check.about} ({each.check.name})", *(f"    {fault}" for fault in each.faults)]
    made = ngettext("%(count)d check made", "%(count)d checks made", len(found)) % {"count": len(found)}
    wrong = sum(not each.ok for each in found)
    sum_up = _("%(count)d not well") % {"count": wrong} if wrong else _("all is well")
    return [*told, f"{made}, {sum_up}."]
