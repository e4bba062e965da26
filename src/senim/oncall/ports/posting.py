"""Posting JSON over HTTPS: what the SMS gateway and webhooks share."""

import asyncio
import ssl
from collections.abc import Mapping

import httpx

from senim.oncall.ports import NotSent

WITHIN = 8.0
"""Seconds for the whole of one try, whatever the other side does."""


def post(url: str, body: bytes, headers: Mapping[str, str], tls: ssl.SSLContext) -> None:
    """Post `body` and be content with any 2xx. Raises `NotSent`."""
    try:
        status = asyncio.run(_post(url, body, {**headers, "Content-Type": "application/json"}, tls))
    except (TimeoutError, httpx.TimeoutException):
        raise NotSent(f"no answer within {WITHIN:g} s") from None
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise NotSent(type(error).__name__) from error
    if not httpx.codes.is_success(status):
        raise NotSent(f"HTTP {status}")


async def _post(url: str, body: bytes, headers: Mapping[str, str], tls: ssl.SSLContext) -> int:
    """The status alone: what else the other side says is not read."""
    async with asyncio.timeout(WITHIN):
        # No proxy and no redirect: it goes where the settings say, and nowhere else.
        async with httpx.AsyncClient(verify=tls, trust_env=False, timeout=WITHIN) as client:
            async with client.stream("POST", url, content=body, headers=headers) as response:
                return response.status_code
