"""However an attack on a web application is spelt, the rules see it; what only reads like one they leave alone."""

import json
from urllib.parse import quote

import pytest

from senim.detection.internal.engine import Engine
from senim.detection.internal.ruleset import load
from senim.detection.rules import OURS
from senim.telemetry import parsers
from tests.detection.watch import frame_of

pytestmark = [pytest.mark.clause("R228/81-1(1)")]
SQL, PATH, LOOKUP, LONG = (
    "SQL injection attempted",
    "Path traversal attempted",
    "Log4Shell attempted",
    "Request too long to be looked at",
)
PADDING = "a=" + "b" * 17_000 + "&"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load({"ours": OURS}))


def seen(engine: Engine, uri: str, *, site: str = "portal.example", seconds: float = 0.005) -> set[str]:
    """The titles of the rules of single events that a request for `uri` fits."""
    row = {
        "msec": "1795330800.000",
        "remote_addr": "203.0.113.9",
        "host": site,
        "request": f"GET {uri} HTTP/1.1",
        "request_method": "GET",
        "request_uri": uri,
        "status": "200",
        "request_time": f"{seconds:.3f}",
    }
    frame = frame_of([json.dumps(row)], kind="nginx-json")
    (line,) = frame.lines
    hits = engine.hits(frame, line, parsers.parse("nginx-json", line, "web-1"))
    return {engine.rules.bases[hit.rule].about.title for hit in hits}


@pytest.mark.parametrize(
    "value",
    [
        "1' UNION SELECT 1-- ",
        "1'or'1'='1",
        "1'union(select(password)from(users))--x",
        "1'||(select(pw)from(u)limit(1))||'",
        "1 UNION#\nSELECT 1",
        "1 UNION#x y z\nSELECT 1",
        "1 UNION-- x\nSELECT 1",
        "1 UNION--\nSELECT 1",
        "1 UNION ALL (SELECT 1)",
        "1'union distinct select 1,2",
        "1'and(select(1)from(t))='1",
        "(1)and(1)=(1)",
        "1) or (1)=(1",
        "1'/**/oR/**/1=1",
        "1 /*!50000UNION*/ /*!SELECT*/ 1",
        "1;select sleep/**/(5)",
    ],
)
class TestSql:
    """In an address: as it is, behind padding, and behind more than anybody looks at."""

    def test_as_it_is(self, engine: Engine, value: str) -> None:
        assert SQL in seen(engine, f"/report?id={quote(value)}")

    @pytest.mark.parametrize("much", [2_000, 2_048, 6_000])
    def test_behind_padding(self, engine: Engine, value: str, much: int) -> None:
        assert SQL in seen(engine, f"/report?pad={'x' * much}&id={quote(value)}")

    def test_behind_more_than_is_looked_at(self, engine: Engine, value: str) -> None:
        assert LONG in seen(engine, f"/report?{PADDING}id={quote(value)}")


@pytest.mark.refusal
@pytest.mark.parametrize(
    "value",
    [
        "O'Brien and sons",
        "Д'Артаньян или 1",
        "credit union, select a branch",
        "select (one) or (two)",
        "union of (select) families",
        "a -- b",
        "https://example.kz/a#part",
        "1 # 2\n3",
        "rock 'n' roll and blues",
        "несие -- займ",
        "l'orange",
    ],
)
def test_what_reads_like_sql_is_none(engine: Engine, value: str) -> None:
    assert seen(engine, f"/search?q={quote(value)}") == set()


@pytest.mark.parametrize(
    "path",
    ["/etc//passwd", "/etc/./passwd", "/a/....//....//etc/hosts", "/../../x", "/%2e%2e/%2e%2e//x", "/etc/././/passwd"],
)
def test_a_path_is_seen_through_its_detours(engine: Engine, path: str) -> None:
    assert PATH in seen(engine, f"/get?file={path}")


@pytest.mark.refusal
@pytest.mark.parametrize("path", ["/a//b", "/a/./b", "/docs/etc/hosts.html", "/a...b/c"])
def test_an_untidy_path_is_no_attack(engine: Engine, path: str) -> None:
    assert seen(engine, path) == set()


def test_a_lookup_in_the_host(engine: Engine) -> None:
    assert seen(engine, "/", site="${jndi:ldap://203.0.113.9/a}") == {LOOKUP}


@pytest.mark.parametrize(
    ("call", "late"), [("sleep(5)", True), ("sleep/**/(5)", True), ("sleep (5)", True), ("asleep", False)]
)
def test_an_injected_delay_however_spelt(engine: Engine, call: str, late: bool) -> None:
    assert ("Injected delay answered late" in seen(engine, f"/a?id={quote(call)}", seconds=5.0)) is late


@pytest.mark.refusal
@pytest.mark.parametrize("sign", ["#", "--", "/*", "/**/", "/*!", "\n#", "//", "/./", "%25", "'"])
def test_a_hostile_length_is_read_in_no_time(engine: Engine, sign: str) -> None:
    """A parser that looked back from every sign would need minutes for this."""
    assert isinstance(seen(engine, "/a?" + quote(sign * 100_000)), set)
