"""How Django finds the account of a session, and whether a name and password belong to one."""

from allauth.account.auth_backends import AuthenticationBackend

from senim.identity.models import Account
from senim.identity.queries import may_sign_in


class StaffBackend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's, asking our question with every request of a session."""

    def user_can_authenticate(self, user: Account) -> bool:
        """Whether `user` may be signed in here."""
        return may_sign_in(user)
