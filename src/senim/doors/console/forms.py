"""The forms of signing in: allauth's, in our words, with codes that are good for one use."""

from typing import Any

from allauth.account.adapter import get_adapter as accounts
from allauth.account.forms import ChangePasswordForm, LoginForm
from allauth.core import context
from allauth.mfa.adapter import get_adapter as mfa
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.utils.translation import gettext_lazy as _

from senim.identity import attempts, factors
from senim.identity.models import Account


class SignIn(LoginForm):  # type: ignore[misc]
    """User name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("User name")
        self.fields["password"].label = _("Password")
        for field in self.fields.values():
            field.help_text = ""
            field.widget.attrs.pop("placeholder", None)
        self.fields["login"].widget.attrs |= {"autofocus": True, "autocapitalize": "none", "spellcheck": "false"}


class ChangePassword(ChangePasswordForm):  # type: ignore[misc]
    """The present password, and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = (
            ("oldpassword", _("Present password")),
            ("password1", _("New password")),
            ("password2", _("New password once more")),
        )
        for name, label in labels:
            self.fields[name].label = label
            self.fields[name].widget.attrs.pop("placeholder", None)
            self.fields[name].help_text = ""
        self.fields["password1"].help_text = _("At least 12 characters; not your name, not a common password.")


class _CodeField(forms.Form):
    """A code is digits; phones show the right keyboard."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("One-time code")
        attributes = self.fields["code"].widget.attrs
        attributes.pop("placeholder", None)
        attributes |= {"inputmode": "numeric", "autofocus": True, "autocomplete": "one-time-code", "maxlength": 12}


class _SpentCode(_CodeField):
    """Takes a code and spends it."""

    user: Account

    def clean_code(self) -> str:
        """The code, spent. Raises `ValidationError` for a wrong or spent one, and after too many."""
        use = attempts.code(context.request, self.user)
        code: str = self.cleaned_data["code"]
        factor = factors.accept(self.user, code) if use else None
        if use is None or factor is None:
            address = accounts().get_client_ip(context.request)
            attempts.refuse(self.user, address=address, factor="code", is_beyond=use is None)
            raise (
                mfa().validation_error("incorrect_code")
                if use
                else accounts().validation_error("too_many_login_attempts")
            )
        self.authenticator = factor
        # This one is not counted; what failed before it, here or elsewhere, is.
        use.rollback()
        return code


class Code(_SpentCode, AuthenticateForm):  # type: ignore[misc]
    """The second step of signing in."""


class FreshCode(_SpentCode, ReauthenticateForm):  # type: ignore[misc]
    """A code before an act that asks for one."""


class FirstCode(_CodeField, ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator proves that it was set up."""
