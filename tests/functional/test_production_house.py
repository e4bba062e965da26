"""Production for real: an ordinary user, certificates of a real-looking authority, a regulator to match.

The program at the regulator's end is the stand-in's all the same; nothing that the bureau can see says so.
"""

import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from senim.identity import factors
from senim.kit.clock import iso, now
from senim.kit.files import write_private
from senim.kit.ids import new_id
from senim.kit.instance import Instance
from senim.site.database.connections import EMBEDDED_NAME, Server, administrator
from senim.site.embedded.postgres import SUPERUSER
from senim.site.layout import CHECKOUT
from senim.site.supervisor.listening import Listening
from senim.site.web import console_settings
from tests.functional.authority import Authority
from tests.functional.house import House, new_folder, wait_until
from tests.functional.ordinary import Ordinary, ordinary
from tests.ports import free_port

pytestmark = pytest.mark.real
NAME, PASSWORD = "console.bureau.example", "a-password-of-my-own"
_SETTINGS = """
[bureau]
bin = "000140000002"
name = {{ kk = "«Алатау» кредиттік бюросы", ru = "Кредитное бюро «Алатау»", en = "Alatau Credit Bureau" }}

[console]
host = "127.0.0.1"
port = {console}
names = ["console.bureau.example", "127.0.0.1"]

[stream]
port = {stream}

[asoi]
url = "https://127.0.0.1:{asoi}/messages"

[[telemetry.sources]]
name = "sshd"
kind = "file"
path = "{log}"
reads = "sshd"
"""
_OURS = {
    ("console", "door-tls"): "tls-server",
    ("asoi", "client-tls"): "tls-client",
    ("asoi", "message-signing"): "signing",
    ("asoi", "receipt-decryption"): "encryption",
}


@dataclass
class Bureau:
    """A production instance, the user who runs it, and the regulator at its other end."""

    house: House
    user: Ordinary
    authority: Authority
    regulator: Path
    administrator: str = ""
    """The secret of the administrator's authenticator, once there is one."""

    def received(self) -> list[dict[str, Any]]:
        """What the regulator has of incidents; batches of events come at any time."""
        told = _regulator("list", self.regulator, "--json", "--full")
        found: list[dict[str, Any]] = json.loads(told.stdout)
        return [one for one in found if one["kind"] != "EventBatch"]

    @property
    def log(self) -> Path:
        """The server's log that the house follows."""
        return self.house.home.parent / "log" / "auth.log"

    def visitor(self) -> httpx.Client:
        """A browser that believes the bureau's authority and nobody else."""
        believed = ssl.create_default_context(cadata=self.authority.pem.decode())
        origin = f"https://127.0.0.1:{console_settings(self.house.instance).port}"
        return httpx.Client(base_url=origin, verify=believed, trust_env=False, timeout=30)


