"""A browserless client of the console's door: signs in as a person does, with password and one-time code."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx
import msgspec
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from senim.exercises.errors import CodeRefused, CodeTooOld, ConsoleAway, DoorRefused
from senim.kit.unreadable import UNREADABLE

_TIMEOUT = 20.0
_CSRF = "__Host-senim-csrf"
_SIGN_IN, _CODE_AGAIN = "/en/sign-in/", "/en/security/code/"
_STALE = "identity:stale-factor"


@dataclass(frozen=True)
class Who:
    """Somebody who can sign in."""

    username: str
    password: str
    code: str


class _Problem(msgspec.Struct, frozen=True):
    """What we read of a problem document."""

    title: str
    detail: str
    remedy: str
    code: str


class ConsoleClient:
    """One signed-in session; use as a context manager. Whatever it asks raises `ConsoleAway` where no answer comes."""

    def __init__(self, address: str, certificate: Path) -> None:
        context = ssl.create_default_context(cafile=str(certificate))
        language = {"Accept-Language": get_language() or "kk"}
        self._client = httpx.Client(
            base_url=address, verify=context, timeout=_TIMEOUT, trust_env=False, headers=language
        )
        self._origin = address.rstrip("/")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self._client.close()

    def sign_in(self, who: Who) -> None:
        """Sign in. Raises `DoorRefused` where name or password are refused, `CodeRefused` where the code is."""
        shown = self._ask("GET", _SIGN_IN)
        if not shown.is_success:
            raise ConsoleAway(f"HTTP {shown.status_code}")
        self._step(_SIGN_IN, {"login": who.username, "password": who.password})
        self.give_code(who.code)

    def give_code(self, code: str) -> None:
        """The second step alone: after a spent code, the next one. Raises `CodeRefused`."""
        try:
            self._step(f"{_SIGN_IN}code/", {"code": code})
        except DoorRefused as refusal:
            raise CodeRefused(refusal.detail) from refusal

    def _step(self, page: str, fields: dict[str, str]) -> None:
        token = self._client.cookies.get(_CSRF) or ""
        headers = {"Origin": self._origin, "Referer": f"{self._origin}{page}"}
        answer = self._ask("POST", page, data={"csrfmiddlewaretoken": token, **fields}, headers=headers)
        if answer.status_code != httpx.codes.FOUND:
            name, code = _("user name or password are wrong"), _("the one-time code is wrong or spent")
            raise DoorRefused(name if "password" in fields else code)

    def announce_maintenance(self, service: str, starts_at: str, ends_at: str, reason: str) -> None:
        """Announce work on `service` from and until moments in ISO 8601. Raises `DoorRefused`."""
        page = f"/en/services/{service}/maintenance/"
        fields = {"starts_at": starts_at, "ends_at": ends_at, "reason": reason}
        token = self._client.cookies.get(_CSRF) or ""
        headers = {"Origin": self._origin, "Referer": f"{self._origin}{page}"}
        answer = self._ask("POST", page, data={"csrfmiddlewaretoken": token, **fields}, headers=headers)
        if answer.status_code != httpx.codes.FOUND:
            refused = _("the console did not take the announcement ({status})")
            raise DoorRefused(refused.format(status=answer.status_code))

    def renew_code(self, code: str) -> None:
        """Give another one-time code, for what asks for a fresh one. Raises `CodeRefused`."""
        try:
            self._step(_CODE_AGAIN, {"code": code})
        except DoorRefused as refusal:
            raise CodeRefused(refusal.detail) from refusal

    def declare_exercise(self, kind: int, *, near_miss: bool, scenario: str) -> dict[str, Any]:
        """Declare an exercise, an attack or a near miss: its `id`, `marker` and `until`.

        Raises `CodeTooOld` where a fresh one-time code is asked for, `DoorRefused`.
        """
        wish = {"kind": kind, "near_miss": near_miss, "scenario": scenario}
        return _told(self._ask("POST", "/api/exercises", json=wish, headers=self._headers()))

    def end_exercise(self, pk: str) -> None:
        """Say that nobody waits for more to come of exercise `pk`. Raises `DoorRefused`."""
        _told(self._ask("POST", f"/api/exercises/{pk}/end", headers=self._headers()))

    def exercise(self, pk: str) -> dict[str, Any]:
        """What exercise `pk` has led to so far: `alerts` and `incidents`. Raises `DoorRefused`."""
        return _told(self._ask("GET", f"/api/exercises/{pk}"))

    def _headers(self) -> dict[str, str]:
        return {"Origin": self._origin, "X-CSRFToken": self._client.cookies.get(_CSRF) or ""}

    def _ask(self, method: str, page: str, **wish: Any) -> httpx.Response:
        try:
            return self._client.request(method, page, **wish)
        except httpx.HTTPError as error:
            raise ConsoleAway(str(error)) from error


def _told(answer: httpx.Response) -> dict[str, Any]:
    if answer.is_success:
        told: dict[str, Any] = answer.json()
        return told
    raise _refusal(answer)


def _refusal(answer: httpx.Response) -> DoorRefused:
    """What the door says of its refusal (RFC 9457), in the words in which it says it to people."""
    try:
        problem = msgspec.json.decode(answer.content, type=_Problem)
    except UNREADABLE:  # no problem document: something between us and the door answers
        return DoorRefused(f"HTTP {answer.status_code}")
    said = filter(None, (problem.title, problem.detail, problem.remedy))
    text = f"{'. '.join(text.rstrip('.') for text in said)} ({problem.code})"
    return CodeTooOld(text) if problem.code == _STALE else DoorRefused(text)
