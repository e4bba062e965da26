"""The prober against real servers on loopback."""

import asyncio
import contextlib
import json
import socket
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest

from senim.availability.prober.probe import Answer, probe
from senim.availability.prober.spool import Spool
from senim.availability.settings import Service
from senim.kit.instance import Instance
from senim.telemetry import parsers
from senim.telemetry.frames import Line

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def saying(answer: bytes) -> Serve:
    """A server that says `answer` to whatever it is asked, and hangs up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    return serve


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A server that takes what it is given and says nothing."""
    await reader.read()
    writer.close()


def probed(serve: Serve, *, scheme: str = "http", context: ssl.SSLContext | None = None, **settings: object) -> Answer:
    """What a probe of a server that behaves like `serve` finds."""

    async def handled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError):
            await serve(reader, writer)
        writer.transport.abort()

    async def play() -> Answer:
        server = await asyncio.start_server(handled, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]
        async with server:
            service = Service(name="web", probe=f"{scheme}://127.0.0.1:{port}/health?full=1", interval=1)
            answer = await probe(msgspec.structs.replace(service, **settings))
            while tasks := asyncio.all_tasks() - {asyncio.current_task()}:  # the server's own, to their end
                await asyncio.wait(tasks)
            await asyncio.sleep(0.05)  # a handshake that failed has no task; its connection goes when the loop turns
        return answer

    return asyncio.run(play())


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_a_service_that_answers_as_expected_is_up() -> None:
    assert probed(saying(OK)) == Answer(is_up=True)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 503 Service Unavailable\r\n\r\n", "status-503"),
        (b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", "status-302"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "closed"),
        (b"HTTP/1.1 2000 OK\r\n", "closed"),
        (b"", "closed"),
        (b"H" * 100_000, "closed"),
    ],
)
def test_anything_else_is_down_and_says_why(answer: bytes, reason: str) -> None:
    assert probed(saying(answer)) == Answer(is_up=False, reason=reason)


def test_another_status_may_be_the_expected_one() -> None:
    assert probed(saying(b"HTTP/1.1 401 Unauthorized\r\n\r\n"), expect=401).is_up


def test_one_that_never_answers_is_down() -> None:
    assert probed(silent) == Answer(is_up=False, reason="timeout")


def test_a_port_that_takes_connections_is_enough_for_tcp() -> None:
    assert probed(silent, scheme="tcp").is_up


def test_a_port_on_which_nobody_listens_is_down() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert asyncio.run(probe(Service(name="web", probe=f"tcp://127.0.0.1:{port}"))) == Answer(False, "refused")


def test_https_is_believed_from_whom_the_named_authority_certified(instance: Instance) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(instance.certificate("console", "door-tls"), instance.key("console", "door-tls"))
    trusted = str(instance.trust("ca"))
    assert probed(saying(OK), scheme="https", context=context, ca=trusted).is_up
    assert probed(saying(OK), scheme="https", context=context) == Answer(is_up=False, reason="tls")


class TestSpool:
    """One line, one write; turned over when it has grown."""

    def test_lines_are_appended(self, tmp_path: Path) -> None:
        path = tmp_path / "heartbeat" / "samples.jsonl"
        for line in (b"one", b"two"):
            Spool(path).write(line)
        assert path.read_bytes() == b"one\ntwo\n"

    def test_it_is_turned_over_at_its_length_and_not_before(self, tmp_path: Path) -> None:
        path = tmp_path / "samples.jsonl"
        spool = Spool(path, longest=8)
        spool.write(b"123456")  # seven bytes with its newline
        assert path.exists()
        spool.write(b"")
        assert (path.exists(), path.with_name("samples.jsonl.1").read_bytes()) == (False, b"123456\n\n")


def test_what_is_written_is_what_the_parser_reads(tmp_path: Path) -> None:
    from senim.availability.prober.prober import _line

    line = _line(Service(name="web"), "2026-11-22T09:00:00.000+00:00", Answer(False, "refused"), took=0.0123)
    assert json.loads(line)["ms"] == 12
    seen = parsers.parse("heartbeat", Line(1, 1795338000.0, line), "bureau-1")
    assert (seen.fields["action"], seen.fields["reason"], seen.time_basis) == ("down", "refused", "line")
