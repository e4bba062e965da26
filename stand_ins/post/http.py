"""As much of HTTP/1.1 as a gateway needs: one POST a connection, one short JSON answer."""

import asyncio
import json

from stand_ins.post.behaviour import Mode
from stand_ins.post.store import Received
from stand_ins.post.way import LONGEST, Way


class BadRequest(ValueError):
    """Something that this way does not take; the number is the HTTP status."""


class HttpWay(Way):
    """A way over HTTPS."""

    def letter(self, path: str, headers: dict[str, str], body: bytes, tls: str) -> Received:
        """What was posted. Raises `BadRequest`."""
        raise NotImplementedError

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """See `Way.speak`."""
        path, headers, body = await _request(reader)
        behaviour = self.store.spend(self.name)
        if behaviour.mode is Mode.SILENT:
            await reader.read()
            return
        wrong = {Mode.ERROR: 503, Mode.REFUSE: 403}.get(behaviour.mode)
        status = wrong or 200
        if wrong is None:
            try:
                tls = writer.get_extra_info("ssl_object").version()
                await self.take(self.letter(path, headers, body, tls), behaviour)
            except BadRequest as refusal:
                status = int(str(refusal))
        answer = json.dumps({"taken": status == 200}).encode()  # noqa: PLR2004 - HTTP's word for yes
        head = f"HTTP/1.1 {status} .\r\nContent-Type: application/json\r\nContent-Length: {len(answer)}\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n".encode() + answer)
        await writer.drain()


async def _request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii", errors="replace")
    first, *lines = head.split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _colon, value in (line.partition(":") for line in lines)}
    method, path, _version = first.split(" ")
    size = int(headers.get("content-length", "0"))
    if method != "POST" or not 0 < size <= LONGEST:
        raise ValueError("only a POST with a short body")
    return path, headers, await reader.readexactly(size)
