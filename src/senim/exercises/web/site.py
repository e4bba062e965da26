"""The decoy's site: the vulnerable application, behind a real nginx where there is one, while it is attacked."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from senim.exercises.errors import NotPlayed
from senim.exercises.scenario import Stage

WEB, DECOY = "web", "decoy"
"""The sources in which the site's requests and the decoy's own words appear."""
HOST = "127.0.0.1"
_START_SECONDS = _END_SECONDS = 15.0
VARIABLES = (
    "msec remote_addr host remote_user request request_method request_uri server_protocol status body_bytes_sent"
    " request_time http_user_agent http_referer request_id"
)
"""Of nginx, that its log must hold (`telemetry.parsers.nginx_json`)."""
_CONFIGURATION = """
{user}
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 2048; }}
http {{
    log_format senim escape=json '{form}';
    access_log {log} senim;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location / {{
            proxy_pass http://127.0.0.1:{inner};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Real-IP $remote_addr;
        }}
        location ~ ^/exercise-[0-9a-f]+/page$ {{ return 200 "page\\n"; }}
    }}
}}
"""


@dataclass(frozen=True)
class Site:
    """Where the decoy can be reached."""

    port: int
    nginx: bool
    """Whether a real nginx stands before it and writes its log."""

    @property
    def note(self) -> str:
        """What is recorded only; empty where all is real."""
        return "" if self.nginx else _("nginx is not installed: the decoy itself wrote nginx's log")


@contextmanager
def serving(stage: Stage) -> Iterator[Site]:
    """The decoy at the port of the door `web`. Raises `NotPlayed` where it does not start."""
    port, log, security = stage.door(WEB).port, stage.log_of(WEB), stage.log_of(DECOY)
    for path in (log, security):
        path.parent.mkdir(parents=True, exist_ok=True)
    nginx = _found("nginx")
    with ExitStack() as stack:
        if nginx is None:
            stack.enter_context(_running(_decoy(port, security, "--access-log", str(log)), port))
        else:
            inner = _free_port()
            stack.enter_context(_running(_decoy(inner, security, "--behind-proxy"), inner))
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="senim-nginx-")))
            stack.enter_context(_running(_nginx(nginx, folder, port, inner, log), port))
        yield Site(port, nginx is not None)


def _decoy(port: int, security: Path, *more: str) -> Sequence[str]:
    command = [sys.executable, "-m", "stand_ins.decoy", "--port", str(port), "--security-log", str(security)]
    return [*command, *more]


def _nginx(program: str, folder: Path, port: int, inner: int, log: Path) -> Sequence[str]:
    form = "{" + ",".join(f'"{name}":"${name}"' for name in VARIABLES.split()) + "}"
    # Root's nginx hands requests to somebody who owns nothing; anybody else's runs as that person.
    user = "user nobody nogroup;" if os.geteuid() == 0 else ""
    folder.chmod(0o755)
    settings = folder / "nginx.conf"
    settings.write_text(
        _CONFIGURATION.format(user=user, folder=folder, log=log, form=form, port=port, inner=inner), encoding="utf-8"
    )
    return [program, "-p", str(folder), "-c", str(settings)]


@contextmanager
def _running(command: Sequence[str], port: int) -> Iterator[None]:
    """`command` for as long as it is needed: ended by its own pid, and with us if we are killed (its input ends)."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=said)
        try:
            if not _serves(process, port):
                said.seek(0)
                why = said.read(500).decode(errors="replace").strip()
                dead = _("{program} does not serve at {address}: {why}")
                raise NotPlayed(dead.format(program=Path(command[0]).name, address=f"{HOST}:{port}", why=why))
            yield
        finally:
            _end(process)


def _serves(process: "subprocess.Popen[bytes]", port: int) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return True
        time.sleep(0.05)
    return False


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.communicate(timeout=_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def _found(program: str) -> str | None:
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
