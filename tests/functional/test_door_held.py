"""Strangers who hold connections and send nothing keep nobody out of the console."""

import json
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from senim.exercises.console import ConsoleClient, Who
from senim.exercises.errors import CodeRefused
from senim.identity import factors
from senim.site.web import console_settings
from tests.functional.house import House

pytestmark = pytest.mark.real
BODIES, SILENT = 8, 200
"""More than threads make pages; more than a security office has browsers."""


@pytest.fixture
def address(house: House) -> tuple[str, int]:
    console = console_settings(house.instance)
    return console.host, console.port


@pytest.fixture
def trusted(house: House) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(house.instance.trust("ca")))


@pytest.fixture
def held(address: tuple[str, int], trusted: ssl.SSLContext) -> Iterator[list[ssl.SSLSocket]]:
    """Forms of which four bytes came, and connections on which nothing was ever said."""
    host, port = address
    with ExitStack() as stack:

        def connect() -> ssl.SSLSocket:
            plain = socket.create_connection(address, timeout=60)
            return stack.enter_context(trusted.wrap_socket(plain, server_hostname=host))

        origin = f"https://{host}:{port}"
        token = httpx.get(f"{origin}/en/sign-in/", verify=trusted, trust_env=False).cookies["__Host-senim-csrf"]
        forms = [connect() for _ in range(BODIES)]
        head = f"Host: {host}:{port}\r\nOrigin: {origin}\r\nCookie: __Host-senim-csrf={token}\r\n"
        for form in forms:
            form.sendall(f"POST /en/sign-in/ HTTP/1.1\r\n{head}Content-Length: 200000\r\n\r\ncsrf".encode())
        yield [*forms, *(connect() for _ in range(SILENT))]


def test_somebody_signs_in_and_reads_now_beside_them(
    house: House, address: tuple[str, int], held: list[ssl.SSLSocket]
) -> None:
    told = json.loads(house.command("demo", "accounts", "--json").stdout)
    password = next(each["password"] for each in told if each["username"] == "auditor")
    with ConsoleClient("https://{}:{}".format(*address), house.instance.trust("ca")) as console:
        try:
            console.sign_in(Who("auditor", password, _code(house)))
        except CodeRefused:  # somebody signed in with this very code: the next one
            time.sleep(factors.STEP_SECONDS - time.time() % factors.STEP_SECONDS)
            console.give_code(_code(house))
        assert console._client.get("/en/").status_code == httpx.codes.OK


def test_a_form_that_never_comes_whole_is_told_so(held: list[ssl.SSLSocket]) -> None:
    answer = held[0].recv(100)
    assert answer.startswith(b"HTTP/1.1 408 ")


def test_a_connection_on_which_nothing_is_said_is_closed(held: list[ssl.SSLSocket]) -> None:
    assert held[-1].recv(100) == b""


def _code(house: House) -> str:
    return str(json.loads(house.command("demo", "code", "auditor", "--json").stdout)["code"])
