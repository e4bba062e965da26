"""Web servers' access lines: whoever wrote them, the same fields; and no disguise of an address blinds a rule."""

import json
import shutil
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from senim.telemetry import parsers
from senim.telemetry.frames import Line
from senim.telemetry.parsers import Observed, web

READ = datetime(2026, 11, 22, 12, 0, 1, tzinfo=UTC)
SENT = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
MARKER = "exercise-0123456789abcdef"


def parse(kind: str, data: str | bytes) -> Observed:
    data = data.encode() if isinstance(data, str) else data
    return parsers.parse(kind, Line(1, READ.timestamp(), data), "web-1")


def nginx(**named: Any) -> str:
    row = {
        "msec": f"{SENT.timestamp():.3f}",
        "remote_addr": "192.0.2.7",
        "host": "portal.kz",
        "remote_user": "",
        "request": "GET /a?b=1 HTTP/1.1",
        "request_method": "GET",
        "request_uri": "/a?b=1",
        "server_protocol": "HTTP/1.1",
        "status": "200",
        "body_bytes_sent": "612",
        "request_time": "0.042",
        "http_user_agent": "Mozilla/5.0",
        "http_referer": "",
        "request_id": "77",
    }
    return json.dumps(row | named)


def combined(request: str = "GET /a?b=1 HTTP/1.1", *, user: str = "-", agent: str = "Mozilla/5.0") -> str:
    return f'192.0.2.7 - {user} [22/Nov/2026:17:00:00 +0500] "{request}" 200 612 "-" "{agent}"'


def door(**named: Any) -> str:
    row = {
        "at": "2026-11-22T12:00:00.000Z", "door": "console", "src": "192.0.2.7", "method": "GET", "path": "/a",
        "query": "b=1", "status": 200, "bytes": 612, "ms": 42, "agent": "Mozilla/5.0", "id": "77", "violation": "",
    }  # fmt: skip
    return json.dumps(row | named)


WRITERS = {"nginx-json": nginx, "nginx-combined": combined, "door": door}
KINDS = sorted(WRITERS)


@pytest.mark.clause("R228/81-2")
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_request_has_the_same_fields_whoever_wrote_it(kind: str) -> None:
    seen = parse(kind, WRITERS[kind]())
    wanted = {
        "host": "web-1", "action": "request", "src_ip": "192.0.2.7", "c-ip": "192.0.2.7", "cs-method": "GET",
        "cs-uri-stem": "/a", "cs-uri-query": "/a?b=1", "cs-uri": "/a?b=1", "sc-status": 200, "sc-bytes": 612,
        "cs-user-agent": "Mozilla/5.0", "uri_decoded": "/a?b=1", "uri_plain": "/a?b=1", "marker": "",
    }  # fmt: skip
    assert {name: seen.fields.get(name) for name in wanted} == wanted
    assert (seen.at, seen.time_basis) == (SENT, "line")
    assert "cut" not in seen.fields
    if kind != "nginx-combined":
        assert seen.fields["time-taken"] == 42


@pytest.mark.parametrize(
    "text",
    [
        "1' UNION SELECT 2",
        "1%27%20UNION%20SELECT%202",
        "1%2527%2520UNION%2520SELECT%25202",
        "1'+uNiOn+sElEcT+2",
        "1'/**/UNION/*x*/SELECT/**/2",
        "1'/*!50000UNION*//*!SELECT*/2",
        "1'%09UNION%0d%0aSELECT%a02".replace("%a0", "%c2%a0"),
        "1%EF%BC%87 UNION%00 SELECT 2",
        "1%u0027 UNION SELECT 2",
    ],
)
def test_disguises_come_off(text: str) -> None:
    assert web.plain(text).startswith("1' union select 2")


@pytest.mark.parametrize("text", ["%c0%ae%c0%ae%c0%af", "%2e%2e%2f", "%252e%252e%252f", "..%C0%AF", "%u002e%u002e/"])
def test_dots_that_climb_are_dots(text: str) -> None:
    assert web.plain(text) == "../"


def test_three_times_encoded_stays_for_who_decodes_three_times() -> None:
    assert web.plain("%25252e") == "%2e"


def test_a_comment_that_never_ends_hides_nothing() -> None:
    assert web.plain("a/*b") == "a/*b"


@pytest.mark.parametrize("kind", ["nginx-json", "door"])
def test_a_name_in_cyrillic_is_readable(kind: str) -> None:
    asked = "q=" + quote("Д'Артаньян")
    line = nginx(request_uri=f"/s?{asked}") if kind == "nginx-json" else door(path="/s", query=asked)
    assert parse(kind, line).fields["uri_decoded"] == "/s?q=Д'Артаньян"


