"""A thread is for a request that is here whole; whoever sends or reads slowly waits by himself."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import pytest
from django.test import Client

from senim.doors.console import errors
from senim.doors.console.intake import OURS, REFUSAL, Bounds, Intake
from tests.staff import new_client

Message = dict[str, Any]
PATIENT = 30.0
SCOPE: Message = {
    "type": "http",
    "http_version": "1.1",
    "method": "POST",
    "scheme": "https",
    "raw_path": b"/kk/%D2%9B%FF%2F/",
    "query_string": b"q=%20",
    "headers": [
        (b"host", b"localhost:8443"),
        (b"cookie", b"a=1"),
        (b"cookie", b"b=2"),
        (b"content-type", b"text/plain"),
    ],
    "server": ("127.0.0.1", "8443"),
    "client": ("203.0.113.9", "40000"),
}


class House:
    """A WSGI application that remembers what it was asked, and answers with `pieces`."""

    def __init__(self, pieces: Iterable[bytes] = (b"page",)) -> None:
        self.asked: list[dict[str, Any]] = []
        self.bodies: list[bytes] = []
        self.pieces = pieces
        self.is_closed = False

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> "House":
        self.asked.append(environ)
        self.bodies.append(environ["wsgi.input"].read())
        start_response("200 OK", [("Content-Type", "text/html"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return self

    def __iter__(self) -> "Iterable[bytes]":
        return iter(self.pieces)

    def close(self) -> None:
        self.is_closed = True


class Browser:
    """Sends `parts` and then, unless it `is_done`, nothing more; reads everything, or nothing at all."""

    def __init__(self, *parts: bytes, is_done: bool = True, reads: bool = True) -> None:
        self._parts = [*parts] or [b""]
        self._is_done, self._reads = is_done, reads
        self.heard: list[Message] = []
        self.asks = asyncio.Event()

    async def receive(self) -> Message:
        if self._parts:
            part = self._parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(self._parts) or not self._is_done}
        self.asks.set()
        await asyncio.Event().wait()
        raise AssertionError("nothing sets it")

    async def send(self, message: Message) -> None:
        self.asks.set()
        if not self._reads:
            await asyncio.Event().wait()
        self.heard.append(message)

    @property
    def page(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.heard)

    def visit(self, intake: Intake, **scope: object) -> Coroutine[Any, Any, None]:
        return intake({**SCOPE, **scope}, self.receive, self.send)


def comes(house: House, *parts: bytes, bounds: Bounds = OURS, **more: Any) -> Browser:
    """One visit, alone in the house."""

    async def visit() -> Browser:
        browser = Browser(*parts, **more)
        await browser.visit(Intake(house, threads=1, bounds=bounds))
        return browser

    return asyncio.run(visit())


def beside(held: Callable[[], Browser], house: House) -> Browser:
    """A visit to a house of one thread, while three others hold what they hold."""

    async def visit() -> Browser:
        intake = Intake(house, threads=1)
        others = [held() for _ in range(3)]
        waiting = [asyncio.create_task(other.visit(intake)) for other in others]
        for other in others:
            await other.asks.wait()
        browser = Browser()
        await asyncio.wait_for(browser.visit(intake), PATIENT)
        assert not any(task.done() for task in waiting)
        for task in waiting:
            task.cancel()
        return browser

    return asyncio.run(visit())


def test_the_request_is_told_as_it_came() -> None:
    house = House()
    comes(house, b"to", b"gether")
    told = house.asked[0]
    assert house.bodies == [b"together"]
    assert told["CONTENT_LENGTH"] == "8"
    assert told["PATH_INFO"].encode("latin-1") == "/kk/қ".encode() + b"\xff//"
    assert (told["QUERY_STRING"], told["CONTENT_TYPE"]) == ("q=%20", "text/plain")
    assert (told["HTTP_HOST"], told["HTTP_COOKIE"]) == ("localhost:8443", "a=1; b=2")
    assert (told["REMOTE_ADDR"], told["wsgi.url_scheme"]) == ("203.0.113.9", "https")
    assert REFUSAL not in told


def test_nobody_speaks_in_the_name_of_our_headers() -> None:
    house = House()
    names = [(b"x_csrftoken", b"forged"), (b"transfer-encoding", b"chunked"), (b"content-length", b"999")]

    async def visit() -> None:
        await Browser(b"x").visit(Intake(house, threads=1), headers=names)

    asyncio.run(visit())
    assert not {"HTTP_X_CSRFTOKEN", "HTTP_TRANSFER_ENCODING", "HTTP_CONTENT_LENGTH"} & set(house.asked[0])
    assert house.asked[0]["CONTENT_LENGTH"] == "1"


def test_the_answer_arrives_as_it_was_made() -> None:
    house = House([b"first ", b"second"])
    heard = comes(house).heard
    assert heard[0]["status"] == 200
    assert heard[0]["headers"][1:] == [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
    assert heard[1:] == [{"type": "http.response.body", "body": b"first second", "more_body": False}]
    assert house.is_closed


@pytest.mark.parametrize(("parts", "refusal"), [((b"1234", b"5678"), None), ((b"1234", b"56789"), errors.TooLarge)])
def test_a_body_may_be_so_large_and_no_larger(parts: tuple[bytes, ...], refusal: object) -> None:
    house = House()
    assert comes(house, *parts, bounds=Bounds(largest=8)).page == b"page"
    assert house.asked[0].get(REFUSAL) is refusal
    assert house.bodies == [b"" if refusal else b"12345678"]


@pytest.mark.parametrize(("is_done", "refusal"), [(True, None), (False, errors.TooSlow)])
def test_a_body_that_does_not_come_is_waited_for_no_longer_than_so(is_done: bool, refusal: object) -> None:
    house = House()
    bounds = Bounds(whole_within=PATIENT if is_done else 0.05)
    assert comes(house, b"csrf", bounds=bounds, is_done=is_done).page == b"page"
    assert house.asked[0].get(REFUSAL) is refusal


def test_whoever_goes_away_before_the_end_is_not_answered() -> None:
    house = House()

    async def visit() -> list[Message]:
        gone, heard = [{"type": "http.request", "body": b"x", "more_body": True}, {"type": "http.disconnect"}], []

        async def receive() -> Message:
            return gone.pop(0)

        async def send(message: Message) -> None:
            heard.append(message)

        await Intake(house, threads=1)(SCOPE, receive, send)
        return heard

    assert asyncio.run(visit()) == house.asked == []


def test_bodies_that_do_not_come_hold_no_thread() -> None:
    assert beside(lambda: Browser(b"csrf", is_done=False), House()).page == b"page"


def test_pages_that_nobody_reads_hold_no_thread() -> None:
    assert beside(lambda: Browser(reads=False), House()).page == b"page"


def test_a_long_answer_goes_out_in_parts_and_whole() -> None:
    house = House([b"12", b"34", b"5"])
    heard = comes(house, bounds=Bounds(at_once=2)).heard
    assert [(message["body"], message["more_body"]) for message in heard[1:]] == [
        (b"12", True),
        (b"34", True),
        (b"5", False),
    ]


def test_a_long_answer_that_nobody_reads_is_cut_off_and_its_thread_is_free(caplog: pytest.LogCaptureFixture) -> None:
    house = House([b"12", b"34", b"5"])

    async def visit() -> tuple[Browser, Browser]:
        intake = Intake(house, threads=1, bounds=Bounds(at_once=2, taken_within=0.05))
        deaf, other = Browser(reads=False), Browser()
        await deaf.visit(intake)
        assert house.is_closed
        await other.visit(intake)
        return deaf, other

    deaf, other = asyncio.run(visit())
    assert (deaf.heard, other.page) == ([], b"12345")
    assert "cut off" in caplog.text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("kk", {413: "Жіберілгені тым үлкен", 408: "Сұрау уақытында толық келмеді"}),
        ("ru", {413: "Отправленное слишком велико", 408: "Запрос не пришёл целиком вовремя"}),
        ("en", {413: "What was sent is too large", 408: "The request did not arrive whole in time"}),
    ],
)
@pytest.mark.parametrize("refusal", [errors.TooLarge, errors.TooSlow])
def test_what_is_refused_at_the_door_is_refused_by_a_page(
    language: str, said: dict[int, str], refusal: type[errors.Problem]
) -> None:
    client: Client = new_client(**{REFUSAL: refusal})
    answer = client.post(f"/{language}/sign-in/", {"login": "x"})
    assert answer.status_code == refusal.status
    assert said[refusal.status] in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
