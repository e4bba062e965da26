"""`senim feed`: where the event feed stands, and which events go to the regulator."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click
from django.utils.translation import gettext as _

from senim.kit.clock import iso, now
from senim.kit.instance import Instance
from senim.site.cli.answer import answer, json_wish
from senim.site.cli.ending import Exit
from senim.site.cli.language import speak
from senim.site.cli.operator import as_operator

if TYPE_CHECKING:  # the rooms' models can be imported only once Django is ready
    from senim.event_feed.queries import Run, Standing
    from senim.event_feed.settings import Chosen


@click.group(invoke_without_command=True)
@json_wish
@click.pass_context
def feed(context: click.Context, as_json: bool) -> None:
    """Events to the regulator: how far they are. Beneath it `policy`: which go.

    Exit 0: the feed keeps up. 1: it is behind, full, or the regulator has long had no event that waits. 2: not known.
    """
    if context.invoked_subcommand is None:
        _tell_standing(as_json=as_json)


def _tell_standing(*, as_json: bool) -> None:
    instance = as_operator()
    from senim.event_feed import queries
    from senim.event_feed.settings import event_feed_settings

    found = queries.standing(event_feed_settings(instance))
    answer(_record(found), "\n".join(_lines(found)), as_json=as_json)
    sys.exit(_verdict(found))


def _verdict(found: "Standing") -> Exit:
    if found.read_until is None:
        return Exit.COULD_NOT
    is_wrong = found.is_full or found.is_behind(now()) or found.silent_since(now()) is not None
    return Exit.WRONG if is_wrong else Exit.DONE


def _record(found: "Standing") -> dict[str, object]:
    return {
        "runs": [_run(run) for run in found.runs],
        "read_until": found.read_until and iso(found.read_until),
        "behind": found.is_behind(now()),
        "full": found.is_full,
        "missing": found.missing,
        "untold": found.untold,
    }


def _run(run: "Run") -> dict[str, object]:
    return {
        "name": run.name,
        "last_event": run.last_event,
        "last_batch": run.last_batch,
        "batches_waiting": run.batches_waiting,
        "events_kept": run.events_kept,
        "waits_since": run.waits_since and iso(run.waits_since),
    }


def _lines(found: "Standing") -> Iterator[str]:
    for run in found.runs:
        facts = {**_run(run), "waits_since": run.waits_since and iso(run.waits_since)}
        yield (
            _(
                "%(name)s: picked up to event %(last_event)s, batch %(last_batch)s; without receipt "
                "%(batches_waiting)s batches; %(events_kept)s events wait for a batch"
            )
            % facts
        )
        if run.waits_since:
            yield "  " + _("the oldest waits since %(waits_since)s") % facts
    if found.read_until is None:
        yield _("The feed has read nothing yet.")
    else:
        said = _("Read up to %(moment)s: BEHIND.") if found.is_behind(now()) else _("Read up to %(moment)s.")
        yield said % {"moment": iso(found.read_until)}
    if found.is_full:
        yield _("FULL: as many events wait as may; the stream keeps what comes.")
    if found.missing:
        told = _(
            "Lines that never came to the feed: %(missing)s, of which the regulator does not know yet: %(untold)s."
        )
        yield told % {"missing": found.missing, "untold": found.untold}


@feed.command()
@json_wish
def policy(as_json: bool) -> None:
    """Which events go, and which of their fields: as they stand, or keyed. What is not named stays in the house."""
    from senim.event_feed.settings import event_feed_settings

    events = event_feed_settings(Instance.load()).events
    speak()
    answer([_chosen(chosen) for chosen in events], "\n".join(map(_told, events)), as_json=as_json)


def _chosen(chosen: "Chosen") -> dict[str, object]:
    return {
        "kind": chosen.kind,
        "actions": list(chosen.actions),
        "fields": list(chosen.fields),
        "keyed": list(chosen.keyed),
    }


def _told(chosen: "Chosen") -> str:
    facts = {name: ", ".join(given) if isinstance(given, list) else given for name, given in _chosen(chosen).items()}
    return _("%(kind)s: %(actions)s\n  as it stands: %(fields)s\n  keyed: %(keyed)s") % facts
