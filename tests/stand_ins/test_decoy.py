"""The decoy gives away what it plants and nothing else, says so, and cannot be made to harm the machine."""

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.stand_ins.bureau import CHECKOUT


class Decoy:
    """A running decoy and its logs."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.security, self.access = folder / "security.jsonl", folder / "access.jsonl"
        command = [sys.executable, "-m", "stand_ins.decoy", "--port", "0", "--security-log", str(self.security)]
        self.process = subprocess.Popen(
            [*command, *more], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=CHECKOUT, text=True
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().rstrip("/\n").rpartition(":")[2])

    def get(self, target: str, **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", "/any/" + quote(target, safe="/?=&%"), headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, body

    @property
    def said(self) -> list[dict[str, Any]]:
        """What its security log holds."""
        return [json.loads(line) for line in self.security.read_text().splitlines()] if self.security.exists() else []

    def end(self) -> int:
        """Close its standard input; its exit code."""
        with self.process as process:
            assert process.stdin is not None
            process.stdin.close()
            return process.wait(30)


@pytest.fixture
def decoy(tmp_path: Path) -> Iterator[Decoy]:
    running = Decoy(tmp_path, "--access-log", str(tmp_path / "access.jsonl"))
    yield running
    running.end()


@pytest.mark.parametrize(
    "target",
    ["account?id=0 UNION SELECT name,note FROM accounts", "document?name=../../etc/passwd", "hello?text={{secret}}"],
)
def test_each_fault_gives_a_canary_away_and_the_decoy_says_so(decoy: Decoy, target: str) -> None:
    status, body = decoy.get(target)
    assert status == 200
    assert "canary-" in body
    (line,) = decoy.said
    assert (line["violation"], line["src"], line["door"]) == ("canary", "127.0.0.1", "decoy")


@pytest.mark.refusal
@pytest.mark.parametrize(
    "target", ["account?id=1", "document?name=welcome.txt", "hello?text=Hello", "search?q=O'Connor", "gone", ""]
)
def test_what_people_ask_for_gives_nothing_away(decoy: Decoy, target: str) -> None:
    assert "canary-" not in decoy.get(target)[1]
    assert decoy.said == []


@pytest.mark.parametrize(
    ("injected", "word"),
    [
        ("1'", "database-syntax"),
        ("1) ORDER BY 10", "database-syntax"),
        ("1 AND length(randomblob(500000000))", None),
        ("(WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT count(*) FROM c)", None),
        ("1 AND 1=load_extension('/tmp/x')", "database-syntax"),
    ],
)
def test_what_is_injected_neither_grows_nor_lasts(decoy: Decoy, injected: str, word: str | None) -> None:
    status, _ = decoy.get(f"account?id={injected}")
    assert status == 500
    assert [line["violation"] for line in decoy.said] == ([word] if word else [])


@pytest.mark.refusal
def test_a_second_statement_is_not_carried_out(decoy: Decoy, tmp_path: Path) -> None:
    decoy.get(f"account?id=1; ATTACH DATABASE '{tmp_path}/made.db' AS made")
    decoy.get("account?id=1; DROP TABLE accounts")
    assert not (tmp_path / "made.db").exists()
    assert decoy.get("account?id=1")[0] == 200


@pytest.mark.refusal
def test_no_file_of_the_machine_is_read(decoy: Decoy) -> None:
    root = Path("/etc/passwd").read_text()
    assert decoy.get("document?name=../../etc/passwd")[1] not in root
    assert decoy.get("document?name=../../etc/hostname")[0] == 404


def test_without_a_proxy_it_writes_what_nginx_would(decoy: Decoy) -> None:
    decoy.get("search?q=a", **{"User-Agent": 'a "quoted" agent'})
    (line,) = [json.loads(text) for text in decoy.access.read_text().splitlines()]
    assert (line["remote_addr"], line["request_uri"], line["status"], line["http_user_agent"]) == (
        "127.0.0.1", "/any/search?q=a", "200", 'a "quoted" agent',
    )  # fmt: skip


@pytest.mark.parametrize(("more", "source"), [(["--behind-proxy"], "192.0.2.7"), ([], "127.0.0.1")])
def test_who_asks_is_a_proxy_s_word_only_where_there_is_one(tmp_path: Path, more: list[str], source: str) -> None:
    decoy = Decoy(tmp_path, *more)
    decoy.get("hello?text={{secret}}", **{"X-Real-IP": "192.0.2.7"})
    assert [line["src"] for line in decoy.said] == [source]
    assert decoy.end() == 0


def test_it_ends_with_whoever_started_it(tmp_path: Path) -> None:
    assert Decoy(tmp_path).end() == 0
