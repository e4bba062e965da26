"""The attack on an SSH server: real where one can be had, in the recorded format where not, and never a stack trace."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from senim.exercises.errors import NotPlayed
from senim.exercises.ssh import attack, client, server

Program = Callable[[str, str], None]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Puts a program of this name before those of the machine; all that an attack needs are there to begin with."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def put(name: str, text: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o700)

    for name in ("sshd", "ssh", "ssh-keygen", "unshare", "mount"):
        put(name, "exit 0")
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr("os.geteuid", lambda: 0)
    return put


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("unshare", 'test "$2" = true && exit 0; echo "mount: permission denied" >&2; exit 1', "permission denied"),
        ("unshare", "exit 1", "no mount namespaces"),
        ("ssh-keygen", "echo no entropy >&2; exit 1", "no entropy"),
    ],
)
def test_where_no_server_can_be_had_its_log_is_written_as_recorded(
    program: Program, tmp_path: Path, name: str, text: str, reason: str
) -> None:
    program(name, text)
    log = tmp_path / "auth.log"
    played = attack.play(log, "somebody", failures=3)
    assert not played.real
    assert reason in played.note
    lines = log.read_text().splitlines()
    assert [line.split()[0] for line in lines] == ["Failed"] * 3 + ["Accepted"]


def test_a_server_that_never_answers_is_told_by_name(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    program("ssh", "exec sleep 600")
    monkeypatch.setattr(client, "_LIMIT", 0.2)
    with pytest.raises(NotPlayed, match="did not answer"):
        client.try_password(22, "somebody", "secret", source="127.0.0.1")


def test_a_server_that_will_not_end_is_ended(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess

    monkeypatch.setattr(server, "_END_SECONDS", 0.2)
    with subprocess.Popen(["/bin/sh", "-c", "trap '' TERM; echo up; while :; do sleep 1; done"], stdout=-1) as stubborn:
        assert stubborn.stdout is not None
        stubborn.stdout.readline()
        began = time.monotonic()
        server._end(stubborn)
        assert time.monotonic() - began < 60
    assert stubborn.returncode == -9


@pytest.mark.usefixtures("program")
@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_what_is_mounted_over_the_machine_s_accounts_nobody_may_change(tmp_path: Path, umask: int) -> None:
    home, before = tmp_path / "server", os.umask(umask)
    home.mkdir(mode=0o700)
    try:
        server._furnish(home, 22, "somebody", "secret")
    finally:
        os.umask(before)
    modes = {name: (home / name).stat().st_mode & 0o777 for name in ("", "passwd", "shadow")}
    # Everybody on the machine reads accounts, sshd's own unprivileged part too.
    assert modes == {"": 0o700, "passwd": 0o644, "shadow": 0o600}
