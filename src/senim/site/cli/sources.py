"""`senim sources`: how every source of log lines stands, and what was lost on the way."""

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from senim.kit.clock import iso, now
from senim.site.cli.answer import answer, json_wish
from senim.site.cli.ending import Exit
from senim.site.cli.operator import as_operator

if TYPE_CHECKING:  # the rooms' models can be imported only once Django is ready
    from senim.telemetry.standing import Source


@click.command()
@json_wish
def sources(as_json: bool) -> None:
    """How every source of log lines stands: read and analysed or not, what was lost, what was wrong with lines.

    Exit 0: all in order. 1: one is not, or a loss was looked at by nobody. 2: could not be checked. 3: usage or
    settings.
    """
    instance = as_operator()
    from senim.pulse.queries import processes
    from senim.telemetry import standing

    moment = now()
    found = standing.sources(instance, processes(moment), moment)
    answer([_told(one) for one in found], "\n".join(_lines(found)), as_json=as_json)
    sys.exit(_verdict(found))


def _verdict(found: "Sequence[Source]") -> Exit:
    if any(source.is_known and not source.is_in_order for source in found):
        return Exit.WRONG
    return Exit.DONE if all(source.is_known for source in found) else Exit.COULD_NOT


def _told(source: "Source") -> dict[str, object]:
    return {
        "source": source.name,
        "state": source.sight.value,
        "since": source.since and iso(source.since),
        "condition": source.condition,
        "says": source.says,
        "in_order": source.is_in_order,
        "lines": source.lines,
        "last_line_at": source.last_line_at and iso(source.last_line_at),
        "missing": source.missing,
        "losses": source.losses,
        "last_loss": source.last_loss,
        "last_loss_at": source.last_loss_at and iso(source.last_loss_at),
        "unseen": source.unseen,
        "flaws": dict(source.flaws),
        "bytes_cut": source.bytes_cut,
    }


def _lines(found: "Sequence[Source]") -> Iterator[str]:
    from senim.telemetry.flaws import in_words

    for source in found:
        since = f" ({iso(source.since)})" if source.since else ""
        yield f"{source.name}: {source.says}{since}"
        counted = ngettext("%(number)s line", "%(number)s lines", source.lines) % {"number": source.lines}
        last = _("last line %(at)s") % {"at": iso(source.last_line_at)} if source.last_line_at else _("no line yet")
        yield f"  {counted}, {last}"
        if source.missing:
            missing = ngettext("%(number)s line missing", "%(number)s lines missing", source.missing)
            yield f"  {missing % {'number': source.missing}}"
        if source.last_loss and source.last_loss_at:
            losses = ngettext("%(number)s loss", "%(number)s losses", source.losses) % {"number": source.losses}
            yield f"  {losses}; {iso(source.last_loss_at)}: {source.last_loss.label}"
        if source.unseen:
            unseen = ngettext("%(number)s not looked at", "%(number)s not looked at", source.unseen)
            yield f"  {unseen % {'number': source.unseen}}"
        for name, number in source.flaws:
            yield f"  {number} {in_words(name)}"
