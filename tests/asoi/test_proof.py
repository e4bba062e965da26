"""The proof bundle convinces a stranger who has openssl and sha256sum, and nothing of ours."""

import io
import random
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from senim.asoi import bundle as layout
from senim.asoi import pinned, queries
from senim.asoi.errors import NotDelivered, ProofRefused
from senim.asoi.internal.channel import Channel
from senim.asoi.internal.credentials import MESSAGE_SIGNING, own_certificates
from senim.asoi.models import Message
from senim.asoi.verification import Trust, read_signed, verify_bundle, verify_pair
from senim.kit import canonical
from senim.kit.crypto import cms, keys
from senim.kit.ids import new_id
from senim.kit.instance import Instance
from tests.asoi.regulator import Regulator
from tests.kit.certificates import Identity

NOTE = "bureau.example/log\n7\nq83v\n\n— bureau.example/log AAAA\n"


@pytest.fixture
def bundle(enqueue: Callable[..., Message], channel: Channel, monkeypatch: pytest.MonkeyPatch) -> bytes:
    monkeypatch.setattr("senim.asoi.internal.channel.latest_checkpoint", lambda: NOTE)
    message = enqueue()
    channel.seal(message)
    channel.deliver(message.pk)
    return queries.proof_bundle(queries.message(message.pk))


@pytest.fixture
def trust(instance: Instance) -> Trust:
    return Trust(own_certificates(instance, MESSAGE_SIGNING), pinned.certificates(instance, pinned.SIGNING))


def repacked(bundle: bytes, **changes: bytes | None) -> bytes:
    """The bundle with files replaced, added or (None) left out, and the sums made right again."""
    files = layout.unpack(bundle)
    for name, data in changes.items():
        files[name.replace("__", "/").replace("_", ".")] = data or b""
    files = {name: data for name, data in files.items() if data}
    files[layout.SUMS] = layout.sums(files)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


def commands(folder: Path, language: str) -> list[str]:
    """What the README in `folder` says to type."""
    return re.findall(r"^    \$ (.+)$", (folder / f"README.{language}.txt").read_text(), re.MULTILINE)


def follow(folder: Path, language: str = "en") -> None:
    """Type it. Raises `CalledProcessError` at the first command that fails."""
    for command in commands(folder, language):
        subprocess.run(["bash", "-c", command], cwd=folder, check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="NOT RUN: the openssl program is missing")
class TestByHand:
    """What the README in the bundle says, done to the letter by a shell."""

    @pytest.fixture
    def unpacked(self, bundle: bytes, tmp_path: Path) -> Path:
        zipfile.ZipFile(io.BytesIO(bundle)).extractall(tmp_path)
        return tmp_path

    @pytest.mark.parametrize("language", ["kk", "ru", "en"])
    def test_every_command_of_the_readme_succeeds(self, unpacked: Path, language: str) -> None:
        assert len(commands(unpacked, language)) == 9
        follow(unpacked, language)

    @pytest.mark.parametrize("damaged", ["message.json", "message.p7s", "receipt.json", "receipt.p7s", "message.p7m"])
    def test_a_changed_file_shows(self, unpacked: Path, damaged: str) -> None:
        path = unpacked / damaged
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        with pytest.raises(subprocess.CalledProcessError):
            follow(unpacked)

    def test_the_receipt_of_another_message_shows(self, unpacked: Path, channel: Channel) -> None:
        """Even with every sum made right."""
        other = channel.adapter.receipt(canonical.dumps({"id": "01990000-0000-7000-8000-000000000000"}))
        signed = cms.decrypt(other, channel.credentials.receipt_key, channel.credentials.receipt)
        content = cms.verify(signed, trusted=channel.credentials.regulator_signing).content
        (unpacked / "receipt.json").write_bytes(content)
        (unpacked / "receipt.p7s").write_bytes(signed)
        subprocess.run(
            ["bash", "-c", "sha256sum $(cut -c 67- SHA256SUMS) > x; mv x SHA256SUMS"], cwd=unpacked, check=True
        )
        with pytest.raises(subprocess.CalledProcessError) as failed:
            follow(unpacked)
        assert "grep" in failed.value.cmd[-1]


