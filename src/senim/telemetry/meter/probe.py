"""Does a door still answer others? One small request, as anybody could make it."""

import http.client
import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

_PATIENCE = 2.0


@dataclass(frozen=True)
class Answer:
    """What a probe met."""

    word: str
    """`answered`, `failed`, or `none` where the door has no address to probe."""
    milliseconds: int = 0


NOT_PROBED = Answer("none")


def probe(address: str, trust: Path) -> Answer:
    """What `address` (http or https; empty: none) answers within two seconds. Never raises for what a door does."""
    if not address:
        return NOT_PROBED
    began = time.monotonic()
    parts = urlsplit(address)
    connection = _connection(parts.scheme, parts.hostname or "", parts.port, trust)
    try:
        connection.request("HEAD", parts.path or "/", headers={"User-Agent": "senim-meter", "Connection": "close"})
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        word = "failed"
    else:
        word = "answered"
    finally:
        connection.close()
    return Answer(word, round((time.monotonic() - began) * 1000))


def _connection(scheme: str, host: str, port: int | None, trust: Path) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=_PATIENCE)
    context = ssl.create_default_context(cafile=str(trust) if trust.exists() else None)
    return http.client.HTTPSConnection(host, port, timeout=_PATIENCE, context=context)
