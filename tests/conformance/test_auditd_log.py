"""What the kernel and the real auditd write of an execution in a watched folder is understood.

Only where nobody else uses the kernel's audit: it is one for the whole machine. A rule is added for a folder of the
test's own and taken away again, and the daemon runs from the test's own settings.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from senim.telemetry.frames import Line
from senim.telemetry.parsers import Observed
from senim.telemetry.parsers.auditd import WATCH, Joining

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
AUDITD, AUDITCTL = shutil.which("auditd", path=PATH), shutil.which("auditctl", path=PATH)
SETTINGS = """
local_events = yes
write_logs = yes
log_file = {folder}/audit.log
log_group = root
log_format = {form}
flush = NONE
max_log_file = 8
max_log_file_action = IGNORE
space_left = 75
admin_space_left = 50
space_left_action = IGNORE
admin_space_left_action = IGNORE
disk_full_action = IGNORE
disk_error_action = IGNORE
plugin_dir = {folder}/plugins.d
"""


def ctl(*arguments: str) -> str:
    assert AUDITCTL is not None
    return subprocess.run([AUDITCTL, *arguments], capture_output=True, text=True, check=False, timeout=30).stdout


def hindrance() -> str:
    """Why the kernel's audit cannot be used by a test here; empty where it can."""
    if os.geteuid() != 0:
        return "only root may ask the kernel for audit records"
    if AUDITD is None or AUDITCTL is None:
        return "auditd is not installed"
    status = dict(line.split(maxsplit=1) for line in ctl("-s").splitlines() if " " in line)
    if status.get("pid") != "0" or status.get("enabled") != "0" or "No rules" not in ctl("-l"):
        return "somebody else uses the kernel's audit, or it has none"
    return ""


@pytest.fixture(params=["ENRICHED", "RAW"])
def watched(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A folder whose executions the kernel reports; `audit.log` stands beside it."""
    if why := hindrance():
        pytest.skip(f"NOT RUN: {why}")
    folder = tmp_path / "watched"
    for made in (folder, tmp_path / "plugins.d"):
        made.mkdir()
    settings = tmp_path / "auditd.conf"
    settings.write_text(SETTINGS.format(folder=tmp_path, form=request.param))
    settings.chmod(0o640)
    tmp_path.chmod(0o700)
    rule = ("-F", "arch=b64", "-F", f"dir={folder}", "-F", "perm=x", "-k", f"{WATCH}uploads")
    with subprocess.Popen([str(AUDITD), "-n", "-c", str(tmp_path), "-s", "enable"], stderr=subprocess.PIPE) as daemon:
        try:
            wait_for(tmp_path / "audit.log", "DAEMON_START", daemon)
            ctl("-a", "always,exit", *rule)
            yield folder
        finally:
            ctl("-d", "always,exit", *rule)
            daemon.terminate()
            daemon.wait(30)
            ctl("-e", "0")


def wait_for(log: Path, word: str, daemon: "subprocess.Popen[bytes] | None" = None) -> None:
    deadline = time.monotonic() + 30
    while not (log.exists() and word in log.read_text(errors="replace")):
        if daemon is not None and daemon.poll() is not None:
            assert daemon.stderr is not None
            pytest.skip(f"NOT RUN: auditd does not start here: {daemon.stderr.read().decode().strip()[:200]}")
        assert time.monotonic() < deadline, f"{word} did not come"
        time.sleep(0.05)


def said(folder: Path) -> list[Observed]:
    """What auditd wrote, up to the last execution."""
    log = folder.parent / "audit.log"
    wait_for(log, "the-last.sh")
    wait_for(log, b"the-last.sh".hex().upper())  # the process title comes behind all paths
    joining = Joining()
    lines = log.read_bytes().splitlines()
    return [joining.parse(Line(number, time.time(), line), "server-1", "UTC") for number, line in enumerate(lines, 1)]


def run(folder: Path, name: str, content: bytes = b"#!/bin/sh\nexit 0\n") -> None:
    path = folder / name
    path.write_bytes(content)
    path.chmod(0o700)
    try:
        subprocess.run([str(path), "an argument"], check=False, timeout=30)
    except OSError:
        assert not content.startswith(b"#!")


def test_executions_are_told_with_file_folder_and_user(watched: Path) -> None:
    run(watched, "a b.sh")
    run(watched, "not-a-program", b"nothing that could be run")
    run(watched, "the-last.sh")
    seen = [one.fields for one in said(watched)]
    executed = [fields["path"] for fields in seen if fields["action"] == "file-executed"]
    failed = [fields["path"] for fields in seen if fields["action"] == "execution-failed"]
    assert executed == [str(watched / "a b.sh"), str(watched / "the-last.sh")]
    assert failed == [str(watched / "not-a-program")]
    assert {fields["folder"] for fields in seen if fields["action"] == "file-executed"} == {"uploads"}
    assert {fields["user"] for fields in seen if fields["action"] == "file-executed"} <= {"root", "0"}
