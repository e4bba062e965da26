"""Signing in and out: allauth's steps, our pages, our records.

Clauses: R228/81-16.
"""

from typing import cast

from allauth.account.views import LoginView, LogoutView, ReauthenticateView
from allauth.decorators import rate_limit
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as CodeAgainView
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from senim.identity import guard
from senim.identity.adapter import renew_session


class SignIn(LoginView):  # type: ignore[misc]
    """User name and password, with the advice on safe habits beside them."""

    template_name = "console/sign_in.html"


@method_decorator(rate_limit(action="login"), name="dispatch")
class SecondStep(AuthenticateView):  # type: ignore[misc]
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
