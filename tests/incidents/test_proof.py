"""The proof of an incident convinces somebody who has openssl and sha256sum, and none of our programs or tables."""

import io
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from senim.asoi import queries as asoi
from senim.asoi.internal.channel import Channel
from senim.asoi.internal.credentials import Credentials
from senim.asoi.models import Message
from senim.asoi.settings import asoi_settings
from senim.asoi.verification import Trust
from senim.audit import log_key
from senim.audit.errors import NotSealed
from senim.identity.models import Account
from senim.incidents import work
from senim.incidents.deeds import Regrade
from senim.incidents.models import Incident
from senim.incidents.proof import layout
from senim.incidents.proof.checking import walk
from senim.incidents.proof.composing import proof_of
from senim.kit import archive, canonical
from senim.kit.bureau import bureau
from senim.kit.instance import Instance
from senim.kit.steps import Steps
from tests.asoi.regulator import Regulator
from tests.audit.log import Log
from tests.incidents.test_acts import ASSESSING, do

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81"), pytest.mark.clause("R228/81-1")]


@dataclass
class Told:
    """An incident whose messages arrive, and whose audit rows are sealed, when asked to."""

    incident: Incident
    channel: Channel
    log: Log

    def deliver(self) -> None:
        """Seal and send what waits, each with the log as it stands; then seal what the log gained."""
        for message in Message.objects.filter(state="queued").order_by("sequence"):
            self.log.sealing().seal()
            self.channel.seal(message)
            self.channel.deliver(message.pk)
        self.log.sealing().seal()


@pytest.fixture
def told(instance: Instance, incident: Incident, tmp_path: Path) -> Told:
    channel = Channel(Credentials.load(instance), Regulator(instance), asoi_settings(instance), bureau(instance))
    return Told(incident, channel, Log(instance, tmp_path))


@pytest.fixture
def proof(told: Told, analyst: Account) -> bytes:
    """Of an incident with three messages, all delivered."""
    told.deliver()
    for deed in (Regrade(kind=4), ASSESSING):
        do(analyst, told.incident, deed)
        told.deliver()
    work.write_note(analyst, told.incident.pk, "a note that stays in the house")
    told.log.sealing().seal()
    return proof_of(told.incident)


@pytest.fixture
def trust(instance: Instance) -> Trust:
    return Trust.of(instance)


@pytest.fixture
def key(instance: Instance) -> Ed25519PublicKey:
    return log_key.public_key(log_key.public_key_file(instance))


def failed(steps: Steps) -> list[str]:
    return [step.name for step in steps if not step.ok]


def changed(proof: bytes, change: Callable[[dict[str, bytes]], object]) -> bytes:
    """The proof with its files changed, and the sums made right again."""
    files = layout.unpack(proof)
    del files[archive.SUMS]
    change(files)
    return archive.pack(files, (2026, 11, 27, 0, 0, 0))


def test_everything_is_proven_step_by_step(proof: bytes, trust: Trust, key: Ed25519PublicKey) -> None:
    steps = walk(proof, trust, key)
    assert failed(steps) == []
    assert steps.ok
    names = [step.name for step in steps]
    assert names[:2] == ["files", "record"]
    assert [name for name in names if name.startswith("message-2/")] == [
        "message-2/files",
        "message-2/bureau-signature",
        "message-2/regulator-signature",
        "message-2/receipt-for-message",
        "message-2/agreement",
    ]
    assert names[-5:] == ["chain", "delivered", "audit-rows", "audit-told", "audit-witnessed"]


def test_what_was_known_when_stands_in_the_record_and_notes_stay_in_the_house(proof: bytes, told: Told) -> None:
    files = layout.unpack(proof)
    record = canonical.loads(files[layout.RECORD])
    assert record["number"] == told.incident.number
    assert [each["type"] for each in record["messages"]] == ["first", "kind", "assessed"]
    assert {each["what"] for each in record["history"]} >= {"opened", "act-decided", "act-done", "told", "delivered"}
    assert b"a note that stays" not in b"".join(files.values())
    rows = msgspec.json.decode(files[layout.ROWS])
    assert {each["row"]["action"] for each in rows} >= {"incidents:incident:opened", "asoi:receipt:accepted"}


