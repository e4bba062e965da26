"""Refusals as a page or as a problem document (RFC 9457), in the reader's language.

Clauses: R228/81-18(5) (the least that still lets the problem be diagnosed, nothing confidential).
"""

import logging
from typing import ClassVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from senim.doors.console.correlation import correlation_of
from senim.kit.problems import Problem

_log = logging.getLogger("senim.console")
_JSON, _HTML = "application/json", "text/html"
API = "/api/"


class BadRequest(Problem):
    """The request makes no sense."""

    code = "console:bad-request"
    status = 400
    title = _("The request cannot be understood")
    remedy = _("Go back to the first page and try again")


class Forged(Problem):
    """A form that did not come from our own page, or came too late."""

    code = "console:form-expired"
    status = 403
    title = _("The form has expired")
    remedy = _("Open the page again and send the form once more")


class NotFound(Problem):
    """Nothing stands at this address, or nothing that the reader may see."""

    code = "console:not-found"
    status = 404
    title = _("There is nothing at this address")
    remedy = _("Look at the address, or begin at the first page")


class WrongMethod(Problem):
    """The address exists, and is not used in this way."""

    code = "console:method-not-allowed"
    status = 405
    title = _("This address is not used in this way")
    remedy: ClassVar = ""


class TooSlow(Problem):
    """A request whose body did not arrive in time."""

    code = "console:too-slow"
    status = 408
    title = _("The request did not arrive whole in time")
    remedy = _("Look at your connection and send it again")


class TooLarge(Problem):
    """A request with a larger body than any form of ours has."""

    code = "console:too-large"
    status = 413
    title = _("What was sent is too large")
    remedy = _("Go back, shorten it and send it again")


class TooMany(Problem):
    """More requests than we answer."""

    code = "console:too-many-requests"
    status = 429
    title = _("Too many attempts")
    remedy = _("Wait a few minutes and try again")


class Failed(Problem):
    """Our own mistake."""

    code = "console:failed"
    status = 500
    title = _("Something failed on our side")
    remedy = _("Try again; if it fails again, tell the administrator the number below")


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asks."""
    return request.path_info.startswith(API) or request.get_preferred_type([_HTML, _JSON]) == _JSON


def respond(request: HttpRequest, problem: Problem) -> HttpResponse:
    """`problem` as an answer. The page needs neither database nor session, so that it can always be shown."""
    name = correlation_of()
    if wants_json(request):
        document = {**problem.as_json(), "instance": f"urn:uuid:{name}"}
        return JsonResponse(document, status=problem.status, content_type="application/problem+json")
    page = render_to_string(
        "console/problem.html", {"problem": problem, "correlation": name, "LANGUAGE_CODE": get_language()}
    )
    return HttpResponse(page, status=problem.status)


def answer(request: HttpRequest, exception: Exception) -> HttpResponse | None:
    """The answer to a room's refusal; None for what is no refusal and goes on as an error."""
    return respond(request, exception) if isinstance(exception, Problem) else None


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django names it
    """Django's handler400: a strange Host header, a broken form."""
    return respond(request, BadRequest())


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django names it
    """Django's handler403."""
    return respond(request, Forged())


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django names it
    """Django's handler404."""
    return respond(request, NotFound())


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """What allauth shows when there were too many."""
    return respond(request, TooMany())


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's handler500; Django has logged the error under the same name."""
    return respond(request, Failed())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token."""
    _log.warning("a form was refused: %s", reason.partition(" - ")[0])  # what follows repeats what was sent
    return respond(request, Forged())
