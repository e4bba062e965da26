"""What allauth asks about accounts, answered for staff: no sign-up, no e-mail, every step recorded."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from senim.identity import attempts, devices, factors, guard, places, sessions, sign_in
from senim.identity.models import Account
from senim.identity.names import normal
from senim.identity.queries import may_sign_in
from senim.kit.clock import iso, now

_FACTORS = {"password": "password", "mfa": "code"}
"""What allauth calls a step, and what audit rows and events call it."""


class StaffAccounts(DefaultAccountAdapter):  # type: ignore[misc]
    """The thin hook: allauth calls, `identity.sign_in` acts."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _("The user name or the password is wrong."),
        "too_many_login_attempts": _("Too many failed attempts. Wait five minutes and try again."),
        "rate_limited": _("Too many attempts. Wait five minutes and try again."),
        "enter_current_password": _("This is not your present password."),
        "incorrect_code": _("This code is wrong or was used already. Wait for the next one and type it."),
    }

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Never: accounts are made at the machine, with `senim accounts`."""
        return False

    def is_ajax(self, _request: HttpRequest) -> bool:
        """Never: sign-in pages answer in one form only."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Silent: our pages say what happened in their own words."""

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The first page, in the account's language."""
        language = request.user.language if isinstance(request.user, Account) else None
        with translation.override(language):
            return reverse("now")

    def get_logout_redirect_url(self, _request: HttpRequest) -> str:
        """Back to signing in."""
        return reverse("account_login")

    def get_password_change_redirect_url(self, _request: HttpRequest) -> str:
        """Back to the security page."""
        return reverse("security")

    def is_reauthentication_required(self, **_kwargs: Any) -> bool:
        """Asked before anybody touches factors; signing in just now counts as fresh."""
        return not guard.is_fresh(context.request)

    def get_reauthentication_methods(self, user: Account) -> list[dict[str, Any]]:
        """The strongest factor that `user` has, and no weaker one."""
        name = "mfa_reauthenticate" if factors.has_one(user) else "account_reauthenticate"
        return [{"id": name, "description": "", "url": reverse(name)}]

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt. Raises `ValidationError` where there were too many."""
        self._login_failed_rl_usage = attempts.password(request, credentials["username"])
        if self._login_failed_rl_usage is None:
            self._refuse(request, credentials["username"], is_beyond=True)
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Account | None:
        """The account of these credentials; None for wrong ones and for an account that may not sign in here."""
        # Found and counted by one form of the name: no other spelling of it gives more guesses.
        credentials["username"] = normal(str(credentials.get("username", "")))
        account: Account | None = super().authenticate(request, **credentials)
        if account is not None and not may_sign_in(account):
            self.authentication_failed(request, **credentials)
            return None
        if account is not None:
            renew_session(request)
        return account

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record the refusal; a name that no account has is not repeated, people type passwords there."""
        self._refuse(request, credentials["username"], is_beyond=False)

    def _refuse(self, request: HttpRequest, username: str, *, is_beyond: bool) -> None:
        account = Account.objects.filter(username=username).first()
        attempts.refuse(account, address=self.get_client_ip(request), factor="password", is_beyond=is_beyond)

    def login(self, request: HttpRequest, user: Account) -> None:
        """Start the session: new key, session row, audit row and event in one transaction."""
        sign_in.sweep_idle()
        address = self.get_client_ip(request)
        with transaction.atomic():
            super().login(request, user)
            request.session[sessions.STARTED_AT] = iso(now())
            request.session[sessions.ADDRESS] = address
            request.session[sessions.AGENT] = self.get_http_user_agent(request)[:200]
            places.is_used_by_two(request.session, address=address, agent=self.get_http_user_agent(request))
            request.session.save()
            shown = [_FACTORS[record["method"]] for record in get_authentication_records(request, user)]
            sign_in.session_started(user, address=address, factors=shown)

    def post_login(self, request: HttpRequest, user: Account, **kwargs: Any) -> HttpResponse:
        """Let the browser be known from now on, for counting failed attempts and for nothing else."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        devices.remember(response, user)
        return response

    def logout(self, request: HttpRequest) -> None:
        """End the session, with its rows."""
        if isinstance(request.user, Account):
            where = {"address": self.get_client_ip(request), "agent": self.get_http_user_agent(request)}
            places.remember_end(request.session.session_key, request.user, **where)
        end_session(request, why="signed-out")

    def set_password(self, user: Account, password: str) -> None:
        """The owner has chosen a password."""
        sign_in.change_password(user, password)


def renew_session(request: HttpRequest) -> None:
    """Let the session of `request` go on under another key, whenever more has been shown in it than before.

    Whoever planted or saw the key that it had shares nothing of what it may do from now on (OWASP, "Session fixation").
    """
    request.session.cycle_key()


def end_session(request: HttpRequest, *, why: str) -> None:
    """End the session of `request` and everything it holds."""
    with transaction.atomic():
        if isinstance(request.user, Account):
            sign_in.session_ended(request.user, why=why)
        DefaultAccountAdapter.logout(StaffAccounts(request), request)
