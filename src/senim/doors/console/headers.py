"""Headers that every page of the console carries."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

_HEADERS = {
    # Nothing of the console stays in a browser: neither in its caches nor in its back-forward cache.
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}


class Headers:
    """Adds them, over whatever a view has said."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:  # noqa: D102 - the class says it
        response = self.get_response(request)
        for name, value in _HEADERS.items():
            response.headers[name] = value
        return response
