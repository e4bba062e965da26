"""What people see and change of their own account: password, second factor, sessions."""

from allauth.account.views import PasswordChangeView
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.http import require_POST

from senim.audit import queries as audit
from senim.doors.console import qr
from senim.doors.console.requests import account_of
from senim.identity import factors, guard, sign_in
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
            "acts": audit.rows(subject=account.subject, limit=_LATEST),
        },
    )


@guard.staff
@require_POST
def end_session(request: HttpRequest, row: str) -> HttpResponse:
    """End another session of one's own account."""
    account = account_of(request)
    with transaction.atomic():
        removed, _ = sessions_of(account).filter(session_key=row).exclude(session_key=_row(request)).delete()
        if removed:
            sign_in.session_ended(account, why="ended-elsewhere")
    return redirect("security")


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


class SetUpAuthenticator(ActivateTOTPView):  # type: ignore[misc]
    """A new authenticator: shown once as a picture and as text, proved by its first code."""

    template_name = "console/authenticator.html"

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        """The secret as people type it and as cameras read it."""
        found: dict[str, object] = super().get_context_data(**kwargs)
        secret = found["form"].secret  # type: ignore[attr-defined]
        found["secret"] = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
        found["picture"] = qr.draw(str(found["totp_url"]))
        return found

    def form_valid(self, form: ActivateTOTPForm) -> HttpResponse:
        """Keep it, spend its first code, and count this session as having shown it: in one transaction."""
        account = account_of(self.request)
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)
            spent = factors.accept(account, form.cleaned_data["code"])
            post_authentication(self.request, spent or Authenticator.objects.get(user=account, type=_TOTP))
            sign_in.factor_added(account, _TOTP)
            if self.did_generate_recovery_codes:
                sign_in.factor_added(account, _CODES)
        return response


class RemoveAuthenticator(DeactivateTOTPView):  # type: ignore[misc]
    """Takes the authenticator away, to set up another at once: without one, nothing else opens."""

    template_name = "console/authenticator_remove.html"
    success_url = reverse_lazy("mfa_activate_totp")

    def form_valid(self, form: object) -> HttpResponse:
        """Remove authenticator and recovery codes, in one transaction with their rows."""
        account = account_of(self.request)
        with transaction.atomic():
            removed = list(Authenticator.objects.filter(user=account).values_list("type", flat=True))
            response: HttpResponse = super().form_valid(form)
            for factor in removed:
                sign_in.factor_removed(account, factor)
        return response


class RecoveryCodes(ViewRecoveryCodesView):  # type: ignore[misc]
    """The recovery codes, shown once."""

    template_name = "console/recovery_codes.html"


class NewRecoveryCodes(GenerateRecoveryCodesView):  # type: ignore[misc]
    """New recovery codes in place of the old ones."""

    template_name = "console/recovery_codes_new.html"

    def form_valid(self, form: object) -> HttpResponse:
        """Make them; the old ones are good for nothing from now on."""
        account = account_of(self.request)
        with transaction.atomic():
            had = Authenticator.objects.filter(user=account, type=_CODES).exists()
            response: HttpResponse = super().form_valid(form)
            if had:
                sign_in.factor_removed(account, _CODES)
            sign_in.factor_added(account, _CODES)
        return response


def _row(request: HttpRequest) -> str:
    """The row of this very session."""
    return row_key(request.session.session_key or "")


change_password = guard.enrolling(ChangePassword.as_view())
set_up_authenticator = guard.enrolling(SetUpAuthenticator.as_view())
remove_authenticator = guard.freshly(guard.staff(RemoveAuthenticator.as_view()))
recovery_codes = guard.freshly(guard.staff(RecoveryCodes.as_view()))
new_recovery_codes = guard.freshly(guard.staff(NewRecoveryCodes.as_view()))
