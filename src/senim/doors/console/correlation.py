"""Every request has a name: in the answer's header, on error pages, on every line of the log it causes."""

import logging
import time
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from senim.kit.ids import new_id

HEADER = "Senim-Correlation"
_NOBODY = "-"
_current: ContextVar[str] = ContextVar("correlation", default=_NOBODY)
_log = logging.getLogger("senim.console")
_FAILED = 400


class Named(logging.Filter):
    """Puts the running request's name on each log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Name `record`; keep it."""
        record.correlation = _current.get()
        return True


def correlation_of() -> str:
    """The running request's name; `-` outside of requests."""
    return _current.get()


class Correlation:
    """Names the request and writes one line about it: method, route (never the address as typed), status, time."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:  # noqa: D102 - the class says it
        name = str(new_id())
        token = _current.set(name)
        began = time.perf_counter()
        try:
            response = self.get_response(request)
            response.headers[HEADER] = name
            self._note(request, response, time.perf_counter() - began)
        finally:
            _current.reset(token)
        return response

    def _note(self, request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
        match = request.resolver_match
        # Pages that renew themselves would drown the rest. (Read by name: logging is set up before models may load.)
        access = getattr(match.func, "access", None) if match else None
        if getattr(access, "passive", False) and response.status_code < _FAILED:
            return
        route = match.route if match else "?"
        _log.info("%s %s %d %.0f ms", request.method, route, response.status_code, seconds * 1000)
