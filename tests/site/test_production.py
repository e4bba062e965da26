"""A production instance with everything of its own starts; each single thing of a demonstration stops it by name."""

import re
import shutil
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from string import ascii_letters

import pytest
from django.utils import translation

from senim.kit.instance import Instance, Profile
from senim.site import startup
from senim.site.certificates import CERTIFIED
from senim.site.founding import found
from senim.site.startup import Refused, raise_if_unfit
from tests.asoi.copies import REGULATORS, certify_real

DOOR = "keys/console/door-tls.crt"
CHANNEL = (
    "trust/regulator/signing.crt",
    "trust/regulator/encryption.crt",
    "keys/asoi/client-tls.crt",
    "keys/asoi/message-signing.crt",
    "keys/asoi/receipt-decryption.crt",
)
_BUREAU = """
[bureau]
bin = "000140000002"
[bureau.name]
kk = "«Үлгі» кредиттік бюросы"
ru = "Кредитное бюро «Үлгі»"
en = "Credit bureau Ülgi"
[console]
names = ["console.bureau.example"]
[asoi]
url = "https://asoi.example/messages"
"""


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory, instance: Instance) -> Path:
    """Founded as production; its certificates were issued by an authority that is no demonstration's."""
    own = found(tmp_path_factory.mktemp("founded") / "p", Profile.PRODUCTION)
    (own.home / "senim.toml").write_text(_BUREAU, encoding="utf-8")
    for wanted in CERTIFIED:
        usage = "encryption" if wanted.usage == "encryption" else "signing"
        certify_real(own.key(wanted.process, wanted.purpose), usage, own.certificate(wanted.process, wanted.purpose))
    own.trust("regulator/x").parent.mkdir(parents=True, exist_ok=True)
    for purpose in REGULATORS:
        key = instance.home / "stand_ins" / "asoi" / f"{purpose}.key"
        certify_real(key, purpose, own.trust(f"regulator/{purpose}"))
    certify_real(own.key("console", "door-tls"), "signing", own.trust("ca"))
    return own.home


@pytest.fixture
def production(tmp_path: Path, founded: Path, monkeypatch: pytest.MonkeyPatch) -> Instance:
    """A copy of it for one test, started by an ordinary user."""
    shutil.copytree(founded, tmp_path / "p")
    monkeypatch.setattr(startup, "_runs_as_root", lambda: False)
    return Instance.load(tmp_path / "p")


NOT_LOOKED_AT = "identity:not-checked"
PutBack = Callable[[Instance, Instance, pytest.MonkeyPatch], None]
"""Puts one thing back into a production instance, taken from a demonstration where it comes from there."""


def _certificate(place: str) -> PutBack:
    def put_back(own: Instance, made_up: Instance, _patch: pytest.MonkeyPatch) -> None:
        (own.home / place).write_bytes((made_up.home / place).read_bytes())

    return put_back


def _secret(process: str, value: str) -> PutBack:
    def put_back(own: Instance, _made_up: Instance, _patch: pytest.MonkeyPatch) -> None:
        path = own.secrets_file(process)
        path.write_text(re.sub(r'password = ".*"', f'password = "{value}"', path.read_text()))

    return put_back


def _settings(text: str, *, first: bool = False) -> PutBack:
    def put_back(own: Instance, _made_up: Instance, _patch: pytest.MonkeyPatch) -> None:
        path = own.home / "senim.toml"
        known = path.read_text(encoding="utf-8")
        path.write_text(f"{text}\n{known}" if first else f"{known}\n{text}\n", encoding="utf-8")

    return put_back


def _left(name: str) -> PutBack:
    return lambda own, _made_up, _patch: (own.home / name).mkdir(parents=True)


