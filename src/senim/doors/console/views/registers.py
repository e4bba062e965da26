"""Registers: what stands in each, as of any day; an entry and its history; what the yearly information would lack.

Clauses: R228/80.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import itemgetter, or_
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from senim.annual_report.sections import REGISTERS, register
from senim.doors.console.errors import BadRequest
from senim.doors.console.lists import CHUNK, Column, Listing, as_file, day
from senim.doors.console.requests import account_of
from senim.identity.guard import needs
from senim.identity.permissions import Permission
from senim.kit.clock import now
from senim.kit.problems import Text
from senim.registers import queries, rows
from senim.registers.fields import Prose, Word
from senim.registers.models import Version
from senim.registers.register import Lack, Register

READ = Permission.REGISTERS_ENTRY_READ
_LONGEST = 200


@dataclass(frozen=True)
class Change:
    """What a version says of a field, and what the one before said."""

    title: Text
    before: Text
    after: Text


@needs(READ)
def overview(request: HttpRequest) -> HttpResponse:
    """All registers: how many entries each has, and how much the yearly information would lack."""
    moment = now()
    told = [(each, queries.as_of(each, moment).count(), queries.missing(each, moment)) for each in REGISTERS]
    return render(request, "console/registers.html", {"registers": told})


@needs(READ)
def listed(request: HttpRequest, name: str) -> HttpResponseBase:
    """The entries of one register, as they stand or stood at the end of a day."""
    asked_for, moment = register(name), _moment(request)
    found = _filtered(request, asked_for, moment)
    listing = Listing(request, asked_for.name, found, _columns(asked_for))
    told = {
        "register": asked_for,
        "listing": listing,
        "rows": [_row(asked_for, version) for version in listing.page],
        "missing": _missing(asked_for, moment),
        "words": [(each, request.GET.get(each.name, "")) for each in asked_for.words],
        "asked": request.GET,
        "today": queries.today(),
        "may_change": account_of(request).may(Permission.REGISTERS_ENTRY_CHANGE),
    }
    return _exported(request, asked_for, found) or render(request, "console/register.html", told)


def _missing(asked_for: Register, moment: datetime) -> list[tuple[Lack, str]]:
    """What is missing, and the name of the entry that lacks it."""
    names = {each.entry: asked_for.name_of(each.facts) for each in queries.as_of(asked_for, moment)}
    return [(lack, names[lack.entry] if lack.entry else "") for lack in queries.missing(asked_for, moment)]


def _moment(request: HttpRequest) -> datetime:
    """The last moment of the day that `?on=` names; none named: now."""
    after = day(request, "on", later=1)
    return after - timedelta(microseconds=1) if after else now()


def _filtered(request: HttpRequest, asked_for: Register, moment: datetime) -> QuerySet[Version]:
    found = queries.as_of(asked_for, moment)
    for each in asked_for.words:
        if word := request.GET.get(each.name, ""):
            found = found.filter(**{f"facts__{each.name}": _known(each, word)})
    wanted = request.GET.get("q", "").strip()[:_LONGEST]
    return found.filter(_holds(asked_for, wanted)) if wanted else found


def _known(field: Word, word: str) -> str:
    if word not in field.words:
        raise BadRequest
    return word


def _holds(asked_for: Register, text: str) -> Q:
    texts = [each.name for each in asked_for.fields if isinstance(each, Prose)]
    return reduce(or_, (Q(**{f"facts__{name}__icontains": text}) for name in texts))


def _columns(asked_for: Register) -> list[Column]:
    shown = [asked_for.field(name) for name in asked_for.shown]
    return [
        Column("name", _("Name"), asked_for.name_of),
        *(Column(each.name, each.title, lambda v: v.facts, f"facts__{each.name}") for each in shown),
        Column("owner", _("Owner"), lambda v: v.owner, "owner__full_name", "widest"),
        Column("review_on", _("Review on"), lambda v: v.review_on, "review_on"),
    ]


def _row(asked_for: Register, version: Version) -> dict[str, object]:
    cells = [asked_for.field(name).told(version.facts.get(name, "")) for name in asked_for.shown]
    return {"version": version, "name": asked_for.name_of(version.facts), "cells": cells}


def _exported(request: HttpRequest, asked_for: Register, found: QuerySet[Version]) -> HttpResponseBase | None:
    """The same rows as `senim registers export` gives out, which can be brought in again."""
    columns = [Column(name, name, itemgetter(name)) for name in rows.columns(asked_for)]
    return as_file(
        request,
        f"register-{asked_for.name}",
        columns,
        lambda: (rows.row(asked_for, version) for version in found.iterator(chunk_size=CHUNK)),
    )


@needs(READ)
def shown(request: HttpRequest, name: str, pk: UUID) -> HttpResponse:
    """One entry: what it says, who answers for it, and all that it said before."""
    asked_for = register(name)
    versions = list(queries.history(asked_for, pk))
    newest = queries.entry(asked_for, pk)
    told = {
        "register": asked_for,
        "version": newest,
        "name": asked_for.name_of(newest.facts),
        "facts": [(each.title, each.told(newest.facts.get(each.name, ""))) for each in asked_for.fields],
        "history": _steps(asked_for, versions),
        "is_due": newest.review_on < queries.today(),
        "may_change": not newest.is_over and account_of(request).may(Permission.REGISTERS_ENTRY_CHANGE),
    }
    return render(request, "console/register_entry.html", told)


def _steps(asked_for: Register, versions: Sequence[Version]) -> list[tuple[Version, list[Change]]]:
    """Each version, the newest first, with what it changed of the one before."""
    older = (*versions[1:], None)
    return [(each, _changes(asked_for, before, each)) for each, before in zip(versions, older, strict=True)]


def _changes(asked_for: Register, before: Version | None, after: Version) -> list[Change]:
    if before is None:
        return []
    found = [
        Change(each.title, each.told(before.facts.get(each.name, "")), each.told(after.facts.get(each.name, "")))
        for each in asked_for.fields
        if before.facts.get(each.name, "") != after.facts.get(each.name, "")
    ]
    if before.owner_id != after.owner_id:
        found.append(Change(_("Owner"), str(before.owner), str(after.owner)))
    if before.review_on != after.review_on:
        found.append(Change(_("Review on"), f"{before.review_on:%d.%m.%Y}", f"{after.review_on:%d.%m.%Y}"))
    return found