def _regulator(command: str, home: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    called = [sys.executable, "-m", "stand_ins.asoi", command, "--home", str(home), *more]
    done = subprocess.run(called, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def _certified_regulator(home: Path, authority: Authority) -> None:
    _regulator("init", home)
    for name, usage in (("tls", "tls-server"), ("signing", "signing"), ("encryption", "encryption")):
        names = ("127.0.0.1",) if usage == "tls-server" else ()
        (home / f"{name}.crt").write_bytes(authority.certify(home / f"{name}.csr", usage, *names))
    (home / "ca.crt").write_bytes(authority.pem)


def _certify(instance: Instance, regulator: Path, authority: Authority) -> None:
    """Put everything issued where it belongs, at both ends."""
    for (process, purpose), usage in _OURS.items():
        path = instance.certificate(process, purpose)
        names = (NAME, "127.0.0.1") if usage == "tls-server" else ()
        path.write_bytes(authority.certify(path.with_suffix(".csr"), usage, *names))
    instance.trust("ca").write_bytes(authority.pem)
    for purpose in ("signing", "encryption"):
        instance.trust(f"regulator/{purpose}").write_bytes((regulator / f"{purpose}.crt").read_bytes())
    (regulator / "bureau").mkdir()
    for purpose in ("message-signing", "receipt-decryption"):
        shutil.copy(instance.certificate("asoi", purpose), regulator / "bureau" / f"{purpose}.crt")


@pytest.fixture(scope="module")
def founded() -> Iterator[Bureau]:
    """Founded by its own command as an ordinary user, certified; not yet running."""
    folder = new_folder()
    folder.chmod(0o755)
    user = ordinary(folder)
    place = folder / "bureau"
    place.mkdir()
    user.own(place)
    house = House(place / "var", {"HOME": str(place)}, python=user.python, user=user.popen)
    made = house.command("init", "--json")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["profile"] == "production"
    authority, regulator = Authority.fresh(), folder / "regulator"
    _certified_regulator(regulator, authority)
    bureau = Bureau(house, user, authority, regulator)
    ports = {"console": free_port(), "stream": free_port(), "asoi": free_port()}
    settings = _SETTINGS.format(**ports, log=bureau.log)
    (house.home / "senim.toml").write_text(settings, encoding="utf-8")
    _certify(house.instance, regulator, authority)
    bureau.log.parent.mkdir()
    bureau.log.touch()
    user.own(place)
    try:
        yield bureau
    finally:
        house.stop()
        shutil.rmtree(f"/tmp/senim-{user.uid}-{house.instance.id}", ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def bureau(founded: Bureau) -> Iterator[Bureau]:
    """It runs, and the regulator listens."""
    port = int(re.findall(r"127\.0\.0\.1:(\d+)/messages", (founded.house.home / "senim.toml").read_text())[0])
    serve = ["serve", "--home", str(founded.regulator), "--port", str(port), "--page-port", str(free_port())]
    command = [sys.executable, "-m", "stand_ins.asoi", *serve]
    with subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.DEVNULL) as regulator:
        try:
            wait_until(Listening("127.0.0.1", port, "", founded.regulator / "tls.crt").is_served, what="the regulator")
            founded.house.start()
            yield founded
        finally:
            founded.house.stop()
            regulator.terminate()


@pytest.fixture(scope="module")
def administrator_of(bureau: Bureau) -> Iterator[httpx.Client]:
    """The first administrator: made at the machine, enrolled at the door."""
    told = bureau.house.senim("accounts", "add", "ayan", "--name", "Аян Серік", "--role", "administrator")
    with bureau.visitor() as client:
        _enrol(client, bureau, told["password"])
        yield client


def _enrol(client: httpx.Client, bureau: Bureau, one_time: str) -> None:
    """Through the door as a person: choose a password, set up the authenticator."""
    _step(client, "/en/sign-in/", login="ayan", password=one_time)
    _step(client, "/en/security/password/", oldpassword=one_time, password1=PASSWORD, password2=PASSWORD)
    page = client.get("/en/security/authenticator/").text
    found = re.search(r'<p class="secret"[^>]*>([A-Z2-7 ]+)</p>', page)
    assert found, page
    bureau.administrator = found[1].replace(" ", "")
    _send(client, "/en/security/authenticator/", code=factors.code_at(bureau.administrator, now()))


def _step(client: httpx.Client, page: str, **fields: str) -> None:
    client.get(page)
    _send(client, page, **fields)


def _send(client: httpx.Client, page: str, **fields: str) -> httpx.Response:
    token = client.cookies["__Host-senim-csrf"]
    origin = str(client.base_url).rstrip("/")
    headers = {"Origin": origin, "Referer": f"{origin}{page}"}
    answer = client.post(page, data={"csrfmiddlewaretoken": token, **fields}, headers=headers)
    assert answer.status_code == 302, answer.text
    return answer


class TestItServes:
    """Everything of its own: it works, end to end."""

    def test_nothing_of_it_runs_as_root(self, bureau: Bureau) -> None:
        users = {name: psutil.Process(pid).uids().effective for name, pid in bureau.house.pids().items()}
        assert set(users.values()) == {bureau.user.uid}
        assert {
            "postgres",
            "nats",
            "sealer",
            "asoi",
            "collector",
            "detection",
            "feed",
            "history",
            "worker",
            "console",
        } == set(users)

    def test_the_console_answers_over_tls_under_the_bureaus_authority(self, bureau: Bureau) -> None:
        with bureau.visitor() as visitor:
            page = visitor.get("/en/sign-in/")
        assert page.status_code == 200
        assert "Alatau Credit Bureau" in page.text
        assert "Demonstration" not in page.text
        assert page.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"

    def test_its_first_administrator_comes_in(self, administrator_of: httpx.Client) -> None:
        assert administrator_of.get("/en/").status_code == 200

    def test_its_cookies_are_bound_to_this_host_and_out_of_scripts_reach(self, bureau: Bureau) -> None:
        with bureau.visitor() as visitor:
            visitor.get("/en/sign-in/")
            told = bureau.house.senim("accounts", "add", "dana", "--name", "Дана Ким", "--role", "analyst")
            answer = _send(visitor, "/en/sign-in/", login="dana", password=told["password"])
        cookies = {each.partition("=")[0]: each for each in answer.headers.get_list("set-cookie")}
        assert cookies.keys() == {"__Host-senim-session", "__Host-senim-csrf", "__Host-senim-device"}
        for name, cookie in cookies.items():
            attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
            strict = "samesite=lax" if name == "__Host-senim-session" else "samesite=strict"
            assert {"secure", "httponly", "path=/", strict} <= attributes
            assert not any(attribute.startswith("domain") for attribute in attributes)
        assert "max-age" not in cookies["__Host-senim-session"].lower()

    def test_an_attack_reaches_the_regulator_as_what_it_is(self, bureau: Bureau) -> None:
        with bureau.log.open("a", encoding="utf-8") as log:
            for what in (*["Failed"] * 8, "Accepted"):
                log.write(f"{iso(now())} app-7 sshd[9]: {what} password for nurlan from 198.51.100.7 port 4242 ssh2\n")
        wait_until(lambda: bool(bureau.received()), seconds=120, what="the message to the regulator")
        (message,) = bureau.received()
        assert message["content"]["exercise"] is False
        assert message["content"]["body"]["target"] == "app-7"
        wait_until(
            lambda: not bureau.house.incidents_waiting(),
            what="the receipt",
        )
        assert bureau.house.command("audit", "verify").returncode == 0


class TestNothingOfADemonstrationIsThere:
    """By fact, whoever asks."""

    @pytest.mark.parametrize("command", ["demo accounts", "demo code administrator", "demo enrol", "forget"])
    def test_its_commands_refuse(self, bureau: Bureau, command: str) -> None:
        refused = bureau.house.command(*command.split(), LANGUAGE="en")
        assert refused.returncode == 3
        assert "This is no demonstration" in refused.stderr
        assert refused.stdout == ""
        assert not (bureau.house.home / "demo-accounts.json").exists()

    def test_its_living_page_is_not_there(self, administrator_of: httpx.Client) -> None:
        assert administrator_of.get("/en/design/").status_code == 404

    def test_nobody_plays_an_exercise_over_the_door(self, administrator_of: httpx.Client, bureau: Bureau) -> None:
        before = len(bureau.received())
        origin = str(administrator_of.base_url).rstrip("/")
        headers = {"Origin": origin, "X-CSRFToken": administrator_of.cookies["__Host-senim-csrf"]}
        refused = administrator_of.post("/api/exercises", json={"kind": 2}, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (409, "incidents:exercise-real-regulator")
        assert len(bureau.received()) == before

    @pytest.mark.usefixtures("administrator_of")
    def test_nor_by_the_command(self, bureau: Bureau) -> None:
        password = bureau.house.home.parent / "password"
        write_private(password, PASSWORD.encode())
        bureau.user.own(password)
        before, log = len(bureau.received()), bureau.log.read_text()

        # The code of this half minute may have been spent by enrolling, and trying it again counts as guessing.
        time.sleep(factors.STEP_SECONDS - time.time() % factors.STEP_SECONDS)
        code = factors.code_at(bureau.administrator, now())
        who = ("--user", "ayan", "--password-file", str(password))
        played = bureau.house.command("drill", "--kind", "2", *who, typed=f"{code}\n", LANGUAGE="en")
        assert played.returncode == 2, played.stdout
        assert "incidents:exercise-real-regulator" in played.stderr
        assert (len(bureau.received()), bureau.log.read_text()) == (before, log)


@pytest.fixture
def copy(founded: Bureau, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The same instance in a folder of its own, which does not run."""
    folder = new_folder()
    folder.chmod(0o755)
    shutil.copytree(founded.house.home, folder / "var", ignore=shutil.ignore_patterns("engines", "run", "logs"))
    for name in ("run", "logs"):
        (folder / "var" / name).mkdir(mode=0o700)
    founded.user.own(folder)
    yield House(folder / "var", {"HOME": str(folder)}, python=founded.user.python, user=founded.user.popen)
    shutil.rmtree(folder, ignore_errors=True)


class TestItRefusesToStart:
    """By its own command, naming everything at once, with nothing left running."""

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can try as root")
    def test_as_root(self, copy: House) -> None:
        copy.user = {}
        refused = copy.command("up", LANGUAGE="en")
        assert refused.returncode == 3
        assert "process:root: production does not run as root" in refused.stderr
        assert not copy.pids()

    def test_with_things_of_a_demonstration_put_back(self, copy: House, instance: Instance) -> None:
        put_back = ("trust/ca.crt", "keys/asoi/message-signing.crt", "keys/console/door-tls.crt")
        for place in put_back:
            (copy.home / place).write_bytes((instance.home / place).read_bytes())
        (copy.home / "demo-accounts.json").write_text("[]")
        worker = copy.home / "secrets" / "worker.toml"
        worker.write_text(re.sub('password = ".*"', 'password = "changeme"', worker.read_text()))
        settings = copy.home / "senim.toml"
        settings.write_text("debug = true\n" + settings.read_text(encoding="utf-8"), encoding="utf-8")
        refused = copy.command("up", "--json", LANGUAGE="en")
        error = json.loads(refused.stdout)["error"]
        named = sorted(finding["name"] for finding in error["findings"])
        assert (refused.returncode, error["code"]) == (3, "site:unfit")
        assert named == [
            "asoi:demonstration",
            "certificates:demonstration",
            "certificates:demonstration",
            "home:demonstration",
            "identity:not-checked",
            "secrets:weak",
            "settings:unknown-table",
        ]
        assert all(finding["reason"] in refused.stderr for finding in error["findings"])
        assert not copy.pids()

    def test_with_an_account_of_a_demonstration(self, bureau: Bureau) -> None:
        """The last of these tests: the house ends here."""
        with _owner(bureau) as owner:
            owner.execute(
                "INSERT INTO identity_account (id, password, username, full_name, role, language, is_active, born_in,"
                " created_at) VALUES (%s, '', 'made-up', 'x', 'administrator', 'en', true, 'demonstration', now())",
                [new_id()],
            )
        bureau.house.stop()
        refused = bureau.house.command("up", LANGUAGE="en")
        assert refused.returncode == 3
        assert "identity:demonstration-accounts" in refused.stderr
        assert "made-up" in refused.stderr
        assert not bureau.house.pids()


def _owner(bureau: Bureau) -> "psycopg.Connection[tuple[object, ...]]":
    """The embedded server's superuser."""
    secret = (bureau.house.home / "secrets" / "supervisor" / "postgres-superuser").read_text()
    sockets = f"/tmp/senim-{bureau.user.uid}-{bureau.house.instance.id}"
    return administrator(Server(sockets, 5432, EMBEDDED_NAME, {}, SUPERUSER, secret))
