"""A browser at the console's door, somewhere: with an address of its own, a name of its own, and cookies to copy."""

import ssl
from typing import Any, Self

import httpx
from django.utils.translation import gettext as _

from senim.exercises.errors import ConsoleAway, NotPlayed

_TIMEOUT = 20.0
_SIGN_IN = "/en/sign-in/"
_CSRF = "__Host-senim-csrf"


class Browser:
    """One browser; use as a context manager. Whatever it opens raises `ConsoleAway` where no answer comes."""

    def __init__(
        self, door: str, trust: str, *, agent: str, address: str, cookies: httpx.Cookies | None = None
    ) -> None:
        """At `door`, trusting the certificates in `trust`, coming from loopback `address`; `cookies` of another one."""
        way = httpx.HTTPTransport(verify=ssl.create_default_context(cafile=trust), local_address=address)
        self._client = httpx.Client(
            base_url=door, transport=way, timeout=_TIMEOUT, headers={"User-Agent": agent}, cookies=cookies
        )
        self._door = door

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self._client.close()

    @property
    def cookies(self) -> httpx.Cookies:
        """What somebody who reads this browser's files can take away."""
        return self._client.cookies

    def give_password(self, username: str, password: str) -> None:
        """The first step. Raises `NotPlayed` where the door refuses."""
        self._ask("GET", _SIGN_IN)
        if not self._step(_SIGN_IN, login=username, password=password):
            raise NotPlayed(_("the console refused the password of {name}").format(name=username))

    def give_code(self, code: str) -> bool:
        """The second step; whether the code was good. Each is good for one use."""
        return self._step(f"{_SIGN_IN}code/", code=code)

    def _step(self, page: str, **fields: str) -> bool:
        token = self._client.cookies.get(_CSRF) or ""
        headers = {"Origin": self._door, "Referer": f"{self._door}{page}"}
        answer = self._ask("POST", page, data={"csrfmiddlewaretoken": token, **fields}, headers=headers)
        return answer.status_code == httpx.codes.FOUND

    def look(self) -> bool:
        """Open the first page; whether it was shown."""
        return self._ask("GET", "/en/").status_code == httpx.codes.OK

    def _ask(self, method: str, page: str, **wish: Any) -> httpx.Response:
        try:
            return self._client.request(method, page, **wish)
        except httpx.HTTPError as error:
            raise ConsoleAway(str(error)) from error
