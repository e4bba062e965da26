"""What people see and change of their own account: password, second factor, sessions."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.views import PasswordChangeView
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.internal.auth import clear_totp_secret
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST
from django.views.generic import FormView

from senim.audit import queries as audit
from senim.doors.console import qr
from senim.doors.console.forms import FirstCode
from senim.doors.console.requests import account_of
from senim.doors.console.views.sign_in import sign_out
from senim.identity import enrolment, factors, guard, sign_in
from senim.identity.adapter import renew_session
from senim.identity.queries import sessions_of
from senim.identity.sessions import row_key

_TOTP, _CODES = Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES
_LATEST = 12


@guard.staff
def page(request: HttpRequest) -> HttpResponse:
    """Own factors, sessions, and what happened to the account."""
    account = account_of(request)
    kept = {factor.type: factor for factor in Authenticator.objects.filter(user=account)}
    codes = kept.get(_CODES)
    return render(
        request,
        "console/security.html",
        {
            "authenticator": kept.get(_TOTP),
            "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
            "sessions": sessions_of(account),
            "here": _row(request),
            "acts": audit.rows(subject=account.subject)[:_LATEST],
        },
    )


@guard.staff
@require_POST
def end_session(request: HttpRequest, row: str) -> HttpResponse:
    """End another session of one's own account."""
    if row != _row(request):
        sign_in.end_sessions(account_of(request), only=row, why="ended-elsewhere")
    return redirect("security")


@guard.staff
@require_POST
def end_everywhere(request: HttpRequest) -> HttpResponseBase:
    """Sign out everywhere: every session of one's own account ends, and this one with them."""
    sign_in.end_sessions(account_of(request), but=_row(request), why="ended-elsewhere")
    leaving: HttpResponseBase = sign_out(request)
    return leaving


class ChangePassword(PasswordChangeView):  # type: ignore[misc]
    """A new password, chosen by its owner; every other session ends."""

    template_name = "console/password.html"

    def form_valid(self, form: object) -> HttpResponse:
        """Change it and end the other sessions, in one transaction."""
        account = account_of(self.request)
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)
            sign_in.end_sessions(account, but=_row(self.request), why="password-changed")
        return response

    def get_default_success_url(self) -> str:
        """On to the next step of enrolment, or back to the security page."""
        return reverse("security")


class _NewAuthenticator(FormView):  # type: ignore[type-arg]
    """A new authenticator: shown once as a picture and as text, proved by its first code."""

    form_class = FirstCode

    def get_form_kwargs(self) -> dict[str, Any]:
        """Whose it becomes."""
        return {**super().get_form_kwargs(), "user": account_of(self.request)}

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        """The secret as people type it and as cameras read it."""
        found = super().get_context_data(**kwargs)
        secret = found["form"].secret
        found["secret"] = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
        found["picture"] = qr.draw(factors.Factors().build_totp_url(account_of(self.request), secret))
        return found

    def form_valid(self, form: FirstCode) -> HttpResponse:
        """Keep it, and count this session as having shown it."""
        with transaction.atomic():
            factor = self.keep(form.secret, form.cleaned_data["code"])
            post_authentication(self.request, factor)
        clear_totp_secret(self.request)
        renew_session(self.request)
        return redirect("mfa_view_recovery_codes")

    def keep(self, secret: str, code: str) -> Authenticator:
        """What becomes of `secret`, whose first `code` was right."""
        raise NotImplementedError


@method_decorator(reauthentication_required(app="allauth.mfa"), name="dispatch")
class SetUpAuthenticator(_NewAuthenticator):
    """The first authenticator: the second step of enrolment."""

    template_name = "console/authenticator.html"

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Whoever has one replaces it, which asks for a code of the old one."""
        if factors.has_one(account_of(request)):
            return redirect("security-authenticator")
        return super().dispatch(request, *args, **kwargs)

    def keep(self, secret: str, code: str) -> Authenticator:
        """Enrol."""
        return enrolment.set_up(account_of(self.request), secret, code)


class ReplaceAuthenticator(_NewAuthenticator):
    """Another authenticator in place of the present one, which is good until the first code of the new one."""

    template_name = "console/authenticator_replace.html"

    def keep(self, secret: str, code: str) -> Authenticator:
        """Swap them."""
        return enrolment.replace(account_of(self.request), secret, code, session=_row(self.request))


class RecoveryCodes(ViewRecoveryCodesView):  # type: ignore[misc]
    """The recovery codes, shown once."""

    template_name = "console/recovery_codes.html"

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Whoever has none may make some."""
        if not Authenticator.objects.filter(user=account_of(request), type=_CODES).exists():
            return redirect("mfa_generate_recovery_codes")
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


class NewRecoveryCodes(GenerateRecoveryCodesView):  # type: ignore[misc]
    """New recovery codes in place of the old ones."""

    template_name = "console/recovery_codes_new.html"

    def form_valid(self, _form: object) -> HttpResponse:
        """Make them."""
        enrolment.renew_recovery_codes(account_of(self.request))
        return redirect(self.success_url)


def _row(request: HttpRequest) -> str:
    """The row of this very session."""
    return row_key(request.session.session_key or "")


change_password = guard.enrolling(ChangePassword.as_view())
set_up_authenticator = guard.enrolling(SetUpAuthenticator.as_view())
replace_authenticator = guard.freshly(guard.staff(ReplaceAuthenticator.as_view()))
recovery_codes = guard.freshly(guard.staff(RecoveryCodes.as_view()))
new_recovery_codes = guard.freshly(guard.staff(NewRecoveryCodes.as_view()))
