"""Lists: filtered, sorted and paged by what stands in the address, and exported as they stand."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.functional import Promise

from senim.doors.console.errors import BadRequest
from senim.kit.clock import iso

PAGE = 50
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SORT, _PAGE, _FORMAT = "sort", "page", "format"
Choice = TypeVar("Choice", bound=StrEnum)


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
        self.page: Page[Any] = Paginator(self._rows, PAGE).get_page(request.GET.get(_PAGE))

    def _sorted(self, rows: QuerySet[Any] | Sequence[Any]) -> QuerySet[Any] | Sequence[Any]:
        if not self.sort:
            return rows
        column = next((c for c in self.columns if c.field and c.name == self.sort.lstrip("-")), None)
        if column is None or not isinstance(rows, QuerySet):
            raise BadRequest
        sign = "-" if self.sort.startswith("-") else ""
        return rows.order_by(f"{sign}{column.field}", f"{sign}pk")

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

    def export(self) -> HttpResponse | None:
        """The whole list as a file, where the address asks for one. Raises `BadRequest` for an unknown form."""
        form = self.request.GET.get(_FORMAT, "")
        if not form:
            return None
        table = [{column.name: _plain(column.value(row)) for column in self.columns} for row in self._rows]
        if form == "json":
            response: HttpResponse = JsonResponse(table, safe=False, json_dumps_params={"ensure_ascii": False})
        elif form == "csv":
            response = HttpResponse(_csv(table, self.columns), content_type="text/csv; charset=utf-8")
        else:
            raise BadRequest
        response.headers["Content-Disposition"] = f'attachment; filename="{self.name}.{form}"'
        return response


def chosen(request: HttpRequest, word: str, choices: type[Choice]) -> Choice | None:
    """What the address says under `word`, as one of `choices`. Raises `BadRequest` for anything else."""
    value = request.GET.get(word, "")
    if not value:
        return None
    try:
        return choices(value)
    except ValueError:
        raise BadRequest from None


def _csv(table: Sequence[dict[str, object]], columns: Sequence[Column]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.name for column in columns])
    for row in table:
        writer.writerow([_cell(value) for value in row.values()])
    return out.getvalue()


def _cell(value: object) -> object:
    """A cell that a spreadsheet does not run as a formula (OWASP, "CSV injection")."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return iso(value)
    return value if value is None or isinstance(value, bool | int | float) else str(value)
