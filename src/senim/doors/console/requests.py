"""What a view knows about the request it answers."""

from django.http import HttpRequest

from senim.identity.errors import NotSignedIn
from senim.identity.models import Account


def account_of(request: HttpRequest) -> Account:
    """Whose request this is. Raises `NotSignedIn`; behind the gate that cannot happen."""
    if not isinstance(request.user, Account):
        raise NotSignedIn
    return request.user
