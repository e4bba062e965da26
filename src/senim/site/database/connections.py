"""How a process reaches PostgreSQL: the embedded one through a private socket, or the bureau's own by address."""

import os
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from senim.kit.instance import BadSettings, Instance
from senim.kit.secrets import Secrets
from senim.site.embedded.place import socket_folder

URL_VARIABLE = "SENIM_DATABASE_URL"
EMBEDDED_NAME = "senim"


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server and the database on it."""

    host: str
    port: int
    name: str
    options: dict[str, str]
    administrator: str = ""
    administrator_password: str = ""


def server(instance: Instance) -> Server:
    """The server that `SENIM_DATABASE_URL` names (`postgresql://admin:secret@host:port/name?sslmode=…`), else ours.

    Raises `BadSettings` where the address is not a PostgreSQL URL with host and database.
    """
    url = os.environ.get(URL_VARIABLE, "")
    if not url:
        return Server(str(socket_folder(instance)), 5432, EMBEDDED_NAME, {})
    parts = urlsplit(url)
    name = parts.path.lstrip("/")
    if parts.scheme not in {"postgresql", "postgres"} or not parts.hostname or not name:
        raise BadSettings(f"{URL_VARIABLE} must read postgresql://user:password@host:port/database")
    return Server(
        unquote(parts.hostname),
        parts.port or 5432,
        name,
        dict(parse_qsl(parts.query)),
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


def for_process(instance: Instance, secrets: Secrets) -> dict[str, Any]:
    """Django's `DATABASES["default"]` for the process that owns `secrets`.

    Raises `BadSettings` where these secrets hold no database role.
    """
    if secrets.database is None:
        raise BadSettings("this process has no database role in its secrets file: run `senim init`")
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