@pytest.mark.parametrize("kind", KINDS)
def test_an_exercise_is_known_by_the_marker_in_its_address(kind: str) -> None:
    lines = {
        "nginx-json": nginx(request_uri=f"/{MARKER}/a"),
        "nginx-combined": combined(f"GET /%65{MARKER[1:]}/a HTTP/1.1"),
        "door": door(path=f"/{MARKER}/a"),
    }
    assert parse(kind, lines[kind]).fields["marker"] == MARKER


@pytest.mark.refusal
def test_two_markers_are_none() -> None:
    assert parse("nginx-json", nginx(request_uri=f"/{MARKER}/{MARKER[:-1]}0")).fields["marker"] == ""


@pytest.mark.parametrize(("length", "cut"), [(web.LONGEST, None), (web.LONGEST + 1, True)])
def test_what_is_longer_than_servers_let_it_be_is_cut_and_said_to_be(length: int, cut: bool | None) -> None:
    fields = parse("nginx-json", nginx(request_uri="/" + "a" * (length - 1))).fields
    assert fields.get("cut") == cut
    assert len(str(fields["uri_plain"])) == web.LONGEST


class TestNginxCombined:
    """Text of strangers stands between quotes; nobody writes a request into it."""

    @pytest.mark.refusal
    @pytest.mark.parametrize(
        "user", ["x [01/Jan/2020:00:00:00 +0000]", r"x [01/Jan/2020:00:00:00 +0000] \x22GET /evil HTTP/1.1\x22 200 1"]
    )
    def test_a_name_that_reads_like_a_request_changes_nothing(self, user: str) -> None:
        fields = parse("nginx-combined", combined(user=user)).fields
        assert (fields["cs-uri"], fields["src_ip"]) == ("/a?b=1", "192.0.2.7")

    def test_escapes_of_both_servers_are_undone(self) -> None:
        fields = parse("nginx-combined", combined(agent=r"a\x22b\"c\\d\xD0\x96")).fields
        assert fields["cs-user-agent"] == 'a"b"c\\dЖ'

    @pytest.mark.parametrize("request_line", [r"\x16\x03\x01\x02", "-", "", "GET", "GET /a", "G T / HTTP/1.1 x"])
    def test_what_is_no_request_is_said_to_be_none(self, request_line: str) -> None:
        assert parse("nginx-combined", combined(request_line)).fields["action"] == "request-malformed"

    def test_common_form_has_neither_referer_nor_agent(self) -> None:
        line = combined().split(' "-"')[0]
        assert parse("nginx-combined", line).fields["sc-status"] == 200


class TestDoor:
    """What an application says of itself."""

    @pytest.mark.parametrize("word", ["canary", "database-syntax", "database-right"])
    def test_a_violation_of_the_vocabulary_is_a_field(self, word: str) -> None:
        assert parse("door", door(violation=word)).fields["violation"] == word

    @pytest.mark.refusal
    @pytest.mark.parametrize("word", ["anything", "CANARY", 7, None, ["canary"]])
    def test_any_other_is_none(self, word: object) -> None:
        assert parse("door", door(violation=word)).fields["violation"] == ""


ODD = [
    b"",
    b"{}",
    b"[]",
    b"[" * 5000,
    b'{"remote_addr":"\\ud800","request_uri":"\\udfff","request_method":"GET"}',
    b'{"remote_addr":"x","msec":"' + b"9" * 400 + b'"}',
    b'{"remote_addr":"x","status":1' + b"0" * 5000 + b"}",
    b'{"src":"x","at":"9999-99-99T99:99:99Z","ms":-1,"bytes":true,"path":1}',
    b'1.1.1.1 - - [99/Foo/0000:99:99:99 +9999] "GET / HTTP/1.1" 200 1 "-" "-"',
    b'1.1.1.1 - - [31/Feb/2026:99:99:99 +9999] "' + b"\\x2" * 3000 + b'" 200 1',
    b"\xff\xfe\x00",
]


@pytest.mark.parametrize("kind", [*KINDS, "meter"])
@given(data=st.one_of(st.binary(max_size=400), st.sampled_from(ODD)))
@example(data=b"\xd0")
def test_garbage_is_kept_and_never_raises(kind: str, data: bytes) -> None:
    seen = parse(kind, data)
    assert seen.text.isprintable()
    assert seen.fields["action"]
    assert seen.fields["marker"] is not None
    assert seen.at.tzinfo is UTC


