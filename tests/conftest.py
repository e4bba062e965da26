"""Every test runs beside a real PostgreSQL, initialised as `senim up` does it, in an instance of its own.

Tests marked `django_db` run as the schema's owner inside a transaction that is rolled back. Never use
`transaction=True`: it truncates, and audit rows refuse that. What needs commits or other roles starts a real instance
(`tests/functional`).
"""

import atexit
import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest_plugins = ("tests.clause_evidence",)

# What is imported and collected here stays: the garbage collector need not look through it again and again.
gc.set_threshold(100_000, 20, 20)
_HOME = Path(tempfile.mkdtemp(prefix="senim-test-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
os.environ["SENIM_HOME"] = str(_HOME)
os.environ["SENIM_PROCESS"] = "console"
os.environ["DJANGO_SETTINGS_MODULE"] = "senim.site.settings"
os.environ.pop("SENIM_DATABASE_URL", None)
os.environ.pop("SENIM_NATS_URL", None)

from senim.kit.instance import Instance, Profile  # noqa: E402 - the instance must be named first
from senim.site import founding  # noqa: E402
from tests import ports  # noqa: E402

founding.free_ports = ports.free_ports
_INSTANCE = founding.found(_HOME, Profile.DEMONSTRATION, usual_ports=False)

import django  # noqa: E402

django.setup()

from django.utils import translation  # noqa: E402

from senim.pulse.queries import NAMES  # noqa: E402
from senim.site.database import schema  # noqa: E402
from senim.site.embedded import place  # noqa: E402
from senim.site.embedded.postgres import Postgres  # noqa: E402
from senim.site.supervisor.house import postgres_child  # noqa: E402
from tests.processes import Processes  # noqa: E402


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Let each worker choose an instance of its own: what it inherits is read before its conftest can say otherwise."""
    for name in ("SENIM_HOME", "SENIM_PROCESS", "DJANGO_SETTINGS_MODULE"):
        del os.environ[name]


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A test is called the same in every worker: packed bytes hold the moment of packing, so they give no names."""
    return argname if isinstance(val, bytes) and not val.isascii() else None


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """What is said is said in English, whatever a test before has left behind."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def instance() -> Instance:
    """The instance that unit tests run in: folder, secrets, keys and certificates of a demonstration."""
    return _INSTANCE


@pytest.fixture(scope="session")
def postgres(instance: Instance) -> Iterator[Postgres]:
    """A running embedded PostgreSQL with roles, schema and grants."""
    server = Postgres(instance)
    server.prepare()
    child = postgres_child(instance, server)
    child.start()
    try:
        child.wait_ready(60)
        server.ensure_database()
        with server.connect() as connection:
            schema.ensure_roles(connection, instance, "senim")
        yield server
    finally:
        child.stop()
        place.forget(instance)


@pytest.fixture
def processes(postgres: Postgres) -> Iterator[Processes]:
    """Every process that works in a loop, connected to the database."""
    found = Processes(postgres)
    found.connect(*NAMES)
    yield found
    found.end_all()


@pytest.fixture(scope="session")
def django_db_setup(postgres: Postgres, django_db_blocker: object) -> Iterator[None]:
    """The schema, made as the owner makes it; tests go on as the owner."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        schema.become_owner(postgres.server, postgres.instance)
        schema.migrate()
        yield
        schema.leave_owner()
