"""A door notices that a request did what its code never does: the database itself refused a statement of it.

Our statements are composed by Django alone and each role may do all that its code does (`site.database.grants`). A
statement that is no SQL any more, that lacks a right, or that would change what is never changed was not ours: it is
said in the request's line (`doors.access`), and a rule judges it together with what was asked.
"""

from collections.abc import Callable

from django.db import Error
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from senim.doors.access import VIOLATION
from senim.telemetry.parsers.door import DATABASE_RIGHT, DATABASE_SYNTAX

_WORDS = {
    "42601": DATABASE_SYNTAX,
    "42501": DATABASE_RIGHT,
}
"""SQLSTATE → word. Source: PostgreSQL, appendix A: syntax_error, insufficient_privilege (also our triggers')."""


class Violations:
    """Says of a request what its exception shows; answers nothing itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:  # noqa: D102 - the class says it
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Note what the database said, if it was the database."""
        if isinstance(exception, Error):
            state = getattr(exception.__cause__, "sqlstate", None)
            if word := _WORDS.get(state or ""):
                request.META[VIOLATION] = word
