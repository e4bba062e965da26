"""One probe: does the service answer now?"""

import asyncio
import re
import socket
import ssl
from dataclasses import dataclass

from senim.availability.settings import Service, address

LONGEST = 10.0
"""Our choice: seconds; a service that has not answered by then is of no use to anybody."""
_MOST = 4096
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})(?: |\r|$)")


@dataclass(frozen=True)
class Answer:
    """Whether it did, and why not, in stable words: `refused`, `timeout`, `name`, `tls`, `closed`, `status-503`."""

    is_up: bool
    reason: str = ""


async def probe(service: Service) -> Answer:
    """Ask `service` once; never raises for what it answers, or does not."""
    try:
        async with asyncio.timeout(min(LONGEST, service.every.total_seconds())):
            return await _asked(service)
    except TimeoutError:
        return Answer(is_up=False, reason="timeout")
    except ConnectionRefusedError:
        return Answer(is_up=False, reason="refused")
    except socket.gaierror:
        return Answer(is_up=False, reason="name")
    except ssl.SSLError:
        return Answer(is_up=False, reason="tls")
    except OSError:
        return Answer(is_up=False, reason="unreachable")


async def _asked(service: Service) -> Answer:
    where, host, port = address(service)
    context = _trust(service) if where.scheme == "https" else None
    reader, writer = await asyncio.open_connection(host, port, ssl=context, limit=_MOST)
    try:
        if where.scheme == "tcp":
            return Answer(is_up=True)
        path = f"{where.path or '/'}{'?' if where.query else ''}{where.query}"
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        return _judged(service, await _first_line(reader))
    finally:
        writer.transport.abort()


async def _first_line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return b""


def _judged(service: Service, line: bytes) -> Answer:
    found = _STATUS.match(line)
    if found is None:
        return Answer(is_up=False, reason="closed")
    status = int(found[1])
    return Answer(is_up=True) if status == service.expect else Answer(is_up=False, reason=f"status-{status}")


def _trust(service: Service) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=service.ca or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
