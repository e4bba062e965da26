"""Staff for tests: accounts with a known password and authenticator, and clients that come by TLS."""

from dataclasses import dataclass

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.http import HttpResponse
from django.test import Client

from senim.identity import factors
from senim.identity.models import Account
from senim.identity.operations import ENROLMENT_LASTS
from senim.identity.permissions import Role
from senim.kit.clock import now
from senim.kit.instance import Profile

PASSWORD = "correct-horse-battery-staple"


class QuickArgon2(Argon2PasswordHasher):
    """Argon2id with little work: tests sign in a thousand times."""

    time_cost, memory_cost, parallelism = 1, 256, 1


SIGN_IN, CODE = "/en/sign-in/", "/en/sign-in/code/"


def new_client(**defaults: object) -> Client:
    """A browser that speaks TLS to `localhost`."""
    return Client(SERVER_NAME="localhost", **{"wsgi.url_scheme": "https"}, **defaults)


@dataclass
class Staff:
    """Somebody who can sign in."""

    account: Account
    secret: str = ""

    @property
    def code(self) -> str:
        """The code that the authenticator shows now."""
        return factors.code_at(self.secret, now())

    def forget_spent_codes(self) -> None:
        """Let the present code be good again, as if half a minute had passed."""
        for factor in self.account.authenticator_set.filter(type="totp"):
            factor.data.pop("last_step", None)
            factor.save()

    def gives_password(self, client: Client, password: str = PASSWORD) -> HttpResponse:
        """The first step."""
        return client.post(SIGN_IN, {"login": self.account.username, "password": password})

    def gives_code(self, client: Client, code: str = "") -> HttpResponse:
        """The second step."""
        return client.post(CODE, {"code": code or self.code})

    def signs_in(self, client: Client | None = None) -> Client:
        """Both steps; the client that is signed in."""
        client = client or new_client()
        assert self.gives_password(client).headers["Location"] == CODE
        done = self.gives_code(client)
        assert done.status_code == 302, done.content.decode()
        self.forget_spent_codes()
        return client


def new_staff(role: Role = Role.ANALYST, *, enrolled: bool = True, **fields: object) -> Staff:
    """An account of `role`, named after it."""
    known = {"username": role.value, "full_name": "Айгерім Нұрланова", "born_in": Profile.DEMONSTRATION.value}
    account = Account(role=role.value, password_chosen_at=now(), **{**known, **fields})
    account.set_password(PASSWORD)
    if not enrolled:
        account.enrol_until = now() + ENROLMENT_LASTS
        account.save()
        return Staff(account)
    account.save()
    secret = factors.new_secret()
    factors.install(account, secret)
    return Staff(account, secret)
