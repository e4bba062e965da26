"""The durable stream on a real server: who may do what, and how a frame gets there exactly once."""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import nats
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType
from nats.js.errors import NotFoundError

from senim.kit import secrets
from senim.kit.clock import now
from senim.kit.instance import BadSettings, Instance
from senim.site.embedded import pin
from senim.site.embedded.place import engine_home
from senim.site.embedded.stream import StreamNotReady, ensure_stream, stream_config
from senim.telemetry import stream
from senim.telemetry.frames import Frame, Line
from senim.telemetry.internal import room
from senim.telemetry.internal.files import LogSource
from senim.telemetry.internal.memory import Memory, Notebook
from senim.telemetry.internal.outlet import Diverged, Outlet, StreamDown
from senim.telemetry.internal.room import Room
from senim.telemetry.notices import NoticeKind
from senim.telemetry.settings import FileSource
from tests.ports import free_port
from tests.telemetry.situation import Deaf, Situation, process_of

pytestmark = pytest.mark.clause("R228/81-2")


CONTROL = "nobody.may.publish.here"


def attempted(instance: Instance, user: str, attempt: Callable[[Client], Awaitable[object]]) -> list[str]:
    """What the server says of `attempt` by `user`: refusals, empty where it let it pass."""
    said: list[str] = []

    async def go() -> None:
        control_refused = asyncio.Event()

        async def hear(error: Exception) -> None:
            said.append(str(error))
            if CONTROL in str(error):
                control_refused.set()

        known = secrets.load(instance, user).stream
        assert known is not None
        client = await nats.connect(
            stream.address(instance),
            user=known.user,
            password=known.password,
            tls=stream._trust(instance),
            tls_handshake_first=True,
            error_cb=hear,
            allow_reconnect=False,
        )
        await attempt(client)
        # The server answers in order: once it refuses this, it has nothing more to say of the attempt.
        await client.publish(CONTROL, b"")
        await control_refused.wait()
        await client.close()

    asyncio.run(asyncio.wait_for(go(), 30))
    return [text for text in said if CONTROL not in text]


def publishes(subject: str) -> Callable[[Client], Awaitable[object]]:
    return lambda client: client.publish(subject, b"{}")


def listens(subject: str) -> Callable[[Client], Awaitable[object]]:
    return lambda client: client.subscribe(subject)


