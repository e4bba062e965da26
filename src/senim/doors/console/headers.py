"""Headers that every answer of the console carries, pages and the files that they are drawn with."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

_HEADERS = {
    # Nothing of the console stays in a browser: neither in its caches nor in its back-forward cache.
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
    # What serves us is nobody's business.
    "Server": "Senim",
}
_FOUND = {200, 304}
_DRAWN_WITH = "private, max-age=60"
"""Style and script are the same for everybody and hold nothing; so long they may be a release behind."""


class Headers:
    """Adds them, over whatever a view has said."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:  # noqa: D102 - the class says it
        response = self.get_response(request)
        for name, value in _HEADERS.items():
            response.headers[name] = value
        if request.path_info.startswith(settings.STATIC_URL) and response.status_code in _FOUND:
            response.headers["Cache-Control"] = _DRAWN_WITH
        return response
