"""A production instance with everything of its own: real certificates, names, a valid BIN. It starts."""

from pathlib import Path

import pytest

from senim.kit.instance import Instance, Profile
from senim.site.certificates import CERTIFIED
from senim.site.founding import found
from senim.site.startup import Refused, raise_if_unfit
from tests.asoi.copies import REGULATORS, certify_real

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


@pytest.fixture
def production(tmp_path: Path, instance: Instance, monkeypatch: pytest.MonkeyPatch) -> Instance:
    """Founded as production; its certificates were issued by an authority that is no demonstration's."""
    own = found(tmp_path / "p", Profile.PRODUCTION)
    (own.home / "senim.toml").write_text(_BUREAU, encoding="utf-8")
    for wanted in CERTIFIED:
        usage = "encryption" if wanted.usage == "encryption" else "signing"
        certify_real(own.key(wanted.process, wanted.purpose), usage, own.certificate(wanted.process, wanted.purpose))
    own.trust("regulator/x").parent.mkdir(parents=True, exist_ok=True)
    for purpose in REGULATORS:
        key = instance.home / "stand_ins" / "asoi" / f"{purpose}.key"
        certify_real(key, purpose, own.trust(f"regulator/{purpose}"))
    certify_real(own.key("console", "door-tls"), "signing", own.trust("ca"))
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    return Instance.load(own.home)


def test_nothing_is_found_against_it(production: Instance) -> None:
    raise_if_unfit(production)


@pytest.mark.parametrize("place", ["trust/ca.crt", "trust/regulator/encryption.crt", "keys/asoi/message-signing.crt"])
def test_one_certificate_of_a_demonstration_stops_it(production: Instance, instance: Instance, place: str) -> None:
    (production.home / place).write_bytes((instance.home / place).read_bytes())
    with pytest.raises(Refused) as refusal:
        raise_if_unfit(production)
    assert {finding.name for finding in refusal.value.findings} == {"certificates:demonstration"}