@pytest.mark.refusal
class TestRights:
    """Each process may do its own work on the stream and nobody else's."""

    @pytest.mark.parametrize(
        ("user", "attempt"),
        [
            ("collector", publishes("$JS.API.CONSUMER.MSG.NEXT.EVENTS.detection")),
            ("collector", publishes("$JS.API.CONSUMER.CREATE.EVENTS.mine.ev.>")),
            ("collector", publishes("$JS.ACK.EVENTS.detection.1.1.1.1.0")),
            ("collector", publishes("$JS.API.CONSUMER.CREATE.EVENTS.places.ev.>")),
            ("collector", publishes("$JS.API.STREAM.DELETE.EVENTS")),
            ("collector", publishes("$JS.API.STREAM.PURGE.EVENTS")),
            ("collector", publishes("$JS.API.STREAM.UPDATE.EVENTS")),
            ("collector", publishes("_INBOX_detection.x")),
            ("collector", listens("ev.>")),
            ("collector", listens("_INBOX_detection.>")),
            ("collector", listens(">")),
            ("detection", publishes("ev.sshd")),
            ("detection", publishes("$JS.API.DIRECT.GET.EVENTS.ev.sshd")),
            ("detection", publishes("$JS.API.CONSUMER.MSG.NEXT.EVENTS.places")),
            ("detection", publishes("$JS.ACK.EVENTS.places.1.1.1.1.0")),
            ("detection", publishes("$JS.API.STREAM.MSG.DELETE.EVENTS")),
            ("detection", publishes("$JS.API.CONSUMER.DELETE.EVENTS.detection")),
            ("detection", listens("ev.>")),
            ("detection", listens("_INBOX_collector.>")),
            ("history", publishes("ev.sshd")),
            ("history", publishes("$JS.API.CONSUMER.MSG.NEXT.EVENTS.detection")),
            ("history", publishes("$JS.ACK.EVENTS.detection.1.1.1.1.0")),
            ("history", publishes("$JS.API.DIRECT.GET.EVENTS.ev.sshd")),
            ("history", listens("ev.>")),
            ("history", listens("_INBOX_detection.>")),
            ("detection", publishes("$JS.ACK.EVENTS.history.1.1.1.1.0")),
            ("feed", publishes("ev.sshd")),
            ("feed", publishes("$JS.API.CONSUMER.MSG.NEXT.EVENTS.detection")),
            ("feed", publishes("$JS.ACK.EVENTS.history.1.1.1.1.0")),
            ("feed", listens("ev.>")),
            ("feed", listens("_INBOX_detection.>")),
            ("history", publishes("$JS.ACK.EVENTS.feed.1.1.1.1.0")),
            ("keeper", publishes("ev.sshd")),
            ("keeper", publishes("$JS.API.STREAM.DELETE.EVENTS")),
            ("keeper", publishes("$JS.API.STREAM.PURGE.EVENTS")),
            ("keeper", publishes("$JS.API.STREAM.MSG.GET.EVENTS")),
            ("keeper", listens("ev.>")),
        ],
    )
    def test_another_process_s_work_is_refused(
        self, home: Instance, user: str, attempt: Callable[[Client], Awaitable[object]]
    ) -> None:
        assert attempted(home, user, attempt)

    @pytest.mark.parametrize(
        ("user", "attempt"),
        [
            ("collector", publishes("ev.nobody-reads-this")),
            ("collector", publishes("$JS.API.DIRECT.GET.EVENTS.ev.sshd")),
            ("collector", publishes("$JS.API.CONSUMER.MSG.NEXT.EVENTS.places")),
            ("collector", publishes("$JS.ACK.EVENTS.places.1.1.1.1.0")),
            ("collector", listens("_INBOX_collector.>")),
            ("collector", publishes("$JS.API.CONSUMER.INFO.EVENTS.detection")),
            ("collector", publishes("$JS.API.CONSUMER.INFO.EVENTS.history")),
            ("collector", publishes("$JS.API.CONSUMER.MSG.NEXT.EVENTS.history")),
            ("collector", publishes("$JS.ACK.EVENTS.history.1.1.1.1.0")),
            ("collector", publishes("$JS.API.CONSUMER.INFO.EVENTS.feed")),
            ("collector", publishes("$JS.API.CONSUMER.MSG.NEXT.EVENTS.feed")),
            ("collector", publishes("$JS.ACK.EVENTS.feed.1.1.1.1.0")),
            ("feed", publishes("$JS.API.CONSUMER.MSG.NEXT.EVENTS.feed")),
            ("feed", publishes("$JS.ACK.EVENTS.feed.1.1.1.1.0")),
            ("feed", listens("_INBOX_feed.>")),
            ("detection", publishes("$JS.API.CONSUMER.MSG.NEXT.EVENTS.detection")),
            ("detection", publishes("$JS.ACK.EVENTS.detection.1.1.1.1.0")),
            ("detection", listens("_INBOX_detection.>")),
            ("history", publishes("$JS.API.CONSUMER.MSG.NEXT.EVENTS.history")),
            ("history", publishes("$JS.ACK.EVENTS.history.1.1.1.1.0")),
            ("history", listens("_INBOX_history.>")),
        ],
    )
    def test_its_own_work_is_not(
        self, home: Instance, user: str, attempt: Callable[[Client], Awaitable[object]]
    ) -> None:
        assert attempted(home, user, attempt) == []

    def test_nobody_comes_in_without_a_secret(self, home: Instance) -> None:
        port = home.section("stream", stream.StreamSettings).port
        with (
            socket.create_connection((stream.EMBEDDED_HOST, port), timeout=30) as connection,
            stream._trust(home).wrap_socket(connection, server_hostname=stream.EMBEDDED_HOST) as client,
            client.makefile("rb") as answers,
        ):
            assert answers.readline().startswith(b"INFO")
            client.sendall(b'CONNECT {"verbose":false}\r\nPING\r\n')
            assert b"Authorization Violation" in answers.readline()


def test_the_stream_keeps_its_promises(home: Instance) -> None:
    async def go() -> None:
        client = await stream.connect(process_of(home, "keeper"))
        config = (await client.jetstream().stream_info(stream.STREAM)).config
        await client.close()
        assert (config.storage, config.discard) == (StorageType.FILE, DiscardPolicy.NEW)
        assert (config.deny_delete, config.deny_purge, config.allow_direct) == (True, True, True)
        assert (config.retention, config.max_bytes, config.max_age) == (RetentionPolicy.INTEREST, 2048 * 1024 * 1024, 0)
        assert config.duplicate_window == stream.DUPLICATE_WINDOW

    asyncio.run(go())
    ensure_stream(home)  # and once more: it is there already


