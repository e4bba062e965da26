"""Signing in and out: allauth's steps, our pages, our records.

Clauses: R228/81-16.
"""

from typing import cast

from allauth.account.views import LoginView, LogoutView, ReauthenticateView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as CodeAgainView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from senim.doors.console.errors import too_many_requests
from senim.identity import attempts, guard
from senim.identity.adapter import renew_session


class _Counted:
    """Forms on the way in are counted before they are looked at."""

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Answer, unless there were too many."""
        if not attempts.visit(request):
            return too_many_requests(request)
        return cast("HttpResponseBase", super().dispatch(request, *args, **kwargs))  # type: ignore[misc]


class SignIn(_Counted, LoginView):  # type: ignore[misc]
    """User name and password, with the advice on safe habits beside them."""

    template_name = "console/sign_in.html"


class SecondStep(_Counted, AuthenticateView):  # type: ignore[misc]
    """The one-time code."""

    template_name = "console/code.html"


class CodeAgain(CodeAgainView):  # type: ignore[misc]
    """A fresh code before an act that asks for one."""

    template_name = "console/code_again.html"

    def form_valid(self, form: object) -> HttpResponse:
        """Go on under another key."""
        renew_session(self.request)
        return cast("HttpResponse", super().form_valid(form))


class PasswordAgain(ReauthenticateView):  # type: ignore[misc]
    """The password once more, for those who took long over enrolling."""

    template_name = "console/password_again.html"

    def form_valid(self, form: object) -> HttpResponse:
        """Go on under another key."""
        renew_session(self.request)
        return cast("HttpResponse", super().form_valid(form))


@method_decorator(require_POST, name="dispatch")
class SignOut(LogoutView):  # type: ignore[misc]
    """Ends the session and empties what the browser kept of it."""

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Sign out, or give up half-way through signing in."""
        response: HttpResponse = super().post(request, *args, **kwargs)
        # Not "cookies": the session's own is deleted, and the one that only counts failed attempts is to stay.
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


sign_in = guard.anybody(SignIn.as_view())
second_step = guard.anybody(SecondStep.as_view())
sign_out = guard.anybody(SignOut.as_view())
code_again = guard.staff(CodeAgain.as_view())
password_again = guard.enrolling(PasswordAgain.as_view())
