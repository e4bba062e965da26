"""The one way into the console: every request is asked for what its view declares, unknown addresses included.

A stranger learns nothing, not even which addresses exist: all but the sign-in pages lead there. Sessions end here, too:
after a time without an act, after the longest time, or where two use one.
"""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve, reverse
from django.utils.http import urlencode

from senim.doors.console import errors
from senim.doors.console.intake import REFUSAL
from senim.doors.console.requests import account_of
from senim.identity import guard, places, sessions
from senim.identity.adapter import StaffAccounts, end_session
from senim.identity.errors import NotEnrolled, NotPermitted, NotSignedIn, StaleFactor
from senim.identity.guard import Access, Level
from senim.identity.models import Account
from senim.identity.queries import next_step
from senim.identity.refusals import refuse
from senim.identity.session_limits import LONGEST
from senim.kit.clock import from_iso, now

Refusal = NotSignedIn | NotEnrolled | NotPermitted | StaleFactor
_LOOKING = {"GET", "HEAD"}
# Addresses without a view: whoever is signed in is told that there is nothing; a stranger is not.
_NOTHING = Access(Level.STAFF)
_STEPS = {"password": "account_change_password", "authenticator": "mfa_activate_totp"}


class Gate:
    """Lets a request through, or answers it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:  # noqa: D102 - the class says it
        if refusal := request.META.get(REFUSAL):
            return errors.respond(request, refusal())
        if _has_null(request):
            return errors.respond(request, errors.BadRequest())
        match = _match(request)
        access = guard.access_of(match.func) if match else _NOTHING
        self._keep_time(request, access)
        _look_at_place(request)
        try:
            guard.check(request, access)
        except (NotSignedIn, NotEnrolled, NotPermitted, StaleFactor) as refusal:
            _remember(request, refusal, access, match)
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


def _look_at_place(request: HttpRequest) -> None:
    """End a session that two use, and report one that is shown after its end."""
    adapter = StaffAccounts(request)
    where = {"address": adapter.get_client_ip(request), "agent": adapter.get_http_user_agent(request)}
    if isinstance(request.user, Account):
        if places.is_used_by_two(request.session, **where):
            with transaction.atomic():
                places.report_used_by_two(request.user, **where)
                end_session(request, why="used-by-two")
    elif key := request.COOKIES.get(settings.SESSION_COOKIE_NAME):
        places.report_use_after_end(key, **where)


def _is_too_long(started: datetime, moment: datetime) -> bool:
    return moment - started >= LONGEST


def _has_null(request: HttpRequest) -> bool:
    """Whether the address holds U+0000: no text of ours does, and PostgreSQL takes none that does."""
    return "\0" in request.path_info or any(
        "\0" in text for word in request.GET.lists() for text in (word[0], *word[1])
    )


def _match(request: HttpRequest) -> ResolverMatch | None:
    try:
        return resolve(request.path_info)
    except Resolver404:
        return None


def _remember(request: HttpRequest, refusal: Refusal, access: Access | None, match: ResolverMatch | None) -> None:
    """Let a refused act leave its rows. Being led to sign in, to enrol, or from a link to a fresh code is none."""
    led_on = isinstance(refusal, StaleFactor) and request.method in _LOOKING
    if led_on or not isinstance(refusal, NotPermitted | StaleFactor) or match is None:
        return
    wanted = access.permission.value if access and access.permission else ""
    address = StaffAccounts(request).get_client_ip(request)
    refuse(account_of(request), refusal, route=match.route, wanted=wanted, address=address)


def _answer(request: HttpRequest, refusal: Refusal) -> HttpResponseBase:
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