@pytest.mark.refusal
@pytest.mark.parametrize(
    "address",
    [
        "nats://stream.example:4222",
        "tls://a.example:4222,nats://b.example:4222",
        "nats://127.0.0.1:1,tls://a.example:1",
        "nats://127.0.0.1:4222",
    ],
)
def test_a_secret_is_not_sent_in_clear(home: Instance, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv(stream.URL_VARIABLE, address)
    with pytest.raises(BadSettings, match="tls://"):
        asyncio.run(stream.connect(process_of(home, "collector")))


def told(home: Instance, point: Callable[[int], None], certificate: Path | None, *, believed: bool) -> bytes:
    """What the collector tells a server on loopback, which encrypts only if it has a `certificate`.

    `point` directs the collector to the server's port.
    """
    heard = bytearray()

    async def go() -> None:
        satisfied = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b'INFO {"server_id":"x","version":"2.15.0","max_payload":1000,"auth_required":true}\r\n')
            while data := await reader.read(1000):
                heard.extend(data)
                if data.endswith(b"PING\r\n"):
                    writer.write(b"PONG\r\n")
            satisfied.set()
            writer.close()

        context = None
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        point(server.sockets[0].getsockname()[1])
        complaint = asyncio.create_task(_complaint()) if certificate is not None and not believed else None
        connecting = asyncio.create_task(stream.connect(process_of(home, "collector")))
        if believed:
            await (await connecting).close()
        await (complaint or satisfied.wait())
        connecting.cancel()
        await asyncio.wait([connecting])
        server.close()

    asyncio.run(asyncio.wait_for(go(), 30))
    return bytes(heard)