def _root(_own: Instance, _made_up: Instance, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(startup, "_runs_as_root", lambda: True)


def _database(own: Instance, _made_up: Instance, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("SENIM_DATABASE_URL", "postgresql://boss:s3cret@db.example/senim")


_JOURNAL = """
[[telemetry.sources]]
name = "billing"
kind = "file"
path = "/var/log/billing/refunds.jsonl"
reads = "payments"
"""
"""A payment system whose limits nobody has named."""
THINGS: dict[str, tuple[PutBack, str]] = {
    **{place: (_certificate(place), "certificates:demonstration") for place in ("trust/ca.crt", DOOR)},
    **{place: (_certificate(place), "asoi:demonstration") for place in CHANNEL},
    "sealer": (_secret("sealer", "changeme"), "secrets:weak"),
    "worker": (_secret("worker", "changeme" * 8), "secrets:weak"),
    "[debug]": (_settings("debug = true", first=True), "settings:unknown-table"),
    "[stream]": (_settings("[stream]\ndebug = true"), "settings:table"),
    "[payments]": (_settings('[payments]\nurl = "https://127.0.0.1:9"'), "settings:demonstration"),
    "[rules]": (_settings(_JOURNAL), "settings:table"),
    "root": (_root, "process:root"),
    "demo-accounts.json": (_left("demo-accounts.json"), "home:demonstration"),
    "stand_ins": (_left("stand_ins/asoi"), "home:demonstration"),
    "state/exercise": (_left("state/exercise"), "home:demonstration"),
    "db.example": (_database, "database:unproven"),
}
"""What is put back → how, and the name under which the start is refused. The reason says what it is."""


def refusals(instance: Instance, *processes: str) -> dict[str, set[str]]:
    """Under which names the start is refused, with the reasons."""
    with pytest.raises(Refused) as refusal, translation.override("en"):
        raise_if_unfit(Instance.load(instance.home), *([processes] if processes else []))
    named: dict[str, set[str]] = defaultdict(set)
    for finding in refusal.value.findings:
        named[finding.name].add(str(finding.reason))
    return named


def test_nothing_is_found_against_it(production: Instance) -> None:
    raise_if_unfit(production)


@pytest.mark.parametrize("thing", THINGS)
def test_one_thing_put_back_stops_it_by_name(
    production: Instance, instance: Instance, monkeypatch: pytest.MonkeyPatch, thing: str
) -> None:
    put_back, name = THINGS[thing]
    put_back(production, instance, monkeypatch)
    named = refusals(production)
    assert named.keys() == {name, NOT_LOOKED_AT}
    (reason,) = named[name]
    assert thing in reason


def test_all_of_them_are_named_at_once(
    production: Instance, instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    for put_back, _name in THINGS.values():
        put_back(production, instance, monkeypatch)
    named = refusals(production)
    assert named.keys() == {name for _put_back, name in THINGS.values()} | {NOT_LOOKED_AT}
    for thing, (_put_back, name) in THINGS.items():
        assert any(thing in reason for reason in named[name]), thing


@pytest.mark.parametrize("process", ["worker", "console", "sealer"])
def test_a_process_started_alone_believes_no_stand_in_either(
    production: Instance, instance: Instance, monkeypatch: pytest.MonkeyPatch, process: str
) -> None:
    raise_if_unfit(production, [process])
    _certificate("trust/regulator/encryption.crt")(production, instance, monkeypatch)
    assert refusals(production, process).keys() == {"certificates:demonstration"}


@pytest.mark.parametrize("table", ["asoi", "bureau", "console", "stream", "telemetry"])
def test_a_table_that_does_not_read_is_named_with_everything_that_can_be_checked_without_it(
    production: Instance, instance: Instance, monkeypatch: pytest.MonkeyPatch, table: str
) -> None:
    settings = production.home / "senim.toml"
    known = settings.read_text(encoding="utf-8")
    wrong = f"[{table}]\nnonsense = 1"
    with_it = known.replace(f"[{table}]", wrong) if f"[{table}]" in known else f"{known}\n{wrong}\n"
    settings.write_text(with_it, encoding="utf-8")
    for place in ("trust/ca.crt", "trust/regulator/signing.crt"):
        _certificate(place)(production, instance, monkeypatch)
    named = refusals(production)
    (reason,) = named.pop("settings:table")
    assert "nonsense" in reason
    unknown = {"asoi:address-not-checked"} if table in {"asoi", "bureau"} else set()
    assert named.keys() == {"certificates:demonstration", "asoi:demonstration", NOT_LOOKED_AT, *unknown}


@pytest.mark.parametrize(("length", "is_weak"), [(31, True), (32, False)])
def test_a_secret_has_its_length(
    production: Instance, instance: Instance, monkeypatch: pytest.MonkeyPatch, length: int, is_weak: bool
) -> None:
    _secret("sealer", ascii_letters[:length])(production, instance, monkeypatch)
    if is_weak:
        assert "secrets:weak" in refusals(production)
    else:
        raise_if_unfit(production)


@pytest.mark.parametrize(("letters", "is_weak"), [(9, True), (10, False)])
def test_a_secret_is_not_the_same_again_and_again(
    production: Instance, instance: Instance, monkeypatch: pytest.MonkeyPatch, letters: int, is_weak: bool
) -> None:
    _secret("sealer", (ascii_letters[:letters] * 40)[:40])(production, instance, monkeypatch)
    if is_weak:
        assert "secrets:weak" in refusals(production)
    else:
        raise_if_unfit(production)
