"""How a process reaches PostgreSQL: the embedded one through a private socket, or the bureau's own by address."""

import os
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from senim.kit.instance import BadSettings, Instance
from senim.kit.secrets import Secrets
from senim.site.embedded.place import socket_folder

URL_VARIABLE = "SENIM_DATABASE_URL"
EMBEDDED_NAME = "senim"


Administrator = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server and the database on it."""

    host: str
    port: int
    name: str
    options: dict[str, str]
    administrator: str = ""
    administrator_password: str = field(default="", repr=False)

    @property
    def url(self) -> str:
        """Its address as `server` reads it, without who administers it."""
        host = f"[{self.host}]" if ":" in self.host else quote(self.host, safe="")
        options = "&".join(f"{word}={quote(value, safe='')}" for word, value in self.options.items())
        return f"postgresql://{host}:{self.port}/{quote(self.name, safe='')}" + (f"?{options}" if options else "")

    @property
    def is_sure(self) -> bool:
        """Whether nobody between us and it can read or change what is said: it is on this machine, or proves itself."""
        return self._is_here or self.options.get("sslmode") == "verify-full"

    @property
    def _is_here(self) -> bool:
        reached = self.options.get("hostaddr", self.host)
        if reached.startswith("/") or reached == "localhost":
            return True
        try:
            return ip_address(reached).is_loopback
        except ValueError:
            return False

    @property
    def files(self) -> list[Path]:
        """The files that its options name: every process that speaks with it must be able to read them."""
        return [Path(self.options[word]) for word in _FILES if self.options.get(word, "system") != "system"]


_FILES = ("sslrootcert", "sslcrl", "sslcert", "sslkey")


def server(instance: Instance) -> Server:
    """The server that `SENIM_DATABASE_URL` names (`postgresql://admin:secret@host:port/name?sslmode=…`), else ours.

    The address is read by libpq's own parser: what it says of TLS means here what it means to every PostgreSQL program.
    Raises `BadSettings` where it is not a PostgreSQL URL with host and database.
    """
    url = os.environ.get(URL_VARIABLE, "")
    if not url:
        return Server(str(socket_folder(instance)), 5432, EMBEDDED_NAME, {})
    shape = "postgresql://user:password@host:port/database"
    refusal = BadSettings(format_lazy(_("{variable} must read {shape}"), variable=URL_VARIABLE, shape=shape))
    if not url.startswith(("postgresql://", "postgres://")):
        raise refusal
    try:
        told = {word: str(value) for word, value in conninfo_to_dict(url).items()}
        return Server(
            host=told.pop("host"),
            port=int(told.pop("port", "5432")),
            name=told.pop("dbname"),
            administrator=told.pop("user", ""),
            administrator_password=told.pop("password", ""),
            options=told,
        )
    except (psycopg.ProgrammingError, KeyError, ValueError):
        raise refusal from None  # libpq's own words would repeat the password


def administrator(where: Server, name: str | None = None) -> Administrator:
    """A connection as the server's administrator, each statement its own transaction, with all options of the address.

    Raises `psycopg.OperationalError` where the server does not answer, or is not who the options ask for.
    """
    address = make_conninfo(
        **{"connect_timeout": "5", **where.options},
        host=where.host,
        port=where.port,
        dbname=name or where.name,
        user=where.administrator,
        password=where.administrator_password,
    )
    return psycopg.connect(address, autocommit=True)


def for_process(instance: Instance, secrets: Secrets) -> dict[str, Any]:
    """Django's `DATABASES["default"]` for the process that owns `secrets`.

    Raises `BadSettings` where these secrets hold no database role.
    """
    if secrets.database is None:
        raise BadSettings("this process has no database role in its secrets file")
    return settings_for(server(instance), secrets.database.role, secrets.database.password)


def settings_for(where: Server, role: str, password: str) -> dict[str, Any]:
    """Django's settings for one role on one server."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": where.host,
        "PORT": str(where.port),
        "NAME": where.name,
        "USER": role,
        "PASSWORD": password,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": "5", "application_name": role, **where.options},
    }
