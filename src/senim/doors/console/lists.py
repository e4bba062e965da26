"""Lists: filtered, sorted and paged by what stands in the address, and exported whole as they stand.

Rows come from the database; a list that is put together in the programme and is never long may be given as it is.
"""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.functional import Promise

from senim.audit import operations as audit
from senim.audit.actions import AuditAction
from senim.doors.console.errors import BadRequest
from senim.doors.console.requests import account_of
from senim.kit.clock import iso
from senim.kit.spreadsheet import harmless

PAGE, CHUNK = 50, 500
_LONGEST = 200
_BOM = "\ufeff"
"""Tells Excel that the letters are UTF-8: without it Kazakh and Russian come out as rubbish."""
_SORT, _PAGE, _FORMAT = "sort", "page", "format"
_NO_FILTERS = {_PAGE, _FORMAT}
WORDS = (
    _SORT,
    _PAGE,
    _FORMAT,
    "actor",
    "csv",
    "json",
    "on",
    "q",
    "rule",
    "since",
    "state",
    "subject",
    "target",
    "until",
)
"""What the addresses of lists are made of: names of filters, and what names nobody."""
Choice = TypeVar("Choice", bound=StrEnum)


class CountedChoice(StrEnum):
    """`?counted=real`: exercises stay out of statistics."""

    REAL = "real"
    EXERCISES = "exercises"


@dataclass(frozen=True)
class Column:
    """One column: how exports call it, how people call it, its value, the field it sorts by."""

    name: str
    title: str | Promise
    value: Callable[[Any], object]
    field: str = ""
    classes: str = ""
    shown: bool = True
    """Whether the page has it as a column; exports always have it."""


@dataclass(frozen=True)
class Header:
    """A column's head: where a click leads, and how the list is sorted by it now."""

    title: str | Promise
    classes: str
    address: str
    direction: str
    """`ascending`, `descending`, or nothing."""


class Listing:
    """One list as one request asks for it."""

    def __init__(
        self, request: HttpRequest, name: str, rows: QuerySet[Any] | Sequence[Any], columns: Sequence[Column]
    ) -> None:
        self.request = request
        self.name = name
        self.columns = columns
        self.sort = request.GET.get(_SORT, "")
        self._rows = self._sorted(rows)

    @cached_property
    def page(self) -> Page[Any]:
        """The rows of the page that the address asks for."""
        return Paginator(self._rows, PAGE).get_page(self.request.GET.get(_PAGE))

    def _sorted(self, rows: QuerySet[Any] | Sequence[Any]) -> QuerySet[Any] | Sequence[Any]:
        if not self.sort:
            return rows
        column = next((c for c in self.columns if c.field and c.name == self.sort.removeprefix("-")), None)
        if column is None:
            raise BadRequest
        sign = "-" if self.sort.startswith("-") else ""
        if isinstance(rows, QuerySet):
            return rows.order_by(f"{sign}{column.field}", f"{sign}pk")
        return sorted(rows, key=lambda row: _place(getattr(row, column.field)), reverse=bool(sign))

    @property
    def headers(self) -> list[Header]:
        """The heads of all columns."""
        return [self._header(column) for column in self.columns if column.shown]

    def _header(self, column: Column) -> Header:
        ascending, descending = self.sort == column.name, self.sort == f"-{column.name}"
        direction = "ascending" if ascending else "descending" if descending else ""
        wanted = column.name if descending else f"-{column.name}"
        address = self.address(**{_SORT: wanted}) if column.field else ""
        return Header(column.title, column.classes, address, direction)

    def address(self, **changes: object) -> str:
        """The address of this list with `changes`, from its first page."""
        query = self.request.GET.copy()
        query.pop(_PAGE, None)
        for word, value in changes.items():
            query[word] = str(value)
        return f"?{query.urlencode()}" if query else "?"

    @property
    def newer(self) -> str:
        """The page before."""
        return self.address(page=self.page.previous_page_number())

    @property
    def older(self) -> str:
        """The page after."""
        return self.address(page=self.page.next_page_number())

    @property
    def as_csv(self) -> str:
        """Where this list, as filtered, is to be had as CSV."""
        return self.address(**{_FORMAT: "csv"})

    @property
    def as_json(self) -> str:
        """Where this list, as filtered, is to be had as JSON."""
        return self.address(**{_FORMAT: "json"})

    def export(self) -> StreamingHttpResponse | None:
        """The whole list as a file, where the address asks for one; the audit log remembers who took what.

        It goes out row by row, however long it is. Raises `BadRequest` for an unknown form.
        """
        return as_file(self.request, self.name, self.columns, self._all)

    def _all(self) -> Iterator[Any]:
        rows = self._rows
        return rows.iterator(chunk_size=CHUNK) if isinstance(rows, QuerySet) else iter(rows)


