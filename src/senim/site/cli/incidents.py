"""`senim incidents`: the incidents at the machine, by the same queries as the console's pages."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import click
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from senim.site.cli.answer import answer, aside, json_wish
from senim.site.cli.operator import as_operator

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
