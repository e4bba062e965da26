"""What the kernel and the real auditd write of an execution in a watched folder is understood.

Only where nobody else uses the kernel's audit: it is one for the whole machine. A rule is added for a folder of the
test's own and taken away again, and the daemon runs from the test's own settings.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from senim.detection import rules
from senim.detection.internal.engine import Engine
from senim.detection.internal.ruleset import load
from senim.telemetry.frames import Line
from senim.telemetry.parsers import Observed
from senim.telemetry.parsers.auditd import WATCH, Joining
from tests.detection.watch import Watch, frame_of

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


@contextmanager
def reporting(folder: Path, form: str, *rules: tuple[str, ...]) -> Iterator[None]:
    """The kernel reports by `rules`, and the real auditd writes `audit.log` in `folder`."""
    (folder / "plugins.d").mkdir()
    settings = folder / "auditd.conf"
    settings.write_text(SETTINGS.format(folder=folder, form=form))
    settings.chmod(0o640)
    folder.chmod(0o700)
    with subprocess.Popen([str(AUDITD), "-n", "-c", str(folder), "-s", "enable"], stderr=subprocess.PIPE) as daemon:
        try:
            wait_for(folder / "audit.log", "DAEMON_START", daemon)
            for rule in rules:
                ctl("-a", "always,exit", *rule)
            yield
        finally:
            for rule in rules:
                ctl("-d", "always,exit", *rule)
            daemon.terminate()
            daemon.wait(30)
            ctl("-e", "0")


@pytest.fixture(params=["ENRICHED", "RAW"])
def form(request: pytest.FixtureRequest) -> str:
    """How auditd writes; nobody else uses the kernel's audit."""
    if why := hindrance():
        pytest.skip(f"NOT RUN: {why}")
    return str(request.param)


@pytest.fixture
def watched(form: str, tmp_path: Path) -> Iterator[Path]:
    """A folder whose executions the kernel reports; `audit.log` stands beside it."""
    folder = tmp_path / "watched"
    folder.mkdir()
    with reporting(tmp_path, form, ("-F", "arch=b64", "-F", f"dir={folder}", "-F", "perm=x", "-k", f"{WATCH}uploads")):
        yield folder


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


SERVICE = 65534
"""The number of an account that owns nothing and never logs in."""
BROKEN = "import os; os.kill(os.getpid(), 11)"


def raised(log: Path) -> list[tuple[str, str | None]]:
    """Titles of what our rules raise for the records of `log`, and on whom."""
    watch = Watch(Engine(load({"ours": rules.OURS})))
    lines = log.read_text(errors="replace").splitlines()
    return [
        (telling.rule.about.title, telling.facts.get("user")) for telling in watch.see(frame_of(lines, kind="auditd"))
    ]


@pytest.mark.clause("R228/81-1(1)")
class TestExploitedService:
    """What rules/auditd/exploited.yml waits for, as the kernel says it; its audit rules are those of the file."""

    @staticmethod
    def rule() -> tuple[str, ...]:
        shell = os.path.realpath("/bin/sh")
        who = ("-F", "auid=unset", "-F", f"uid={SERVICE}")
        return ("-F", "arch=b64", "-F", f"path={shell}", "-F", "perm=x", *who, "-k", "senim-no-shell-test")

    @staticmethod
    def last(log: Path) -> None:
        """Wait until all has been written: by a record of our own that comes behind it."""
        ctl("-m", "this-is-the-last")
        wait_for(log, "this-is-the-last")

    def test_a_shell_of_a_service_is_raised_and_one_of_somebody_else_is_not(self, form: str, tmp_path: Path) -> None:
        if Path("/proc/self/loginuid").read_text() != "4294967295":
            pytest.skip("NOT RUN: whoever runs the tests has logged in, as no service has")
        with reporting(tmp_path, form, self.rule()):
            subprocess.run(["/bin/sh", "-c", ":"], check=True)
            self.last(tmp_path / "audit.log")
            assert raised(tmp_path / "audit.log") == []
            subprocess.run(["/bin/sh", "-c", ":"], check=True, user=SERVICE, group=SERVICE, extra_groups=[], cwd="/")
            ctl("-m", "and-another")
            wait_for(tmp_path / "audit.log", "and-another")
        title = "Service that never starts a shell started one"
        assert [found for found, _user in raised(tmp_path / "audit.log")] == [title]

    def test_programs_broken_by_their_memory_are_raised_the_fifth_time(self, form: str, tmp_path: Path) -> None:
        if Path("/proc/self/loginuid").read_text() != "4294967295":
            pytest.skip("NOT RUN: whoever runs the tests has logged in, as no service has")
        with reporting(tmp_path, form):
            for _ in range(4):
                subprocess.run([sys.executable, "-c", BROKEN], check=False)
            self.last(tmp_path / "audit.log")
            assert raised(tmp_path / "audit.log") == []
            subprocess.run([sys.executable, "-c", BROKEN], check=False)
            ctl("-m", "and-another")
            wait_for(tmp_path / "audit.log", "and-another")
        title = "Program broken by its memory again and again"
        assert [found for found, _user in raised(tmp_path / "audit.log")] == [title]