def test_it_is_the_same_as_long_as_nothing_happens(proof: bytes, told: Told) -> None:
    assert proof_of(told.incident) == proof


@pytest.mark.refusal
def test_a_message_without_a_receipt_is_named(
    told: Told, analyst: Account, trust: Trust, key: Ed25519PublicKey
) -> None:
    told.deliver()
    do(analyst, told.incident, ASSESSING)
    told.log.sealing().seal()
    steps = walk(proof_of(told.incident), trust, key)
    assert failed(steps) == ["delivered"]
    assert "messages 2" in next(step.detail for step in steps if not step.ok)


@pytest.mark.refusal
def test_before_the_log_has_sealed_its_rows_there_is_none(told: Told) -> None:
    with pytest.raises(NotSealed):
        proof_of(told.incident)


def _drop(name: str) -> Callable[[dict[str, bytes]], object]:
    return lambda files: files.pop(name)


def _edit(name: str, change: Callable[[Any], object]) -> Callable[[dict[str, bytes]], object]:
    def edit(files: dict[str, bytes]) -> None:
        document = msgspec.json.decode(files[name])
        change(document)
        files[name] = canonical.dumps(document)

    return edit


def _swap(files: dict[str, bytes]) -> None:
    first, second = layout.message_file(1), layout.message_file(2)
    files[first], files[second] = files[second], files[first]


@pytest.mark.refusal
@pytest.mark.parametrize(
    ("change", "steps"),
    [
        (_drop(layout.RECORD), ["files", "record"]),
        (_drop(layout.LOG_KEY), ["files", "record"]),
        (lambda files: files.update({"more.txt": b"x"}), ["files", "record"]),
        (lambda files: files.update({layout.RECORD: b"{}"}), ["record"]),
        (_drop(layout.message_file(2)), ["chain", "delivered"]),
        (_drop(layout.message_file(3)), ["delivered", "audit-witnessed"]),
        (_swap, ["chain"]),
        (_edit(layout.RECORD, lambda said: said["messages"].pop()), ["chain", "audit-rows", "audit-witnessed"]),
        (_edit(layout.RECORD, lambda said: said["messages"][0].update(sha256="0" * 64)), ["chain"]),
        (_edit(layout.RECORD, lambda said: said.update(id="another")), ["chain", "audit-rows", "audit-witnessed"]),
        (_edit(layout.ROWS, lambda rows: rows[0]["row"].update(actor_name="x")), ["audit-rows", "audit-witnessed"]),
        (_edit(layout.ROWS, lambda rows: rows[0].update(index=0, hashes=[])), ["audit-rows", "audit-witnessed"]),
        (_edit(layout.ROWS, lambda rows: rows.clear()), ["audit-rows", "audit-witnessed"]),
        (_edit(layout.ROWS, lambda rows: rows.pop()), ["audit-told"]),
        (_drop(layout.GROWTH), ["audit-witnessed"]),
        (_edit(layout.GROWTH, lambda growth: growth["hashes"].pop()), ["audit-witnessed"]),
        (
            _edit(layout.GROWTH, lambda growth: growth.update(earlier=growth["checkpoint"], hashes=[])),
            ["audit-witnessed"],
        ),
        (lambda files: files.update({layout.ROWS: b"\xff"}), ["audit-rows", "audit-witnessed"]),
    ],
)
def test_whatever_is_changed_with_its_sums_shows_at_its_step(
    proof: bytes, trust: Trust, key: Ed25519PublicKey, change: Callable[[dict[str, bytes]], object], steps: list[str]
) -> None:
    assert walk(changed(proof, lambda _files: None), trust, key).ok
    assert failed(walk(changed(proof, change), trust, key)) == steps