async def _complaint() -> None:
    """Return once the collector has said that it does not believe the server."""
    said = asyncio.Event()

    class Listen(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "certificate verify failed" in record.getMessage():
                said.set()

    handler = Listen()
    stream.log.addHandler(handler)
    try:
        await said.wait()
    finally:
        stream.log.removeHandler(handler)


def secret_of_collector(home: Instance) -> bytes:
    known = secrets.load(home, "collector").stream
    assert known is not None
    return known.password.encode()


class TestImpostor:
    """Whoever takes the embedded server's port while that is away is told nothing, and the collector says so."""

    @pytest.fixture
    def point(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
        """Lets another have the port of the embedded server."""
        return lambda port: monkeypatch.setattr(stream, "address", lambda _instance: f"tls://127.0.0.1:{port}")

    def _shown(self, tmp_path: Path, pair: tuple[bytes, bytes]) -> Path:
        both = tmp_path / "server.pem"
        both.write_bytes(b"".join(pair))
        return both

    def test_the_server_of_the_house_is_told_the_secret(
        self, home: Instance, point: Callable[[int], None], tmp_path: Path
    ) -> None:
        key = (engine_home(home) / "nats.key").read_bytes()
        shown = self._shown(tmp_path, (key, home.trust(stream.EMBEDDED_TRUST).read_bytes()))
        assert secret_of_collector(home) in told(home, point, shown, believed=True)

    @pytest.mark.refusal
    def test_one_that_shows_another_certificate_is_told_nothing(
        self, home: Instance, point: Callable[[int], None], tmp_path: Path
    ) -> None:
        assert told(home, point, self._shown(tmp_path, pin.fresh("127.0.0.1")), believed=False) == b""

    @pytest.mark.refusal
    def test_one_that_shows_none_is_told_nothing(self, home: Instance, point: Callable[[int], None]) -> None:
        heard = told(home, point, None, believed=False)
        assert heard.startswith(b"\x16\x03")  # a handshake and nothing else
        assert secret_of_collector(home) not in heard


class TestEncryption:
    """At `tls://` a server proves who it is before it is told anything."""

    @pytest.fixture
    def certificate(self, home: Instance, tmp_path: Path) -> Iterator[Path]:
        """A certificate of `localhost`, with its key, that the instance trusts for the stream."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now() - timedelta(hours=1))
            .not_valid_after(now() + timedelta(hours=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
            .sign(key, hashes.SHA256())
        )
        trusted = home.trust("stream")
        trusted.write_bytes(made.public_bytes(Encoding.PEM))
        both = tmp_path / "localhost.pem"
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        both.write_bytes(secret + trusted.read_bytes())
        yield both
        trusted.unlink()

    @pytest.fixture
    def point(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
        """Names a server of the bureau's own."""
        return lambda port: monkeypatch.setenv(stream.URL_VARIABLE, f"tls://localhost:{port}")

    def test_a_certified_server_is_told_the_secret(
        self, home: Instance, point: Callable[[int], None], certificate: Path
    ) -> None:
        assert secret_of_collector(home) in told(home, point, certificate, believed=True)

    @pytest.mark.refusal
    def test_a_server_that_does_not_encrypt_is_told_nothing(
        self, home: Instance, point: Callable[[int], None], certificate: Path
    ) -> None:
        assert certificate.exists()  # trust does not help a server that shows no certificate
        heard = told(home, point, None, believed=False)
        assert heard.startswith(b"\x16\x03")  # a handshake and nothing else
        assert b"CONNECT" not in heard
        assert secret_of_collector(home) not in heard


def test_a_server_that_does_not_answer_is_named(home: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(stream.URL_VARIABLE, f"tls://127.0.0.1:{free_port()}")
    with translation.override("en"), pytest.raises(StreamNotReady, match="did not answer"):
        ensure_stream(home, seconds=-4.5)


def a_frame(source: str, first: int, last: int, epoch: str = "e1") -> Frame:
    return Frame(source, "sshd", "gate-1", epoch, tuple(Line(n, 1.0, b"%d" % n) for n in range(first, last + 1)))


def with_outlet(home: Instance, work: Callable[[Outlet], Awaitable[None]]) -> None:
    async def go() -> None:
        outlet = Outlet(process_of(home, "collector"))
        await outlet.open()
        try:
            await asyncio.wait_for(work(outlet), 60)
        finally:
            await outlet.close()

    asyncio.run(go())


class TestOutlet:
    """The stream itself remembers where a source stands."""

    def test_the_last_frame_gives_the_place_back(self, home: Instance) -> None:
        async def work(outlet: Outlet) -> None:
            assert await outlet.last("remembered") is None
            first = await outlet.publish(a_frame("remembered", 1, 3), [[7, 30, "ab"]], after=0)
            second = await outlet.publish(a_frame("remembered", 4, 4), [[7, 40, "cd"]], after=first)
            last = await outlet.last("remembered")
            assert last is not None
            assert (last.sequence, last.memory) == (second, Memory("e1", 5, [[7, 40, "cd"]]))

        with_outlet(home, work)

    @pytest.mark.refusal
    def test_a_frame_made_again_with_more_lines_is_refused_not_shortened(self, home: Instance) -> None:
        async def work(outlet: Outlet) -> None:
            stored = await outlet.publish(a_frame("again", 1, 3), 3, after=0)
            for after in (0, stored, 999_999):  # whatever it believes: the identity or the expectation gives it away
                with pytest.raises(Diverged):
                    await outlet.publish(a_frame("again", 1, 5), 5, after=after)
            last = await outlet.last("again")
            assert last is not None
            assert last.memory.next == 4

        with_outlet(home, work)

    def test_without_a_connection_nothing_is_pretended(self, home: Instance) -> None:
        outlet = Outlet(process_of(home, "collector"))
        with pytest.raises(StreamDown):
            asyncio.run(outlet.last("sshd"))


def held(home: Instance, source: str) -> int:
    """How many frames of `source` the stream holds."""

    async def go() -> int:
        client = await stream.connect(process_of(home, "collector"))
        subject = stream.subject(source)
        state = (await client.jetstream().stream_info(stream.STREAM, subjects_filter=subject)).state
        await client.close()
        return (state.subjects or {}).get(subject, 0)

    return asyncio.run(go())


def keep_history(home: Instance) -> int:
    """Take and acknowledge what waits for history and event feed; how many frames that was for the history."""
    acknowledge(home, stream.FEED)
    return acknowledge(home, stream.HISTORY)


def acknowledge(home: Instance, reader: str) -> int:
    """Take and acknowledge what waits for `reader`; how many frames that was."""

    async def go() -> int:
        client = await stream.connect(process_of(home, reader))
        frames = await client.jetstream().pull_subscribe_bind(reader, stream=stream.STREAM)
        taken = 0
        with contextlib.suppress(TimeoutError):
            while True:
                for message in await frames.fetch(50, timeout=0.5):
                    await message.ack()
                    taken += 1
        await client.close()
        return taken

    return asyncio.run(go())


class Shown(Msg):
    """A frame as the server shows it to the collector, that knows whether it was let go."""

    def __init__(self, number: int, *, delivered: int = 1, stored: int | None = None) -> None:
        moment = (number if stored is None else stored) * 1_000_000_000
        reply = f"$JS.ACK.{stream.STREAM}.{stream.PLACES}.{delivered}.{number}.{number}.{moment}.0"
        super().__init__(Client(), "ev.any", reply, b"")
        self.number = number
        self.let_go = False

    async def ack(self) -> None:
        self.let_go = True


class TestRoom:
    """The stream holds what is still to be done, and the newest frame of each source; no more."""

    @staticmethod
    def _publish(home: Instance, source: str, frames: int) -> None:
        async def work(outlet: Outlet) -> None:
            after = 0
            for number in range(1, frames + 1):
                after = await outlet.publish(a_frame(source, number, number), number, after=after)

        with_outlet(home, work)

    @staticmethod
    def _look_after(home: Instance, wanted: Callable[[Outlet], bool]) -> None:
        """Let a collector look after the room until it is as wanted."""

        async def work(outlet: Outlet) -> None:
            looking = asyncio.create_task(outlet.look_after_room())
            while not await asyncio.to_thread(wanted, outlet):
                assert not looking.done(), looking.exception()
                await asyncio.sleep(0.02)
            looking.cancel()
            await asyncio.wait([looking])

        with_outlet(home, work)

    def test_what_detection_and_the_history_have_finished_makes_room(self, home: Instance, tmp_path: Path) -> None:
        self._publish(home, "finished", 5)
        assert len(Situation(home, tmp_path, "finished").stored()) == 5  # detection takes and acknowledges them
        keep_history(home)
        assert held(home, "finished") == 5
        self._look_after(home, lambda _: held(home, "finished") == 1)

    def test_signs_of_life_leave_like_every_other_frame(self, home: Instance, tmp_path: Path) -> None:
        async def work(outlet: Outlet) -> None:
            after = 0
            for moment in (1.0, 2.0, 3.0):
                sign = Frame("quiet", "sshd", "gate-1", "e1", (), next=1, at=moment)
                after = await outlet.publish(sign, 0, after=after)

        with_outlet(home, work)
        assert len(Situation(home, tmp_path, "quiet").frames()) == 3
        keep_history(home)
        self._look_after(home, lambda _: held(home, "quiet") == 1)

    @pytest.mark.refusal
    def test_what_detection_has_not_finished_stays(self, home: Instance, tmp_path: Path) -> None:
        self._publish(home, "unfinished", 5)
        self._look_after(home, lambda outlet: outlet.room.holds("unfinished"))
        assert held(home, "unfinished") == 5
        lines = Situation(home, tmp_path, "unfinished").stored()
        assert [line.seq for line in lines] == [1, 2, 3, 4, 5]
        keep_history(home)
        self._look_after(home, lambda _: held(home, "unfinished") == 1)

    @pytest.mark.refusal
    def test_what_the_history_has_not_kept_stays_while_there_is_room(self, home: Instance, tmp_path: Path) -> None:
        self._publish(home, "unkept", 5)
        Situation(home, tmp_path, "unkept").stored()
        self._look_after(home, lambda outlet: outlet.room.holds("unkept"))
        assert held(home, "unkept") == 5
        keep_history(home)
        self._look_after(home, lambda _: held(home, "unkept") == 1)

    def test_when_there_is_none_it_passes_history_and_feed_by_and_says_so(
        self, home: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._publish(home, "passed", 5)
        Situation(home, tmp_path, "passed").stored()  # detection has seen them; nobody keeps a history
        monkeypatch.setattr(room, "PRESSED", 0.0)
        monkeypatch.setattr(room, "EASED", 0.0)
        said: set[object] = set()
        # What is said lasts until the next of the two is passed by: who looks now and then may miss it.
        keep = room.Room.__setattr__

        def hear(one: Room, name: str, value: Any) -> None:
            keep(one, name, value)
            if name == "remark" and value is not None:
                said.add(value[0])

        monkeypatch.setattr(room.Room, "__setattr__", hear)
        self._look_after(home, lambda _: held(home, "passed") == 1)
        assert {NoticeKind.HISTORY_PASSED, NoticeKind.FEED_PASSED} <= said
        assert (acknowledge(home, stream.FEED), keep_history(home)) == (0, 0)

    @pytest.mark.refusal
    def test_what_detection_has_not_seen_passes_nobody_by(
        self, home: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self._publish(home, "unseen", 5)
        monkeypatch.setattr(room, "PRESSED", 0.0)
        monkeypatch.setattr(room, "EASED", 0.0)
        asked: list[object] = []
        pass_by = Room._pass

        async def remember(*arguments: Any) -> None:
            await pass_by(*arguments)
            asked.append(arguments)

        monkeypatch.setattr(Room, "_pass", remember)
        self._look_after(home, lambda _: len(asked) > 1)
        assert held(home, "unseen") == 5
        assert len(Situation(home, tmp_path, "unseen").stored()) == 5
        assert (acknowledge(home, stream.FEED), keep_history(home)) == (5, 5)

    def test_the_newest_frame_stays_for_the_next_collector(self, home: Instance, tmp_path: Path) -> None:
        situation = Situation(home, tmp_path, "newest")
        situation.append(b"1")
        situation.carry(2)
        situation.append(b"2")
        situation.carry(3)
        situation.stored()
        keep_history(home)
        self._look_after(home, lambda _: held(home, "newest") == 1)
        (tmp_path / "newest.json").unlink()  # nothing but the stream knows the place
        situation.append(b"3")
        situation.carry(4)
        assert [(line.seq, line.data) for line in situation.stored()] == [(3, b"3")]

    def test_it_is_known_how_much_of_one_source_waits_for_detection(self, home: Instance, tmp_path: Path) -> None:
        async def work(outlet: Outlet) -> None:
            after = 0
            for number in (1, 2, 3):
                after = await outlet.publish(a_frame("waiting", number, number), number, after=after)
            await outlet.publish(a_frame("another", 1, 1), 1, after=0)
            assert [await outlet.unfinished(source) for source in ("waiting", "another", "nobody")] == [3, 1, 0]
            await asyncio.to_thread(Situation(home, tmp_path, "waiting").stored)
            assert [await outlet.unfinished(source) for source in ("waiting", "another")] == [0, 0]
            assert await asyncio.to_thread(held, home, "waiting") == 3  # for the history

        with_outlet(home, work)

    @given(shown=st.lists(st.integers(1, 6), min_size=1, max_size=20), counts=st.lists(st.booleans(), min_size=20))
    def test_the_newest_frame_is_never_let_go_however_often_and_late_others_are_shown(
        self, shown: list[int], counts: list[bool]
    ) -> None:
        """A killed server forgets what it had shown: it shows old frames again, and as if for the first time."""
        frames = [Shown(number, delivered=1 if first else 2) for number, first in zip(shown, counts, strict=False)]
        asyncio.run(Room()._let_go(list(frames)))
        assert {frame.number for frame in frames if frame.let_go} == set(shown) - {max(shown)}

    @pytest.mark.parametrize("numbers", [(7, 3, 7), (7, 3, 8)])
    def test_a_stream_made_anew_counts_from_the_start_and_what_was_known_is_not_let_go_in_it(
        self, numbers: tuple[int, int, int]
    ) -> None:
        known, first, later = (Shown(number, stored=order) for order, number in enumerate(numbers))
        asyncio.run(Room()._let_go([known, first, later]))
        assert [frame.let_go for frame in (known, first, later)] == [False, True, False]

    def test_filling_up_is_said_well_before_it_is_full(self) -> None:
        looking, said = Room(), []
        for part in (0.69, 0.7, 0.51, 0.49, 0.69):
            looking.judge(part)
            said.append(looking.remark and looking.remark[0])
        assert said == [None, NoticeKind.STREAM_FILLING, NoticeKind.STREAM_FILLING, None, None]

    def test_a_stream_that_was_full_is_called_so_until_there_is_plenty_of_room(self) -> None:
        looking, said = Room(), []
        looking.refused("maximum bytes exceeded")
        for part in (0.99, 0.5, 0.49):
            looking.judge(part)
            said.append(looking.remark and looking.remark[0])
        assert said == [NoticeKind.STREAM_FULL, NoticeKind.STREAM_FULL, None]

    def test_how_full_it_is_is_asked_of_the_server(self, home: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
        parts: list[float] = []
        monkeypatch.setattr(Room, "judge", lambda _room, part: parts.append(part))
        self._look_after(home, lambda _: bool(parts))
        assert 0 <= parts[0] < 0.01

    def test_a_stream_of_an_older_release_is_changed_without_losing_a_frame(self, home: Instance) -> None:
        async def make_older() -> None:
            client = await stream.connect(process_of(home, "keeper"))
            older = stream_config(home.section("stream", stream.StreamSettings))
            older.retention = RetentionPolicy.LIMITS
            await client.jetstream().update_stream(older)
            await client.close()

        asyncio.run(make_older())
        self._publish(home, "older", 2)
        ensure_stream(home)
        assert held(home, "older") == 2


class TestCarrying:
    """A source goes into the stream, each line once, whatever happens in between."""

    def test_lines_are_numbered_and_carried_on_after_a_kill(self, home: Instance, tmp_path: Path) -> None:
        situation = Situation(home, tmp_path, "plain")
        situation.append(b"1", b"2")
        situation.carry(3)
        situation.append(b"3")
        situation.carry(4)
        assert [(line.seq, line.data) for line in situation.stored()] == [(1, b"1"), (2, b"2"), (3, b"3")]
        assert situation.notes.heard == [(NoticeKind.FIRST_START, 1)]

    @pytest.mark.refusal
    def test_an_acknowledgement_that_was_not_heard_doubles_nothing(self, home: Instance, tmp_path: Path) -> None:
        situation = Situation(home, tmp_path, "deaf")
        for number in range(1, 5):
            situation.append(b"%d" % number)
            situation.carry(number + 1, outlet=Deaf)
        assert [line.seq for line in situation.stored()] == [1, 2, 3, 4]

    @pytest.mark.refusal
    def test_a_newest_frame_that_left_holds_nothing_up(self, home: Instance, tmp_path: Path) -> None:
        situation = Situation(home, tmp_path, "gone")
        for number in (1, 2):
            situation.append(b"%d" % number)
            situation.carry(number + 1)
        assert len(situation.stored()) == 2
        keep_history(home)
        self._let_go_of_newest(home, "gone")
        assert held(home, "gone") == 1
        (tmp_path / "gone.json").unlink()  # the place behind the first frame is the best that anybody knows
        situation.append(b"3")
        situation.carry(4)
        assert [(line.seq, line.data) for line in situation.stored()] == [(2, b"2"), (3, b"3")]

    @staticmethod
    def _let_go_of_newest(home: Instance, source: str) -> None:
        async def go() -> None:
            client = await stream.connect(process_of(home, "collector"))
            frames = await client.jetstream().pull_subscribe_bind(stream.PLACES, stream=stream.STREAM)
            shown = [frame for frame in await frames.fetch(200) if frame.subject == stream.subject(source)]
            await max(shown, key=lambda frame: frame.metadata.sequence.stream).ack_sync()
            await client.close()

        asyncio.run(go())

    @pytest.mark.refusal
    def test_two_collectors_on_one_file_do_not_interleave(self, home: Instance, tmp_path: Path) -> None:
        situation = Situation(home, tmp_path, "twice")
        situation.notebook.write("twice", Memory("e1", 1, []))
        for number in range(1, 41):
            situation.append(b"%d" % (2 * number - 1), b"%d" % (2 * number))
            situation.carry(2 * number + 1, carriers=2) if number % 10 == 0 else None
        lines = [(line.seq, line.data) for line in situation.stored()]
        assert lines == [(number, b"%d" % number) for number in range(1, 81)]

    @pytest.mark.refusal
    @pytest.mark.parametrize(
        "written", [b"", b"{", b"[]", b'{"epoch": "\xff", "next": 1, "place": []}', b'{"\xff": 1}']
    )
    def test_a_notebook_that_nobody_can_read_is_none(self, tmp_path: Path, written: bytes) -> None:
        (tmp_path / "torn.json").write_bytes(written)
        assert Notebook(tmp_path).read("torn") is None

    def test_the_notebook_serves_where_the_stream_has_forgotten(self, home: Instance, tmp_path: Path) -> None:
        situation = Situation(home, tmp_path, "forgotten")
        situation.append(b"1", b"2")
        situation.carry(3)
        known = Notebook(tmp_path).read("forgotten")
        assert known is not None
        later = Situation(home, tmp_path, "forgotten-since")  # a source of which the stream holds nothing
        later.notebook.write("forgotten-since", Memory(known.epoch, 3, self._place_behind(situation)))
        later.append(b"3")
        later.carry(4)
        assert [(line.seq, line.data) for line in later.stored()] == [(3, b"3")]
        assert later.notes.heard == []

    @staticmethod
    def _place_behind(situation: Situation) -> object:
        async def go() -> object:
            source = LogSource(situation.settings)
            source.begin(None, first=True)
            await source.read()
            return source.place

        return asyncio.run(go())

    @pytest.mark.refusal
    def test_where_both_are_lost_a_new_epoch_is_named(self, home: Instance, tmp_path: Path) -> None:
        situation = Situation(home, tmp_path, "lost", begun=True)
        situation.append(b"1")
        situation.carry(2)
        assert situation.notes.heard == [(NoticeKind.EPOCH_BEGAN, 1)]

    @pytest.mark.refusal
    def test_a_lost_place_is_no_reason_to_pass_over_what_is_there(self, home: Instance, tmp_path: Path) -> None:
        situation = Situation(home, tmp_path, "lost-from-end", begun=True)
        situation.settings = msgspec.structs.replace(situation.settings, begin="end")
        situation.append(b"unread")
        situation.carry(2)
        assert [line.data for line in situation.stored()] == [b"unread"]

    @pytest.mark.parametrize(("first", "read"), [(True, []), (False, [b"there"])])
    def test_the_end_is_where_the_very_first_start_begins(
        self, tmp_path: Path, *, first: bool, read: list[bytes]
    ) -> None:
        (tmp_path / "auth.log").write_bytes(b"there\n")
        source = LogSource(FileSource("x", "file", str(tmp_path / "auth.log"), "sshd", begin="end"))
        source.begin(None, first=first)
        assert [data for data, _ in asyncio.run(source.read()).lines] == read

    def test_a_torn_notebook_is_as_good_as_none(self, home: Instance, tmp_path: Path) -> None:
        situation = Situation(home, tmp_path, "torn")
        (tmp_path / "torn.json").write_bytes(b'{"epoch":')
        situation.append(b"1")
        situation.carry(2)
        assert situation.notes.heard == [(NoticeKind.FIRST_START, 1)]

    def test_a_place_of_another_kind_of_source_is_refused_by_name(self, home: Instance, tmp_path: Path) -> None:
        situation = Situation(home, tmp_path, "changed", begun=True)
        situation.notebook.write("changed", Memory("e1", 9, [0, "x", "y", "z"]))
        situation.append(b"1")
        situation.carry(2)
        assert situation.notes.heard == [(NoticeKind.EPOCH_BEGAN, 1)]

    @pytest.mark.refusal
    def test_a_loss_is_said_before_what_follows_it(self, home: Instance, tmp_path: Path) -> None:
        situation = Situation(home, tmp_path, "cut")
        situation.append(b"first line")
        situation.carry(2)
        situation.log.write_bytes(b"2\n")
        situation.carry(3)
        assert situation.notes.heard == [(NoticeKind.FIRST_START, 1), (NoticeKind.TRUNCATED, 2)]
        assert [(line.seq, line.data) for line in situation.stored()] == [(1, b"first line"), (2, b"2")]

    def test_a_disk_that_takes_no_notes_stops_nothing(self, home: Instance, tmp_path: Path) -> None:
        situation = Situation(home, tmp_path, "full-disk")
        situation.notebook = Notebook(tmp_path / "not-there")
        situation.append(b"1")
        situation.carry(2)
        situation.append(b"2")
        situation.carry(3)
        assert [line.seq for line in situation.stored()] == [1, 2]
        assert NoticeKind.PLACE_UNWRITABLE in [kind for kind, _ in situation.notes.heard]


def test_nothing_is_stored_under_a_name_that_nobody_used(home: Instance) -> None:
    async def go() -> None:
        client = await stream.connect(process_of(home, "collector"))
        with pytest.raises(NotFoundError):
            await client.jetstream().get_last_msg(stream.STREAM, stream.subject("unused"), direct=True)
        await client.close()

    asyncio.run(go())