def as_file(
    request: HttpRequest, name: str, columns: Sequence[Column], rows: Callable[[], Iterator[Any]]
) -> StreamingHttpResponse | None:
    """All that `rows` gives as a file, where the address asks for one; the audit log remembers who took what.

    `rows` is called before that: what it refuses at once is not taken. Raises `BadRequest` for an unknown form.
    """
    form = request.GET.get(_FORMAT, "")
    if not form:
        return None
    if form not in _FORMS:
        raise BadRequest
    found = rows()
    _remember(request, name, form)
    write, content_type = _FORMS[form]
    response = StreamingHttpResponse(write(columns, _records(columns, found)), content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


@transaction.atomic
def _remember(request: HttpRequest, name: str, form: str) -> None:
    asked = {word: text[:_LONGEST] for word, text in request.GET.items() if text and word not in _NO_FILTERS}
    actor, detail = account_of(request).as_actor(), {"format": form, "filters": asked}
    audit.record(actor, AuditAction.CONSOLE_LIST_EXPORTED, f"list:{name}", detail=detail)


def _records(columns: Sequence[Column], rows: Iterator[Any]) -> Iterator[dict[str, object]]:
    for row in rows:
        yield {column.name: _plain(column.value(row)) for column in columns}


def _place(value: Any) -> tuple[bool, Any]:
    """Where a value belongs in an order; what is not there stands first."""
    return (value is not None, value)


def chosen(request: HttpRequest, word: str, choices: type[Choice]) -> Choice | None:
    """What the address says under `word`, as one of `choices`. Raises `BadRequest` for anything else."""
    value = request.GET.get(word, "")
    if not value:
        return None
    try:
        return choices(value)
    except ValueError:
        raise BadRequest from None


def day(request: HttpRequest, word: str, *, later: int = 0) -> datetime | None:
    """Midnight, local time, at the begin of the day that the address names under `word`, or `later` days after it.

    Raises `BadRequest` for what is no date.
    """
    value = request.GET.get(word, "")
    if not value:
        return None
    try:
        return timezone.make_aware(datetime.combine(date.fromisoformat(value) + timedelta(days=later), time.min))
    except (ValueError, OverflowError):
        raise BadRequest from None


class _Line:
    """What `csv.writer` writes to: hands each line back."""

    @staticmethod
    def write(line: str) -> str:
        return line


def _as_csv(columns: Sequence[Column], records: Iterator[dict[str, object]]) -> Iterator[str]:
    writer = csv.writer(_Line(), quoting=csv.QUOTE_ALL)
    yield _BOM + writer.writerow([column.name for column in columns])
    for record in records:
        yield writer.writerow([_cell(value) for value in record.values()])


def _as_json(_columns: Sequence[Column], records: Iterator[dict[str, object]]) -> Iterator[str]:
    """An array, one record a line."""
    before = "["
    for record in records:
        yield f"{before}\n{json.dumps(record, ensure_ascii=False)}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


_FORMS = {"csv": (_as_csv, "text/csv; charset=utf-8"), "json": (_as_json, "application/json")}


def _cell(value: object) -> object:
    """A cell that a spreadsheet does not run as a formula."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict | list) else value
    return harmless(text) if isinstance(text, str) else text


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return iso(value)
    return value if value is None or isinstance(value, bool | int | float | dict | list) else str(value)
