"""The message signing key on a token: it signs like one in a file, and what keeps it from signing is named."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from senim.asoi import errors, inventory, queries
from senim.asoi.internal.channel import Channel
from senim.asoi.internal.credentials import Credentials
from senim.asoi.models import Message, Outcome
from senim.asoi.settings import asoi_settings
from senim.kit.bureau import bureau
from senim.kit.clock import now
from senim.kit.crypto import keys
from senim.kit.instance import Instance
from stand_ins.asoi.cms import signature
from stand_ins.ca.issue import Authority
from tests.asoi.copies import copy_of
from tests.asoi.regulator import Regulator
from tests.asoi.token import SoftToken

pytestmark = pytest.mark.skipif(
    shutil.which("softhsm2-util") is None, reason="NOT RUN: softhsm2 is missing (apt install softhsm2)"
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> SoftToken:
    return SoftToken(tmp_path_factory.mktemp("token"))


@pytest.fixture
def token(whole: SoftToken) -> Iterator[SoftToken]:
    yield whole
    if whole.away.exists():
        whole.come_back()


@pytest.fixture
def own(instance: Instance, tmp_path: Path) -> Instance:
    copy = copy_of(instance, tmp_path / "own")
    shutil.copytree(instance.home / "secrets", copy.home / "secrets")
    shutil.copy(instance.home / "id", copy.home)
    return copy


@pytest.fixture
def house(own: Instance, token: SoftToken) -> Instance:
    """An instance whose key is on the token, with the certificate that was issued for it."""
    named = token.name_in(own)
    certify(named)
    return named


def certify(instance: Instance) -> None:
    """Have the request of the key on the token certified, as a bureau would."""
    asked = x509.load_pem_x509_csr(inventory.token_request(instance))
    certificate = Authority.fresh().issue(asked, "signing")
    instance.certificate("asoi", "message-signing").write_bytes(certificate.public_bytes(Encoding.PEM))


def channel_of(instance: Instance) -> Channel:
    return Channel(Credentials.load(instance), Regulator(instance), asoi_settings(instance), bureau(instance))


@pytest.mark.clause("R228/81")
def test_what_the_token_signs_is_delivered_and_proven(house: Instance, enqueue: Callable[..., Message]) -> None:
    channel, message = channel_of(house), enqueue()
    assert channel.seal(message)
    channel.deliver(message.pk)
    told = queries.message(message.pk)
    assert told.state == Message.State.DELIVERED
    # The stand-in regulator reads it with code of its own.
    pinned = [channel.credentials.signing[0]]
    assert signature.verify(bytes(told.signed or b""), pinned, now()) == told.content


def test_the_request_bears_the_names_of_the_key_in_the_file(house: Instance) -> None:
    asked = x509.load_pem_x509_csr(inventory.token_request(house))
    assert asked.is_signature_valid
    of_file = house.certificate("asoi", "message-signing").with_suffix(".csr")
    assert asked.subject == x509.load_pem_x509_csr(of_file.read_bytes()).subject


def test_the_key_stays_on_the_token(house: Instance) -> None:
    key = Credentials.load(house).signing_key
    with pytest.raises(TypeError):
        key.private_numbers()
    with pytest.raises(TypeError):
        keys.store(house.home / "keys" / "x.key", key)
    with pytest.raises(TypeError):
        key.exchange(ec.ECDH(), key.public_key())


@pytest.mark.refusal
@pytest.mark.parametrize(
    ("other", "problem"),
    [
        ({"pin": "0000"}, errors.TokenPinRefused),
        ({"token": "another"}, errors.TokenNotThere),
        ({"key": "another"}, errors.TokenKeyMissing),
        ({"key": "wide"}, errors.TokenKeyMissing),
        ({"module": "/nowhere.so"}, errors.TokenModuleMissing),
    ],
)
def test_what_keeps_it_from_signing_is_named(
    own: Instance, token: SoftToken, other: dict[str, str], problem: type[errors.TokenProblem]
) -> None:
    named = token.name_in(own, **other)
    with pytest.raises(problem) as refused:
        inventory.token_request(named)
    assert str(refused.value.remedy)


@pytest.mark.refusal
def test_a_certificate_of_another_key_is_told(own: Instance, token: SoftToken) -> None:
    with pytest.raises(errors.TokenKeyWrong):
        inventory.try_signing_key(token.name_in(own))


def test_a_key_in_a_file_is_no_token(own: Instance) -> None:
    with pytest.raises(errors.NoToken):
        inventory.try_signing_key(own)


def test_a_wrong_pin_is_tried_once(own: Instance, token: SoftToken, enqueue: Callable[..., Message]) -> None:
    """Each further try would bring the token nearer to locking itself for good."""
    certify(token.name_in(own))
    path = own.secrets_file("asoi")
    path.write_text(path.read_text().replace('token_pin = "228081"', 'token_pin = "0000"'))
    channel, message = channel_of(Instance.load(own.home)), enqueue()
    for _try in range(12):
        assert not channel.seal(message)
    details = set(queries.message(message.pk).attempts.values_list("detail", flat=True))
    assert details == {
        "PinRefused: senim: PinIncorrect",
        "PinRefused: the token senim has refused the PIN and is not asked again",
    }
    path.write_text(path.read_text().replace('token_pin = "0000"', 'token_pin = "228081"'))
    assert channel_of(Instance.load(own.home)).seal(message)


def test_while_the_token_is_away_messages_wait_for_it(
    house: Instance, token: SoftToken, enqueue: Callable[..., Message]
) -> None:
    channel, message = channel_of(house), enqueue()
    token.go()
    assert not channel.seal(message)
    waiting = queries.message(message.pk)
    assert waiting.state == Message.State.QUEUED
    (attempt,) = waiting.attempts.all()
    assert attempt.outcome == Outcome.NOT_SEALABLE
    assert attempt.detail.startswith("TokenAway")
    with pytest.raises(errors.TokenNotThere):
        inventory.try_signing_key(house)
    token.come_back()
    assert channel.seal(message)
    inventory.try_signing_key(house)


def test_a_process_starts_without_its_token(house: Instance, token: SoftToken, enqueue: Callable[..., Message]) -> None:
    token.go()
    channel, message = channel_of(house), enqueue()
    assert not channel.seal(message)
    token.come_back()
    assert channel.seal(message)


_CONFINED = """
import sys
from pathlib import Path
from senim.asoi import inventory
from senim.kit.instance import Instance
from senim.site.processes import PROGRAMS
instance = Instance.load(Path(sys.argv[1]))
(program,) = [one for one in PROGRAMS if one.name == "asoi"]
instance.state("asoi").mkdir(parents=True)
program.withdraw(instance)
inventory.try_signing_key(instance)
print("signed")
"""


def test_the_process_reaches_the_token_with_its_own_view_of_the_disk(house: Instance) -> None:
    command = [sys.executable, "-c", _CONFINED, str(house.home)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode) == ("signed\n", 0), done.stderr


def test_what_is_in_use_is_listed(house: Instance, instance: Instance) -> None:
    listed = {one.purpose: one for one in inventory.held(house)}
    assert listed["message-signing"].key.endswith("libsofthsm2.so: senim/message")
    assert listed["receipt-decryption"].key == "keys/asoi/receipt-decryption.key"
    assert set(listed) == {
        *("message-signing", "receipt-decryption", "client-tls"),
        *("regulator/signing", "regulator/encryption", "tsa"),
    }
    told = listed["message-signing"].as_json(now())
    assert [one["stands"] for one in told["certificates"]] == ["present"]  # type: ignore[attr-defined]
    by_file = {one.purpose: one.key for one in inventory.held(instance)}
    assert by_file["message-signing"] == "keys/asoi/message-signing.key"
