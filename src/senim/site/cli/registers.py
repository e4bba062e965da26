"""`senim registers`: what stands in the registers, as of any day; files out and in."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from django.utils.translation import gettext as _

from senim.kit.clock import now
from senim.kit.moments import end_of
from senim.site.cli.answer import answer, json_wish
from senim.site.cli.ending import Exit
from senim.site.cli.operator import as_operator, at_this_machine

if TYPE_CHECKING:  # the rooms' models can be imported only once Django is ready
    from senim.registers.importing import Line, Plan
    from senim.registers.register import Register

_as_of = click.option(
    "--as-of", "as_of", type=click.DateTime(["%Y-%m-%d"]), help="As it stood at the end of this day (2026-12-31)."
)


@click.group()
def registers() -> None:
    """Registers that the yearly information is put together from."""


@registers.command()
@click.argument("name", required=False)
@_as_of
@json_wish
def show(name: str | None, as_of: datetime | None, as_json: bool) -> None:
    """All registers and what the yearly information would lack; with NAME the entries of that one.

    Exit 1 where something is missing.
    """
    as_operator()
    from senim.annual_report.sections import REGISTERS, register

    moment = _moment(as_of)
    asked_for = [register(name)] if name else list(REGISTERS)
    told = [_told(each, moment, entries=bool(name)) for each in asked_for]
    text = "\n".join(line for each in asked_for for line in _lines(each, moment, entries=bool(name)))
    answer(told[0] if name else told, text, as_json=as_json)
    sys.exit(Exit.WRONG if any(each["missing"] for each in told) else Exit.DONE)


@registers.command(name="export")
@click.argument("name")
@_as_of
@json_wish
def give_out(name: str, as_of: datetime | None, as_json: bool) -> None:
    """The entries of register NAME as CSV, which `senim registers import` takes again."""
    as_operator()
    from senim.annual_report.sections import register
    from senim.registers import queries, rows

    asked_for = register(name)
    found = list(queries.as_of(asked_for, _moment(as_of)))
    answer([rows.row(asked_for, each) for each in found], rows.as_csv(asked_for, found).rstrip(), as_json=as_json)


@registers.command(name="import")
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--write", is_flag=True, help="Do it; without this it is only shown.")
@click.option("--reason", required=True, help="Why; stands in the audit log.")
@json_wish
def bring_in(name: str, file: Path, write: bool, reason: str, as_json: bool) -> None:
    """What each line of FILE would do to register NAME; with --write it is done, all of it or nothing.

    A line without an entry adds one. Entries that FILE does not name stay as they are.
    """
    as_operator()
    from senim.annual_report.sections import register
    from senim.registers import importing

    asked_for = register(name)
    plan = importing.plan(asked_for, importing.text_of(file.read_bytes()), now())
    importing.raise_if_faulty(plan)
    if write:
        importing.carry_out(asked_for, plan, reason=reason, actor=at_this_machine())
    answer(_plan(plan, write), "\n".join(_step(asked_for, line) for line in plan.lines), as_json=as_json)


def _moment(as_of: datetime | None) -> datetime:
    """The last moment of a day; none named: now."""
    return now() if as_of is None else end_of(as_of.date())


def _told(register: "Register", moment: datetime, *, entries: bool) -> dict[str, object]:
    from senim.registers import queries, rows

    found = queries.as_of(register, moment)
    told: dict[str, object] = {"register": register.name, "clause": register.clause, "entries": found.count()}
    if entries:
        told["entries"] = [rows.row(register, each) for each in found]
    lacks = queries.missing(register, moment)
    told["missing"] = [{"code": each.code, "entry": str(each.entry) if each.entry else None} for each in lacks]
    return told


def _lines(register: "Register", moment: datetime, *, entries: bool) -> list[str]:
    from senim.registers import queries

    found = queries.as_of(register, moment)
    lines = [f"{register.name:<20} {register.clause:<12} {found.count():>4}  {register.title}"]
    if entries:
        lines += [f"  {each.entry}  {each.number}  {register.name_of(each.facts)}" for each in found]
    lacks = queries.missing(register, moment)
    return [*lines, *(f"  {_('missing')}: {each.said} {each.entry or ''}".rstrip() for each in lacks)]


def _plan(plan: "Plan", written: bool) -> dict[str, object]:
    lines = [{"line": each.number, "act": each.act.value, "changed": list(each.changed)} for each in plan.lines]
    return {"written": written, "lines": lines}


def _step(register: "Register", line: "Line") -> str:
    changed = f" ({', '.join(line.changed)})" if line.changed else ""
    return f"{line.number:>5}  {line.act.value:<7} {register.name_of(line.facts)}{changed}"
