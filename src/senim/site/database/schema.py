"""Bringing the database to this release: roles, migrations, grants. Runs as the owner, never in a serving process."""

import secrets as random
from collections.abc import Iterable

from django.core.management import call_command
from django.db import connection
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from senim.kit.files import read_private, write_private
from senim.kit.instance import BadSettings, Instance
from senim.kit.secrets import load
from senim.site.database.connections import Administrator, Server, settings_for
from senim.site.database.grants import COLUMNS, GRANTS, PRIVILEGES
from senim.site.database.roles import LIMITS, OWNER, ROLES


def owner_password(instance: Instance) -> str:
    """The owner's secret, made on first use; lies beside the supervisor's."""
    path = instance.home / "secrets" / "supervisor" / "database-owner"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(path, random.token_urlsafe(32).encode())
    return read_private(path).decode()


def ensure_roles(admin: Administrator, instance: Instance, database: str) -> None:
    """Make or refresh the owner and one role per process, each able to sign in and nothing more.

    Raises `BadSettings` where a secrets file names another role.
    """
    _ensure_role(admin, OWNER, owner_password(instance))
    for process, role in ROLES.items():
        secret = load(instance, process).database
        if secret is None or secret.role != role:
            unnamed = _("{path} does not name the role {role}")
            raise BadSettings(format_lazy(unnamed, path=instance.secrets_file(process), role=role))
        _ensure_role(admin, role, secret.password)
        _limit(admin, role)
    name = sql.Identifier(database)
    admin.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    admin.execute(sql.SQL("GRANT CONNECT, CREATE ON DATABASE {} TO {}").format(name, sql.Identifier(OWNER)))
    everybody = sql.SQL(", ").join(sql.Identifier(role) for role in ROLES.values())
    admin.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, everybody))
    admin.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(OWNER)))
    admin.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    admin.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(everybody))


def _ensure_role(admin: Administrator, role: str, password: str) -> None:
    name = sql.Identifier(role)
    if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
        admin.execute(sql.SQL("CREATE ROLE {} NOINHERIT").format(name))
    # Only a verifier leaves this process: a password in the statement would stand in the server's log.
    verifier = admin.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    attributes = sql.SQL("LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS")
    with admin.transaction():
        # And not even that, where we may say so (superusers): what can be guessed at belongs in no log.
        if admin.execute("SELECT current_setting('is_superuser')").fetchone() == ("on",):
            admin.execute("SET LOCAL log_statement = 'none'")
        admin.execute(sql.SQL("ALTER ROLE {} WITH {} PASSWORD {}").format(name, attributes, sql.Literal(verifier)))


def _limit(admin: Administrator, role: str) -> None:
    for name, most in LIMITS.items():
        parts = sql.Identifier(role), sql.Identifier(name), sql.Literal(most)
        admin.execute(sql.SQL("ALTER ROLE {} SET {} = {}").format(*parts))


def become_owner(where: Server, instance: Instance) -> None:
    """Let Django's connection of this process be the owner's: only for migration."""
    connection.close()
    connection.settings_dict.update(settings_for(where, OWNER, owner_password(instance)))


def leave_owner() -> None:
    """Close the owner's connection and forget its secret."""
    connection.close()
    connection.settings_dict.update({"USER": "", "PASSWORD": ""})


def migrate() -> None:
    """Apply all migrations, then the grants, over Django's connection (the owner's)."""
    call_command("migrate", interactive=False, verbosity=0)
    apply_grants()


def apply_grants() -> None:
    """Take every privilege away and give those of `grants.GRANTS` and `grants.COLUMNS`, in one transaction.

    Raises `LookupError` for a grant that names no table: a spelling mistake must not become a missing privilege.
    """
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        for process, role in ROLES.items():
            cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
            cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {role}")
            for pattern, letters in GRANTS[process].items():
                privileges = ", ".join(PRIVILEGES[letter] for letter in letters)
                for table in _matching(pattern, tables):
                    cursor.execute(f'GRANT {privileges} ON "{table}" TO {role}')
            for table, columns in COLUMNS.get(process, {}).items():
                cursor.execute(f'GRANT UPDATE ({", ".join(columns)}) ON "{table}" TO {role}')
        cursor.execute("COMMIT")


def _matching(pattern: str, tables: Iterable[str]) -> list[str]:
    found = [t for t in tables if t == pattern or (pattern.endswith("*") and t.startswith(pattern[:-1]))]
    if not found:
        raise LookupError(f"a grant names {pattern}, and no table is called so")
    return found
