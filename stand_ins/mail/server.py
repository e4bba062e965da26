"""The server: as much of RFC 5321 and RFC 3207 as one letter needs."""

import asyncio
import email
import email.policy
from typing import ClassVar

from stand_ins.post.behaviour import Behaviour, Mode
from stand_ins.post.store import Received
from stand_ins.post.way import LONGEST, Way

_END = b".\r\n"


class Server(Way):
    """Says nothing of TLS until it is asked, and takes no letter without it."""

    name: ClassVar[str] = "mail"
    is_secured_at_once: ClassVar[bool] = False

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """See `Way.speak`."""
        is_plain = self.store.behaviour(self.name).mode is Mode.PLAIN
        recipient = ""
        await _say(writer, "220 stand-in")
        while line := await reader.readline():
            verb, _space, rest = line.decode(errors="replace").strip().partition(" ")
            secured = writer.get_extra_info("ssl_object")
            match verb.upper():
                case "EHLO" | "HELO":
                    await _say(
                        writer, "250-stand-in", *([] if secured or is_plain else ["250-STARTTLS"]), "250 8BITMIME"
                    )
                case "STARTTLS" if not (secured or is_plain):
                    await _say(writer, "220 begin")
                    await writer.start_tls(self.tls)
                case "MAIL" if secured is None:
                    await _say(writer, "530 STARTTLS first")
                case "MAIL" | "NOOP" | "RSET":
                    await _say(writer, "250 well")
                case "RCPT":
                    recipient = rest.partition("<")[2].partition(">")[0]
                    await _say(writer, "250 well")
                case "DATA" if recipient:
                    await self._data(reader, writer, recipient)
                case "QUIT":
                    await _say(writer, "221 farewell")
                    return
                case _:
                    await _say(writer, "502 not here")

    async def _data(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, recipient: str) -> None:
        await _say(writer, "354 go on")
        body = bytearray()
        while (line := await reader.readline()) != _END:
            if not line or len(body) > LONGEST:
                raise EOFError
            body += line.removeprefix(b".")
        await self._taken(writer, recipient, bytes(body), self.store.spend(self.name), reader)

    async def _taken(
        self,
        writer: asyncio.StreamWriter,
        recipient: str,
        body: bytes,
        behaviour: Behaviour,
        reader: asyncio.StreamReader,
    ) -> None:
        if behaviour.mode is Mode.SILENT:
            await reader.read()
            raise EOFError
        wrong = {Mode.ERROR: "451 not now", Mode.REFUSE: "550 never"}.get(behaviour.mode)
        if wrong is None:
            said = email.message_from_bytes(body, policy=email.policy.default)
            name = str(said["Message-ID"]).strip("<>").partition("@")[0]
            text = said.get_content().strip().replace("\r\n", "\n")
            tls = writer.get_extra_info("ssl_object").version()
            await self.take(Received(self.name, name, recipient, text, body.decode(errors="replace"), tls), behaviour)
        await _say(writer, wrong or "250 taken")


async def _say(writer: asyncio.StreamWriter, *lines: str) -> None:
    writer.write("".join(f"{line}\r\n" for line in lines).encode())
    await writer.drain()
