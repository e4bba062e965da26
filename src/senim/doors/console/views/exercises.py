"""Declaring an exercise: for programs (`senim drill`), over the same door as everything else.

    GET  /en/sign-in/          sets the cookie `__Host-senim-csrf`
    POST /en/sign-in/          csrfmiddlewaretoken, login, password       → 302 /en/sign-in/code/
    POST /en/sign-in/code/     csrfmiddlewaretoken, code                  → 302, cookie `__Host-senim-session`
    POST /api/exercises        X-CSRFToken, {"kind": 2}                   → 201

Every POST carries `Origin: https://HOST:PORT`; the token is the value of the cookie, which changes at sign-in.
"""

from http import HTTPStatus

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse

from senim.doors.console.errors import BadRequest, WrongMethod
from senim.doors.console.requests import account_of
from senim.identity.guard import is_fresh, needs
from senim.identity.permissions import Permission
from senim.incidents import operations
from senim.incidents.kinds import IncidentKind
from senim.kit.clock import iso


class Wish(msgspec.Struct, forbid_unknown_fields=True):
    """What the body asks for."""

    kind: int
    """The item of R228/81-1 that the exercise plays."""


@needs(Permission.INCIDENTS_EXERCISE_DECLARE, fresh=True)
def declare(request: HttpRequest) -> HttpResponse:
    """Declare an exercise and answer with the marker that its attack must carry; told to nobody else."""
    if request.method != "POST":
        raise WrongMethod
    exercise = operations.declare_exercise(
        account_of(request), _kind(request.body), fresh_second_factor=is_fresh(request)
    )
    told = {"id": str(exercise.pk), "kind": exercise.kind, "marker": exercise.marker, "until": iso(exercise.until)}
    return JsonResponse(told, status=HTTPStatus.CREATED)


def _kind(body: bytes) -> IncidentKind:
    try:
        return IncidentKind(msgspec.json.decode(body, type=Wish).kind)
    except (msgspec.DecodeError, ValueError):
        raise BadRequest from None
