"""The one way into the console: every request is asked for what its view declares, unknown addresses included.

A stranger learns nothing, not even which addresses exist: all but the sign-in pages lead there. Sessions end here, too:
after a time without an act, or after the longest time.
"""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve, reverse
from django.utils.http import urlencode

from senim.doors.console import errors
from senim.identity import guard, sessions
from senim.identity.adapter import end_session
from senim.identity.errors import NotEnrolled, NotPermitted, NotSignedIn, StaleFactor
from senim.identity.guard import Access, Level
from senim.identity.models import Account
from senim.identity.queries import SESSION_LONGEST, next_step
from senim.kit.clock import from_iso, now

# Addresses without a view: whoever is signed in is told that there is nothing; a stranger is not.
_NOTHING = Access(Level.STAFF)
_STEPS = {"password": "account_change_password", "authenticator": "mfa_activate_totp"}


class Gate:
    """Lets a request through, or answers it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:  # noqa: D102 - the class says it
        access = _access(request)
        self._keep_time(request, access)
        try:
            guard.check(request, access)
        except (NotSignedIn, NotEnrolled, NotPermitted, StaleFactor) as refusal:
            return _answer(request, refusal)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Rooms refuse by `Problem`; here it becomes a page or a problem document."""
        return errors.answer(request, exception)

    def _keep_time(self, request: HttpRequest, access: Access | None) -> None:
        if not isinstance(request.user, Account):
            return
        started = request.session.get(sessions.STARTED_AT)
        if started is None or _is_too_long(from_iso(started), now()):
            end_session(request, why="too-long")
        elif access is None or not access.passive:
            request.session.modified = True  # saving it moves its end


def _is_too_long(started: datetime, moment: datetime) -> bool:
    return moment - started >= SESSION_LONGEST


def _access(request: HttpRequest) -> Access | None:
    try:
        return guard.access_of(resolve(request.path_info).func)
    except Resolver404:
        return _NOTHING


def _answer(request: HttpRequest, refusal: NotSignedIn | NotEnrolled | NotPermitted | StaleFactor) -> HttpResponseBase:
    if isinstance(refusal, NotPermitted) or errors.wants_json(request):
        return errors.respond(request, refusal)
    if isinstance(refusal, NotSignedIn):
        where = reverse("account_login")
    elif isinstance(refusal, StaleFactor):
        where = reverse("mfa_reauthenticate")
    else:
        where = _next_step(request)
    if request.headers.get("HX-Request"):
        # A fragment has no page of its own: let the browser go there as a whole.
        return HttpResponse(status=refusal.status, headers={"HX-Redirect": where})
    back = request.get_full_path() if request.method == "GET" and not isinstance(refusal, NotEnrolled) else ""
    return HttpResponseRedirect(f"{where}?{urlencode({'next': back})}" if back else where)


def _next_step(request: HttpRequest) -> str:
    """Where enrolment goes on; a session that never showed its account's factor has to begin anew."""
    step = next_step(request.user) if isinstance(request.user, Account) else ""
    if not step:
        end_session(request, why="ended-elsewhere")
        return reverse("account_login")
    return reverse(_STEPS[step])
