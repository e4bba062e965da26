"""`senim incidents`: the incidents at the machine, by the same queries as the console's pages."""

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from senim.kit.clock import now
from senim.site.cli.answer import answer, aside, json_wish
from senim.site.cli.ending import Exit
from senim.site.cli.operator import as_operator

if TYPE_CHECKING:  # the rooms' models can be imported only once Django is ready
    from senim.incidents.promptness import OfKind, Run, Spread

STATES = ("open", "closed", "withdrawn", "merged")


@click.group()
def incidents() -> None:
    """Incidents of the six kinds, what the regulator was told of them, and what people did."""


@incidents.command(name="list")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@click.option("--kind", type=click.IntRange(1, 6), help="Only those of this item of R228/81-1.")
@click.option("--counted", is_flag=True, help="Only those that count: no exercise, nothing withdrawn or merged.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="At most so many.")
@json_wish
def show_all(*, state: str | None, kind: int | None, counted: bool, limit: int, as_json: bool) -> None:
    """The newest incidents; says where there are more."""
    as_operator()
    from senim.incidents import queries, record

    found = queries.counted(queries.incidents()) if counted else queries.incidents()
    found = found.filter(state=state) if state else found
    found = found.filter(kind=kind) if kind else found
    told = [record.summary(each) for each in found[:limit]]
    answer(told, "\n".join(_lines(told)), as_json=as_json)
    if (more := found.count() - len(told)) > 0:
        aside(ngettext("%(more)d older one is not shown", "%(more)d older ones are not shown", more) % {"more": more})


def _lines(told: Iterable[dict[str, Any]]) -> Iterator[str]:
    for one in told:
        mark = "  " + _("exercise") if one["exercise"] else ""
        states = f"{one['state']:<9}  {one['told']:<9}"
        yield f"{one['number']}  {one['clause']}  {states}  {one['target']}  {one['events']}{mark}"


@incidents.command()
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How far back.")
@click.option("--exercises", is_flag=True, help="Exercises, in place of what is real.")
@json_wish
def promptness(*, days: int, exercises: bool, as_json: bool) -> None:
    """How long it took from an event to the regulator's receipt, by kind. Exit 1: some took longer than our aim."""
    as_operator()
    from senim.incidents import promptness as room

    moment = now()
    found = room.runs(moment - timedelta(days=days), exercises=exercises, now=moment)
    kinds = [_of_kind(each) for each in room.by_kind(found, moment)]
    late = [_late(run) for run in found if run.is_late(moment)]
    text = _("%(clause)s: %(count)d incidents, %(late)d late; to the receipt: median %(median)s s, slowest %(worst)s s")
    lines = [text % {**one, **(one["receipt"] or {"median": "—", "worst": "—"})} for one in kinds]
    told = {"aim_s": room.AIM.total_seconds(), "kinds": kinds, "late": late}
    answer(told, "\n".join(lines) or _("No incident in this time"), as_json=as_json)
    click.get_current_context().exit(Exit.WRONG if late else Exit.DONE)


def _of_kind(each: "OfKind") -> dict[str, Any]:
    return {
        "clause": each.kind.clause,
        "count": each.count,
        "late": each.late,
        **{leg.value: _spread(spread) for leg, spread in each.legs.items()},
    }


def _spread(spread: "Spread | None") -> dict[str, float] | None:
    if spread is None:
        return None
    return {name: _seconds(getattr(spread, name)) for name in ("median", "p95", "worst")}


def _late(run: "Run") -> dict[str, Any]:
    taken = run.to_receipt
    return {
        "number": run.number,
        "receipt_s": None if taken is None else _seconds(taken),
        "why": [
            {"why": each.why.value, "lasted_s": _seconds(each.lasted or timedelta(0)), "tries": each.tries}
            for each in run.reasons
        ],
    }


def _seconds(length: timedelta) -> float:
    return round(length.total_seconds(), 3)


@incidents.command(name="show")
@click.argument("incident")
@json_wish
def show_one(incident: str, as_json: bool) -> None:
    """One INCIDENT, by its number (2026-000017) or identifier: parties, messages, history. Exit 1: there is none."""
    as_operator()
    from senim.incidents import queries, record
    from senim.incidents.errors import NoSuchIncident

    found = queries.find(incident)
    if found is None:
        raise NoSuchIncident(incident)
    told = record.whole(found)
    answer(told, json.dumps(told, ensure_ascii=False, indent=2), as_json=as_json)