class TestByOurselves:
    """`senim asoi verify`."""

    def test_a_bundle_is_proven(self, bundle: bytes, trust: Trust) -> None:
        proven = verify_bundle(bundle, trust)
        message = Message.objects.get()
        assert proven.message["id"] == str(message.pk)
        assert proven.sha256 == message.sha256
        assert proven.received_at == message.receipt.received_at
        assert layout.unpack(bundle)[layout.CHECKPOINT].decode() == NOTE
        assert queries.proof_bundle(queries.message(message.pk)) == bundle

    def test_without_a_checkpoint_too(self, delivered: Message, trust: Trust) -> None:
        assert verify_bundle(queries.proof_bundle(delivered), trust).message["checkpoint"] is None

    @pytest.mark.clause("R228/81")
    @pytest.mark.refusal
    def test_without_a_receipt_there_is_no_bundle(self, sealed: Message) -> None:
        with pytest.raises(NotDelivered):
            queries.proof_bundle(sealed)

    @pytest.mark.parametrize(
        "changes",
        [
            {"message_json": b"{}"},
            {"receipt_json": b"{}"},
            {"checkpoint_txt": b"another"},
            {"checkpoint_txt": None},
            {"message_p7s": b"x"},
            {"receipt_p7s": b"x"},
            {"message_p7m": None},
            {"more_txt": b"x"},
            {"certificates__bureau_crt": b"x"},
        ],
    )
    def test_a_bundle_that_was_changed_with_its_sums_is_refused(
        self, bundle: bytes, trust: Trust, changes: dict[str, bytes | None]
    ) -> None:
        assert verify_bundle(repacked(bundle), trust)
        with pytest.raises(ProofRefused):
            verify_bundle(repacked(bundle, **changes), trust)

    def test_a_wrong_sum_is_refused(self, bundle: bytes, trust: Trust) -> None:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            for name, data in {**layout.unpack(bundle), layout.MESSAGE_SEALED: b"x"}.items():
                archive.writestr(name, data)
        with pytest.raises(ProofRefused, match="SHA256SUMS"):
            verify_bundle(made.getvalue(), trust)

    @pytest.mark.parametrize("data", [b"", b"PK", b"PK\x03\x04" + b"\x00" * 100])
    def test_what_is_no_zip_is_refused(self, data: bytes, trust: Trust) -> None:
        with pytest.raises(ProofRefused):
            verify_bundle(data, trust)

    def test_a_damaged_bundle_is_refused_or_still_proves_the_same(self, bundle: bytes, trust: Trust) -> None:
        """Some bytes of a zip mean nothing (times, attributes): a flip there changes no file."""
        proven, dice = verify_bundle(bundle, trust), random.Random(228)  # noqa: S311 - which byte, not which key
        places = {
            *range(0, len(bundle), 97),
            *dice.sample(range(len(bundle)), 200),
            *range(len(bundle) - 900, len(bundle)),
        }
        for place in sorted(places):
            damaged = bytearray(bundle)
            damaged[place] ^= 1 << dice.randrange(8)
            with suppress(ProofRefused):
                assert verify_bundle(bytes(damaged), trust) == proven

    def test_a_bundle_cut_short_is_refused(self, bundle: bytes, trust: Trust) -> None:
        for length in range(1, len(bundle), 53):
            with pytest.raises(ProofRefused):
                verify_bundle(bundle[:length], trust)

    def test_a_bundle_packed_in_a_way_of_its_own_is_refused(self, bundle: bytes, trust: Trust) -> None:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_LZMA) as archive:
            for name, data in layout.unpack(bundle).items():
                archive.writestr(name, data)
        with pytest.raises(ProofRefused):
            verify_bundle(made.getvalue(), trust)

    @pytest.mark.parametrize("content", [b"\x00", b"{", b"5", b'{"id":1}', b"[" * 100_000])
    def test_what_was_signed_and_is_no_message_is_refused(
        self, channel: Channel, delivered: Message, trust: Trust, content: bytes
    ) -> None:
        signed = cms.sign(content, channel.credentials.signing_key, channel.credentials.signing[0])
        with pytest.raises(ProofRefused):
            verify_pair(signed, bytes(delivered.receipt.signed), trust)
        if content not in {b"5", b'{"id":1}'}:
            with pytest.raises(ProofRefused):
                read_signed(signed, trust)

    @pytest.mark.clause("R228/81")
    @pytest.mark.refusal
    @pytest.mark.parametrize("says", [{"message": str(new_id())}, {"sha256": "0" * 64}, {"status": "received"}])
    def test_a_receipt_for_something_else_is_refused(
        self, sealed: Message, channel: Channel, regulator: Regulator, trust: Trust, says: dict[str, str]
    ) -> None:
        regulator.twists = lambda right: {**right, **says}
        receipt = regulator.receipt(bytes(sealed.content))
        signed = cms.decrypt(receipt, channel.credentials.receipt_key, channel.credentials.receipt)
        with pytest.raises(ProofRefused):
            verify_pair(bytes(sealed.signed), signed, trust)

    @pytest.mark.clause("R228/81")
    @pytest.mark.refusal
    @pytest.mark.parametrize("moment", ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.000Z"])
    def test_a_receipt_of_a_time_that_cannot_be_true_is_refused(
        self, sealed: Message, channel: Channel, regulator: Regulator, trust: Trust, moment: str
    ) -> None:
        receipts = []
        for twist in (dict, lambda says: {**says, "received_at": moment}):
            regulator.twists = twist
            receipt = regulator.receipt(bytes(sealed.content))
            receipts.append(cms.decrypt(receipt, channel.credentials.receipt_key, channel.credentials.receipt))
        assert verify_pair(bytes(sealed.signed), receipts[0], trust)
        with pytest.raises(ProofRefused, match=r"time|уақыт"):
            verify_pair(bytes(sealed.signed), receipts[1], trust)

    @pytest.mark.parametrize("believed", ["bureau", "regulator"])
    def test_a_bundle_does_not_vouch_for_itself(self, bundle: bytes, trust: Trust, believed: str) -> None:
        stranger = Identity(keys.new_ec(), "signing").certificate
        pems = {f"certificates__{believed}_crt": stranger.public_bytes(Encoding.PEM)}
        other = Trust(**{"bureau": trust.bureau, "regulator": trust.regulator, believed: (stranger,)})
        for offered in (bundle, repacked(bundle, **pems)):
            with pytest.raises(ProofRefused):
                verify_bundle(offered, other)

    @pytest.mark.clause("R228/81")
    @pytest.mark.refusal
    def test_the_receipt_of_another_message_is_refused(
        self, delivered: Message, enqueue: Callable[..., Message], channel: Channel, trust: Trust
    ) -> None:
        other = enqueue()
        channel.seal(other)
        channel.deliver(other.pk)
        other = queries.message(other.pk)
        assert verify_pair(bytes(other.signed), bytes(other.receipt.signed), trust)
        with pytest.raises(ProofRefused):
            verify_pair(bytes(other.signed), bytes(delivered.receipt.signed), trust)
        with pytest.raises(ProofRefused):
            verify_pair(bytes(other.receipt.signed), bytes(other.signed), trust)
