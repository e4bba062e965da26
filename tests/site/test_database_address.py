"""How the bureau's own database server is reached: what its address says of TLS holds for everybody."""

import socket
import string
import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from senim.kit.instance import Instance
from senim.site.database import schema
from senim.site.database.connections import Server, administrator, server, settings_for
from senim.site.database.roles import ROLES
from senim.site.embedded.postgres import Postgres

_SAID = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
_HOSTS = st.one_of(
    st.sampled_from(["db.example", "::1", "2001:db8::7", "127.0.0.1", "/var/run/postgresql"]),
    st.text(string.ascii_letters + string.digits + "-.", min_size=1, max_size=20),
)


@given(
    host=_HOSTS,
    port=st.integers(1, 65535),
    name=_SAID,
    options=st.dictionaries(st.sampled_from(["sslrootcert", "options", "application_name"]), _SAID),
)
def test_an_address_says_the_same_when_it_is_handed_on(
    instance: Instance, host: str, port: int, name: str, options: dict[str, str]
) -> None:
    where = Server(host, port, name, options)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SENIM_DATABASE_URL", where.url)
        assert server(instance) == where


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://boss:s3cret@[2001:db8::7]:6432/senim?sslmode=verify-full&sslrootcert=/srv/a%26b%2Bc.crt",
        "postgresql://boss:s3cret@%2Fvar%2FRun/senim?options=-c%20search_path%3Dpublic",
    ],
)
def test_the_administrator_stays_with_the_supervisor(
    monkeypatch: pytest.MonkeyPatch, instance: Instance, url: str
) -> None:
    monkeypatch.setenv("SENIM_DATABASE_URL", url)
    where = server(instance)
    monkeypatch.setenv("SENIM_DATABASE_URL", where.url)
    told = server(instance)
    assert (told.host, told.port, told.options) == (where.host, where.port, where.options)
    assert (told.administrator, told.administrator_password) == ("", "")
    assert "s3cret" not in where.url + repr(where)


@pytest.mark.parametrize(
    ("address", "is_sure"),
    [
        ("db.example/senim", False),
        ("db.example/senim?sslmode=require", False),
        ("db.example/senim?sslmode=verify-ca", False),
        ("db.example/senim?sslmode=verify-full", True),
        ("localhost/senim", True),
        ("127.0.0.1/senim", True),
        ("[::1]/senim", True),
        ("%2Frun%2Fpostgresql/senim", True),
        ("192.0.2.7/senim", False),
        ("localhost/senim?hostaddr=192.0.2.7", False),
    ],
)
def test_another_machine_must_prove_who_it_is(
    monkeypatch: pytest.MonkeyPatch, instance: Instance, address: str, is_sure: bool
) -> None:
    monkeypatch.setenv("SENIM_DATABASE_URL", f"postgresql://{address}")
    assert server(instance).is_sure is is_sure


@pytest.fixture
def without_tls() -> Iterator[tuple[int, list[bytes]]]:
    """A server on loopback that has no TLS: its port, and what it was told."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            listening.settimeout(30)
            with listening.accept()[0] as line:
                line.settimeout(30)
                while data := line.recv(4096):
                    heard.append(data)
                    line.sendall(b"N")

        thread = threading.Thread(target=answer)
        thread.start()
        yield listening.getsockname()[1], heard
        thread.join(30)


_REQUESTS = {bytes.fromhex("0000000804d2162f"), bytes.fromhex("0000000804d21630")}
"""SSLRequest and GSSENCRequest: all that may be said before the line is safe."""


@pytest.mark.parametrize("who", ["administrator", "process"])
def test_a_server_without_tls_learns_nothing(
    without_tls: tuple[int, list[bytes]], monkeypatch: pytest.MonkeyPatch, instance: Instance, who: str
) -> None:
    port, heard = without_tls
    url = f"postgresql://boss:s3cret@localhost:{port}/senim?sslmode=verify-full&sslrootcert={instance.trust('ca')}"
    monkeypatch.setenv("SENIM_DATABASE_URL", url + "&hostaddr=127.0.0.1")
    where = server(instance)
    ways: dict[str, Callable[[], object]] = {
        "administrator": lambda: administrator(where),
        "process": lambda: _as_django(where),
    }
    with pytest.raises(psycopg.OperationalError, match="SSL"):
        ways[who]()
    assert set(heard) <= _REQUESTS
    assert heard


def _as_django(where: Server) -> object:
    said = settings_for(where, "boss", "s3cret")
    return psycopg.connect(
        host=said["HOST"], port=said["PORT"], dbname=said["NAME"], user=said["USER"], password=said["PASSWORD"],
        **said["OPTIONS"],
    )  # fmt: skip


def test_no_password_stands_in_the_server_s_log(postgres: Postgres) -> None:
    instance = postgres.instance
    before = postgres.log.stat().st_size
    with postgres.connect() as admin:
        admin.execute("SET log_statement = 'all'")
        schema.ensure_roles(admin, instance, "senim")
    said = postgres.log.read_bytes()[before:].decode()
    assert all(f'ALTER ROLE \\"{role}\\" SET' in said for role in ROLES.values())
    assert "SCRAM-SHA-256" not in said
    for process in ROLES:
        known = instance.secrets_file(process).read_text()
        password = known.split('password = "')[1].split('"')[0]
        assert password not in said


def test_roles_sign_in_with_the_passwords_that_never_travelled(postgres: Postgres) -> None:
    known = postgres.instance.secrets_file("sealer").read_text()
    password = known.split('password = "')[1].split('"')[0]
    where = postgres.server
    for tried, lets_in in ((password, True), (password + "x", False)):
        try:
            psycopg.connect(
                host=where.host, port=where.port, dbname=where.name, user="senim_sealer", password=tried
            ).close()
        except psycopg.OperationalError:
            assert not lets_in
        else:
            assert lets_in