ANY_TEXT = st.text(max_size=300)
VALUES = st.one_of(ANY_TEXT, st.integers(), st.none(), st.booleans(), st.lists(ANY_TEXT, max_size=2))


@pytest.mark.parametrize("kind", ["nginx-json", "door", "meter"])
@given(data=st.data())
def test_any_values_under_the_right_names_never_raise(kind: str, data: st.DataObject) -> None:
    row = json.loads({"nginx-json": nginx, "door": door, "meter": lambda: '{"at":1,"door":1,"requests":1}'}[kind]())
    seen = parse(kind, json.dumps({name: data.draw(VALUES) for name in row}))
    assert seen.fields["action"]


@given(st.text(alphabet="/*!%+'25eEuU0aA \t\x00ж\ufe64", max_size=200))
def test_making_plain_never_raises_and_never_grows_beyond_reason(text: str) -> None:
    assert len(web.plain(text)) <= 18 * len(text) + 1


@pytest.mark.parametrize("piece", ["/*", "%", "%2", "%25", "/*!", "\\x", '"', "%u", "*/", "[", "\uff07"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.timeout(60)
def test_no_text_keeps_a_parser_for_long(kind: str, piece: str) -> None:
    """Whatever takes the square of these texts' length does not end before the suite gives up."""
    hostile = piece * (60_000 // len(piece.encode()))
    lines = {
        "nginx-json": nginx(request_uri=hostile, http_user_agent=hostile),
        "nginx-combined": combined(f"GET /{hostile} HTTP/1.1", user=hostile),
        "door": door(path=hostile, query=hostile),
    }
    assert parse(kind, lines[kind][: 64 * 1024]).fields["action"]


@pytest.mark.clause("R228/81-2")
def test_a_real_nginx_writes_what_both_parsers_read() -> None:
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if program is None:
        pytest.skip("nginx is not installed: its own lines cannot be had")
    with tempfile.TemporaryDirectory() as folder:
        lines = _asked_of(program, Path(folder))
    for kind in ("nginx-json", "nginx-combined"):
        *good, bad = [parse(kind, line) for line in lines[kind]]
        assert [seen.fields["cs-uri"] for seen in good] == ["/a?q=%27%22", "/%D0%96", "/b"]
        assert [seen.fields["uri_decoded"] for seen in good] == ["/a?q='\"", "/Ж", "/b"]
        assert good[2].fields["cs-user-agent"] == 'a "quoted" \\ agent Ж'
        assert {seen.fields["action"] for seen in good} == {"request"}
        assert bad.fields["action"] == "request-malformed"
        assert {seen.fields["sc-status"] for seen in good} == {200}
        assert not any(seen.fields.get("time_flaw") == "unreadable" for seen in (*good, bad))


def _asked_of(program: str, folder: Path) -> dict[str, list[bytes]]:
    """The lines that nginx writes of three requests and of something that is none, in both forms."""
    import http.client
    import os
    import socket

    from senim.exercises.web import site

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    form = "{" + ",".join(f'"{name}":"${name}"' for name in site.VARIABLES.split()) + "}"
    folder.chmod(0o755)
    user = "user nobody nogroup;" if os.geteuid() == 0 else ""
    (folder / "conf").write_text(
        f"{user} daemon off; pid {folder}/pid; error_log stderr; events {{}} http {{"
        f"log_format senim escape=json '{form}'; access_log {folder}/json senim; access_log {folder}/plain combined;"
        f"client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;"
        f"uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;"
        f"server {{ listen 127.0.0.1:{port}; location / {{ return 200 'ok'; }} }} }}"
    )
    with subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "conf")], stderr=subprocess.PIPE) as nginx_:
        try:
            for attempt in range(200):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                assert attempt < 199, "nginx does not serve"
                time.sleep(0.05)
            for target, agent in (("/a?q=%27%22", "x"), ("/%D0%96", "x"), ("/b", 'a "quoted" \\ agent Ж')):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                connection.request("GET", target, headers={"User-Agent": agent.encode()})
                connection.getresponse().read()
                connection.close()
            with socket.create_connection(("127.0.0.1", port), timeout=10) as garbage:
                garbage.sendall(b"\x16\x03\x01\x02\x00\x01\r\n\r\n")
                garbage.recv(100)
        finally:
            nginx_.terminate()
            nginx_.wait(20)
    requests = {"nginx-json": folder / "json", "nginx-combined": folder / "plain"}
    # The probe of the port connects and says nothing: nginx writes no line of it.
    return {kind: path.read_bytes().splitlines()[-4:] for kind, path in requests.items()}
