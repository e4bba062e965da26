"""The message signing key on a token, in a whole house: the confined sender reaches it, and it is nowhere else."""

import json
import shutil
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from senim.asoi import inventory
from stand_ins.ca.issue import Authority
from tests.asoi.token import SoftToken
from tests.functional.house import House
from tests.functional.outbox import Outbox

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(shutil.which("softhsm2-util") is None, reason="NOT RUN: apt-get install softhsm2"),
]


@pytest.fixture
def token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftToken:
    monkeypatch.setenv("SOFTHSM2_CONF", "")  # it is set by the token and taken back when the test is over
    return SoftToken(tmp_path)


@pytest.fixture
def signing_by_token(fresh_house: House, token: SoftToken) -> House:
    """A house whose key was never in a file, with the certificate that the regulator was told of."""
    house = token.name_in(fresh_house.instance)
    house.key("asoi", "message-signing").unlink()
    asked = x509.load_pem_x509_csr(inventory.token_request(house))
    certificate = Authority.fresh().issue(asked, "signing").public_bytes(Encoding.PEM)
    house.certificate("asoi", "message-signing").write_bytes(certificate)
    (house.home / "stand_ins" / "asoi" / "bureau" / "message-signing.crt").write_bytes(certificate)
    return fresh_house


@pytest.mark.clause("R228/81")
def test_the_confined_sender_signs_with_it_waits_while_it_is_away_and_goes_on(
    signing_by_token: House, token: SoftToken
) -> None:
    outbox = Outbox(signing_by_token.start())
    outbox.wait_for("delivered", outbox.enqueue())
    token.go()
    waiting = outbox.enqueue()
    outbox.wait_for("queued", waiting)
    tried = signing_by_token.command("asoi", "key", "--try", "--json")
    assert (tried.returncode, json.loads(tried.stdout)["error"]["code"]) == (1, "asoi:token-away")
    token.come_back()
    outbox.wait_for("delivered", waiting)
    assert outbox.received()[waiting[0]]["conflicts"] == 0
