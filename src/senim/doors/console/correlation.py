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
_FAILED, _BROKEN = 400, 500


class Named(logging.Filter):
    """Puts the running request's name on each log record, and takes out what somebody typed as an address.

    Django writes the path of each request that it refuses or that fails. A refusal has its line from `Correlation`; a
    failure keeps its record, with the route in place of the path.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Name `record`; whether it is kept."""
        record.correlation = _current.get()
        request, status = getattr(record, "request", None), getattr(record, "status_code", _BROKEN)
        if not isinstance(request, HttpRequest):
            return True
        record.msg, record.args = "%s %s failed", (request.method, _route(request))
        return status >= _BROKEN


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
        _log.info("%s %s %d %.0f ms", request.method, _route(request), response.status_code, seconds * 1000)


def _route(request: HttpRequest) -> str:
    """The pattern of the address, which holds nothing that anybody typed."""
    return request.resolver_match.route if request.resolver_match else "?"
