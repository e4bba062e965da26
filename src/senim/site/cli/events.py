"""`senim events`: search what happened, and close every source's numbers against the history."""

import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from senim.kit.clock import iso, now
from senim.site.cli.answer import answer, aside, json_wish
from senim.site.cli.ending import Exit
from senim.site.cli.operator import as_operator, at_this_machine

if TYPE_CHECKING:  # the rooms' models can be imported only once Django is ready
    from senim.history.completeness import Closing
    from senim.history.events import Listed
    from senim.history.filters import Filter

_USUAL = timedelta(days=1)
_Moment = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


@click.group()
def events() -> None:
    """The event history: every collected line, and what of it is missing."""


@events.command()
@click.option("--since", type=_Moment, help="Local time, included; else a day before --until.")
@click.option("--until", type=_Moment, help="Local time, not included; else now.")
@click.option("--source", default="", help="The source's name.")
@click.option("--host", default="", help="The machine. Names must be the same; NAME* says how they begin.")
@click.option("--action", default="", help="What the parser calls it: password-failed.")
@click.option("--address", default="", help="Where it came from.")
@click.option("--user", default="", help="The account.")
@click.option("--text", default="", help="Words anywhere in the line, capitals or not.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@json_wish
def search(*, since: datetime | None, until: datetime | None, limit: int, as_json: bool, **words: str) -> None:
    """Events that fit, newest first. The audit log remembers who looked for an address, a user or words.

    Exit 2 where the history could not be read, or not all of the time was looked at.
    """
    instance = as_operator()
    from senim.history.filters import Filter
    from senim.history.history import History

    end = _local(until) or now() + timedelta(seconds=1)
    asked = Filter(_local(since) or end - _USUAL, end, **words)
    _remember(asked)
    page = History(instance).page(asked, size=limit)
    told = [_event(event) for event in page.events]
    facts = {"events": told, "searched_since": iso(page.searched_since), "more": page.after is not None}
    answer(facts, "\n".join(_lines(page.events)), as_json=as_json)
    if not page.is_whole:
        aside(_("Time was up: looked at since %(moment)s.") % {"moment": iso(page.searched_since)})
        sys.exit(Exit.COULD_NOT)


def _local(moment: datetime | None) -> datetime | None:
    return moment and timezone.make_aware(moment)


def _remember(asked: "Filter") -> None:
    from senim.history.operations import remember_search

    if asked.names_somebody:
        remember_search(at_this_machine(), asked)


def _event(event: "Listed") -> dict[str, object]:
    told = {name: getattr(event, name) for name in event.__struct_fields__}
    return {**told, "at": iso(event.at), "read_at": iso(event.read_at)}


def _lines(found: "tuple[Listed, ...]") -> Iterator[str]:
    for event in found:
        at = timezone.localtime(event.at).isoformat(timespec="milliseconds")
        yield f"{at}  {event.source}/{event.seq}  {event.host}  {event.action}  {event.text}"


@events.command()
@json_wish
def gaps(as_json: bool) -> None:
    """Hold the ledger of accepted lines against the history: what is missing, by its numbers.

    Exit 0: nothing is missing. 1: lines are missing. 2: could not be checked.
    """
    instance = as_operator()
    from senim.history.completeness import closings
    from senim.history.history import History

    found = closings(History(instance))
    answer([_closing(one) for one in found], "\n".join(_told(found)), as_json=as_json)
    sys.exit(Exit.DONE if all(one.is_closed for one in found) else Exit.WRONG)


def _closing(one: "Closing") -> dict[str, object]:
    return {
        "source": one.source,
        "epoch": one.epoch,
        "accepted": one.accepted,
        "held": one.held,
        "expired": one.expired,
        "underway": one.underway,
        "passed_by": one.holes,
        "never_arrived": one.never_arrived,
        "closed": one.is_closed,
    }


def _told(found: "list[Closing]") -> Iterator[str]:
    for one in found:
        facts = {name: getattr(one, name) for name in ("accepted", "held", "expired", "underway")}
        summary = _("accepted %(accepted)s, held %(held)s, left %(expired)s, on their way %(underway)s")
        yield f"{one.source} {one.epoch}: {summary % facts}"
        for first, last in one.holes:
            yield "  " + _("passed the history by: %(first)s to %(last)s") % {"first": first, "last": last}
        for first, last in one.never_arrived:
            yield "  " + _("never arrived: %(first)s to %(last)s") % {"first": first, "last": last}
    if all(one.is_closed for one in found):
        yield _("Nothing is missing.")
    else:
        yield _("Lines are missing: %(lines)s.") % {"lines": sum(one.missing for one in found)}
