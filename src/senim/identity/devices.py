"""Browsers in which somebody has signed in before: they are counted by themselves, and are let in no sooner for it.

A signed cookie names the account and the browser (OWASP, "Device cookies against brute force").
"""

import secrets
from typing import Any

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse

from senim.identity.models import Account

COOKIE = "__Host-senim-device"
_SECONDS = 180 * 24 * 3600
_signer = TimestampSigner(salt="senim.identity.device")


def remember(response: HttpResponse, account: Account) -> None:
    """Let the browser that gets `response` be known from now on, for counting failed attempts and for nothing else."""
    value = _signer.sign(f"{account.username}:{secrets.token_hex(8)}")
    secure: dict[str, Any] = {"secure": True, "httponly": True, "samesite": "Strict"}
    response.set_cookie(COOKIE, value, max_age=_SECONDS, **secure)


def known(request: HttpRequest, username: str | None = None) -> str:
    """The known browser that `request` comes from, if it has signed in to `username` before, or to any account."""
    try:
        value = _signer.unsign(request.COOKIES.get(COOKIE, ""), max_age=_SECONDS)
    except BadSignature:
        return ""
    return value if username is None or value.rpartition(":")[0] == username else ""