@pytest.mark.refusal
def test_a_changed_message_shows_at_its_own_step(proof: bytes, trust: Trust, key: Ed25519PublicKey) -> None:
    def change(files: dict[str, bytes]) -> None:
        inner = archive.unpack(files[layout.message_file(2)], largest=layout.LARGEST)
        del inner[archive.SUMS]
        inner["message.json"] += b" "
        files[layout.message_file(2)] = archive.pack(inner, (2026, 11, 27, 0, 0, 0))

    assert failed(walk(changed(proof, change), trust, key)) == ["message-2/agreement", "chain", "delivered"]


@pytest.mark.refusal
def test_under_another_key_or_other_certificates_nothing_is_believed(
    proof: bytes, trust: Trust, key: Ed25519PublicKey
) -> None:
    stranger = Ed25519PrivateKey.generate().public_key()
    assert failed(walk(proof, trust, stranger)) == ["audit-rows", "audit-witnessed"]
    swapped = walk(proof, Trust(trust.regulator, trust.bureau), key)
    assert {"message-1/bureau-signature", "message-1/regulator-signature"} <= set(failed(swapped))


@pytest.mark.parametrize("data", [b"", b"PK", b"x" * 100])
def test_what_is_no_zip_is_none(data: bytes, trust: Trust, key: Ed25519PublicKey) -> None:
    assert failed(walk(data, trust, key)) == ["files", "record"]
    assert not layout.is_of_incident(data)


def test_the_proof_of_a_message_is_none_of_an_incident(proof: bytes) -> None:
    assert layout.is_of_incident(proof)
    assert not layout.is_of_incident(layout.unpack(proof)[layout.message_file(1)])


@pytest.mark.skipif(shutil.which("openssl") is None, reason="NOT RUN: the openssl program is missing")
class TestByHand:
    """What the READMEs say, done to the letter by a shell, where there is nothing of ours."""

    @pytest.fixture
    def folder(self, proof: bytes, tmp_path: Path) -> Path:
        zipfile.ZipFile(io.BytesIO(proof)).extractall(tmp_path / "proof")
        return tmp_path / "proof"

    def follow(self, folder: Path, language: str) -> int:
        commands = re.findall(r"^    \$ (.+)$", (folder / f"README.{language}.txt").read_text(), re.MULTILINE)
        for command in commands:
            subprocess.run(["bash", "-c", command], cwd=folder, check=True, capture_output=True)
        return len(commands)

    @pytest.mark.parametrize("language", ["kk", "ru", "en"])
    def test_every_command_succeeds(self, folder: Path, language: str) -> None:
        assert self.follow(folder, language) == 6
        messages = [each for each in (folder / "messages").iterdir() if each.is_dir()]
        assert [self.follow(each, language) for each in messages] == [9, 9, 9]

    @pytest.mark.refusal
    @pytest.mark.parametrize("name", ["incident.json", "audit/rows.json", "audit/log.pub", "messages/0001.zip"])
    def test_a_changed_file_shows_even_with_its_sum_made_right(self, folder: Path, name: str) -> None:
        data = bytearray((folder / name).read_bytes())
        place = data.find(b"sha256") + 12 if name == "incident.json" else len(data) // 2
        data[place] ^= 1
        (folder / name).write_bytes(data)
        again = "sha256sum $(cut -c 67- SHA256SUMS) > x; mv x SHA256SUMS"
        subprocess.run(["bash", "-c", again], cwd=folder, check=True)
        with pytest.raises(subprocess.CalledProcessError):
            self.follow(folder, "en")


def test_the_newest_checkpoint_is_carried_by_the_newest_message(proof: bytes, told: Told) -> None:
    messages = asoi.messages_about(told.incident.subject)
    growth = msgspec.json.decode(layout.unpack(proof)[layout.GROWTH])
    assert growth["earlier"] == asoi.checkpoint_in(messages[-1])
