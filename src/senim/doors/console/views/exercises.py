"""Declaring an exercise: for programs (`senim drill`), over the same door as everything else.

    GET  /en/sign-in/          sets the cookie `__Host-senim-csrf`
    POST /en/sign-in/          csrfmiddlewaretoken, login, password       → 302 /en/sign-in/code/
    POST /en/sign-in/code/     csrfmiddlewaretoken, code                  → 302, cookie `__Host-senim-session`
    POST /api/exercises        X-CSRFToken, {"kind": 2}                   → 201
                               or {"kind": 2, "near_miss": true}: nothing is to come of it
                               "scenario": what is played, by a name of its own
    GET  /api/exercises/UUID   what it has led to so far                  → 200
    POST /api/exercises/UUID/end   X-CSRFToken: nobody waits for more     → 200
    POST /en/security/code/    csrfmiddlewaretoken, code: where the code is older than five minutes → 302

Every POST carries `Origin: https://HOST:PORT`; the token is the value of the cookie, which changes at sign-in.
"""

from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404

from senim.doors.console.errors import BadRequest, WrongMethod
from senim.doors.console.requests import account_of
from senim.identity.guard import is_fresh, needs
from senim.identity.permissions import Permission
from senim.incidents import operations, queries
from senim.incidents.kinds import IncidentKind
from senim.incidents.models import Exercise
from senim.kit.clock import iso
from senim.kit.unreadable import UNREADABLE


class Wish(msgspec.Struct, forbid_unknown_fields=True):
    """What the body asks for."""

    kind: Annotated[int, msgspec.Meta(ge=1, le=6)]
    """The item of R228/81-1 that the exercise plays."""
    near_miss: bool = False
    """Whether it plays what is nearly that, and is not to be taken for it."""
    scenario: Annotated[str, msgspec.Meta(max_length=64, pattern="^[a-z0-9 ,'-]*$")] = ""
    """What is played: each scenario is judged by the last time that it was."""


@needs(Permission.INCIDENTS_EXERCISE_DECLARE, fresh=True)
def declare(request: HttpRequest) -> HttpResponse:
    """Declare an exercise and answer with the marker that its attack must carry."""
    if request.method != "POST":
        raise WrongMethod
    wish = _wish(request.body)
    exercise = operations.declare_exercise(
        account_of(request),
        IncidentKind(wish.kind),
        fresh_second_factor=is_fresh(request),
        is_near_miss=wish.near_miss,
        scenario=wish.scenario,
    )
    told = {"id": str(exercise.pk), "kind": exercise.kind, "marker": exercise.marker, "until": iso(exercise.until)}
    return JsonResponse(told, status=HTTPStatus.CREATED)


@needs(Permission.INCIDENTS_EXERCISE_DECLARE)
def outcome(_request: HttpRequest, pk: UUID) -> HttpResponse:
    """What exercise `pk` has led to so far: alerts, and each incident with its seconds to opening, sending, receipt."""
    exercise = get_object_or_404(Exercise, pk=pk)
    incidents = [asdict(each) for each in queries.exercise_outcomes(exercise)]
    return JsonResponse({"alerts": queries.exercise_alerts(exercise), "incidents": incidents})


@needs(Permission.INCIDENTS_EXERCISE_DECLARE)
def end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that nobody waits for more to come of exercise `pk`: what was not detected by now was missed."""
    if request.method != "POST":
        raise WrongMethod
    ended = operations.end_exercise(account_of(request), get_object_or_404(Exercise, pk=pk))
    return JsonResponse({"ended_at": iso(ended.at)})


def _wish(body: bytes) -> Wish:
    try:
        return msgspec.json.decode(body, type=Wish)
    except (*UNREADABLE, RecursionError):
        raise BadRequest from None
