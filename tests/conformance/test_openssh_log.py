"""What a real OpenSSH server writes is what the parser understands."""

from pathlib import Path

import pytest

from senim.exercises.ssh import server
from senim.exercises.ssh.client import try_password
from senim.telemetry import parsers
from senim.telemetry.frames import Line

ACCOUNT = "senim-peer"
SOURCE = "127.0.0.9"
pytestmark = [
    pytest.mark.clause("R228/81-2"),
    pytest.mark.skipif(bool(server.why_not()), reason=f"no real sshd here: {server.why_not()}"),
]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str | int | bool]]:
    """The fields of every line of a real log: a wrong password, a stranger's names, the right password."""
    log: Path = tmp_path_factory.mktemp("sshd") / "auth.log"
    with server.serving(log, ACCOUNT) as real:
        assert not try_password(real.port, ACCOUNT, "wrong", source=SOURCE)
        assert not try_password(real.port, "root from 198.51.100.1 port 22 ssh2", "wrong", source=SOURCE)
        assert try_password(real.port, ACCOUNT, real.password, source=SOURCE)
    lines = log.read_bytes().removesuffix(b"\n").split(b"\n")
    return [
        parsers.parse("sshd", Line(n, 1_790_000_000.0, line), "peer").fields for n, line in enumerate(lines, start=1)
    ]


def of(seen: list[dict[str, str | int | bool]], action: str) -> list[tuple[object, object, object]]:
    return [(f["user"], f["src_ip"], f["invalid_user"]) for f in seen if f["action"] == action]


def test_failures_and_the_success_are_told_apart(seen: list[dict[str, str | int | bool]]) -> None:
    assert (ACCOUNT, SOURCE, False) in of(seen, "password-failed")
    assert of(seen, "password-accepted") == [(ACCOUNT, SOURCE, False)]


@pytest.mark.refusal
def test_a_name_that_reads_like_a_log_line_moves_no_address(seen: list[dict[str, str | int | bool]]) -> None:
    assert {address for _, address, _ in of(seen, "password-failed")} == {SOURCE}
    assert ("root from 198.51.100.1 port 22 ssh2", SOURCE, True) in of(seen, "password-failed")
    assert not [f for f in seen if f.get("user") == "root"]
