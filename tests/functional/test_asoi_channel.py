"""The regulator channel between real processes: ours, confined and with its own rights, and the stand-in's."""

import json
import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from senim.asoi.internal.credentials import Credentials
from senim.kit import canonical
from senim.kit.clock import now
from senim.kit.crypto import cms, keys
from senim.site.embedded.postgres import Postgres
from tests.asoi.regulator import Regulator
from tests.functional.flood import break_in
from tests.functional.house import House, wait_until
from tests.functional.outbox import Outbox
from tests.kit.certificates import Identity

pytestmark = pytest.mark.real


@pytest.fixture
def outbox(house: House) -> Iterator[Outbox]:
    outbox = Outbox(house)
    yield outbox
    outbox.regulator("misbehave", "well")


@pytest.fixture
def alone(outbox: Outbox) -> Iterator[None]:
    """No batch of events comes between: what the stand-in does once, it does to the test's message."""
    feed = outbox.house.pid_of("feed")
    os.kill(feed, signal.SIGSTOP)
    waiting: LiteralString = "SELECT 1 FROM asoi_message WHERE kind = 'EventBatch' AND state <> 'delivered'"
    try:
        wait_until(lambda: not outbox.asked(waiting), what="the receipts of all batches of events")
        yield
    finally:
        os.kill(feed, signal.SIGCONT)


@pytest.fixture
def delivered(outbox: Outbox) -> str:
    (message,) = outbox.enqueue()
    outbox.wait_for("delivered", [message])
    return message


@pytest.mark.clause("R228/81")
class TestDelivery:
    """Sealed, sent over mutual TLS, receipted."""

    def test_the_regulator_has_what_the_bureau_says_it_has(self, outbox: Outbox, delivered: str) -> None:
        ours, theirs = outbox.told()[delivered], outbox.received()[delivered]
        assert (ours["sha256"], ours["about"], ours["exercise"]) == (theirs["sha256"], theirs["about"], True)
        assert ours["created_at"] <= ours["sealed_at"] <= ours["first_sent_at"] <= ours["delivered_at"]

    @pytest.mark.refusal
    @pytest.mark.usefixtures("alone")
    @pytest.mark.parametrize(
        ("mode", "outcome"),
        [
            ("another-receipt", "receipt-refused"),
            ("wrong-hash", "receipt-refused"),
            ("wrong-id", "receipt-refused"),
            ("wrong-signature", "receipt-refused"),
            ("garbage", "receipt-refused"),
            ("half", "unreachable"),
            ("cut-before", "unreachable"),
            ("cut-after", "unreachable"),
            ("error", "refused"),
            ("disk-full", "refused"),
            ("silent", "timed-out"),
            ("twice", "delivered"),
        ],
    )
    def test_whatever_the_regulator_does_the_message_arrives_once(
        self, outbox: Outbox, mode: str, outcome: str
    ) -> None:
        if mode == "another-receipt":  # the stand-in needs one to give
            outbox.wait_for("delivered", outbox.enqueue())
        # A kept connection that ends before an answer is not worth a word: the same request goes over a new one.
        times = "2" if mode.startswith("cut-") else "1"
        outbox.regulator("misbehave", mode, "--times", times)
        (message,) = outbox.enqueue()
        outbox.wait_for("delivered", [message])
        assert outbox.outcomes(message)[0] == outcome
        assert outbox.outcomes(message)[-1] == "delivered"
        assert outbox.received()[message]["conflicts"] == 0

    def test_an_outage_is_sat_out(self, outbox: Outbox) -> None:
        outbox.regulator("misbehave", "down")
        messages = outbox.enqueue(3)
        wait_until(lambda: all("unreachable" in outbox.outcomes(one) for one in messages), what="first failures")
        assert not set(messages) & set(outbox.received())
        outbox.regulator("misbehave", "well")
        outbox.wait_for("delivered", messages)

    @pytest.mark.refusal
    def test_an_identifier_in_conflict_is_refused_and_not_tried_for_ever(self, outbox: Outbox) -> None:
        sender = outbox.house.pid_of("asoi")
        os.kill(sender, signal.SIGSTOP)
        try:
            (message,) = outbox.enqueue()
            outbox.post(message, _another_message(outbox, message))
        finally:
            os.kill(sender, signal.SIGCONT)
        outbox.wait_for("refused", [message])
        assert outbox.told()[message]["refusal"] == "asoi:identifier-in-conflict"
        assert outbox.outcomes(message) == ["in-conflict"]
        assert outbox.received()[message]["conflicts"] == 1


def _another_message(outbox: Outbox, identifier: str) -> bytes:
    """A message of ours under the same identifier that tells something else."""
    credentials = Credentials.load(outbox.house.instance)
    any_message = next(pk for pk, one in outbox.received().items() if one["kind"] == "IncidentNotice")
    content = json.loads(outbox.regulator("show", any_message, "--json"))["content"]
    told = canonical.dumps({**content, "id": identifier, "body": {"told": "otherwise"}})
    signed = cms.sign(told, credentials.signing_key, credentials.signing[0])
    return cms.encrypt(signed, credentials.regulator_encryption[0])


class TestTimeStamps:
    """They follow what was sent, from a process of their own."""

    @pytest.fixture
    def outbox(self, outbox: Outbox) -> Iterator[Outbox]:
        yield outbox
        outbox.authority("misbehave", "well")

    def test_what_was_delivered_is_stamped_and_proven_so(self, outbox: Outbox, delivered: str, tmp_path: Path) -> None:
        wait_until(lambda: outbox.is_stamped(delivered), what="a time-stamp")
        bundle = tmp_path / "proof.zip"
        assert outbox.house.command("asoi", "proof", delivered, "--out", str(bundle)).returncode == 0
        proven = outbox.house.command("asoi", "verify", str(bundle), "--json")
        assert json.loads(proven.stdout)[0]["stamp"]["state"] == "proven"
        assert "Time-stamp: signed by" in outbox.house.command("asoi", "verify", str(bundle)).stdout

    @pytest.mark.clause("R228/81-1")
    def test_without_the_authority_messages_arrive_and_are_stamped_when_it_is_back(self, outbox: Outbox) -> None:
        outbox.authority("misbehave", "down")
        messages = outbox.enqueue(2)
        outbox.wait_for("delivered", messages)
        assert not any(map(outbox.is_stamped, messages))
        outbox.authority("misbehave", "well")
        wait_until(lambda: all(map(outbox.is_stamped, messages)), what="time-stamps")


@pytest.mark.clause("R228/81")
def test_kill_9_loses_nothing_and_doubles_nothing(outbox: Outbox) -> None:
    dice = random.Random(228)  # noqa: S311 - which moment, not which key
    messages = outbox.enqueue(50)
    for victim in ("asoi", "asoi", "stand-in-asoi", "asoi"):
        outbox.regulator("misbehave", dice.choice(["cut-after", "half", "error"]), "--times", "5")
        killed = outbox.house.pid_of(victim)
        os.kill(killed, signal.SIGKILL)
        messages += outbox.enqueue(10)
        wait_until(lambda v=victim, k=killed: outbox.house.pid_of(v) != k, what=f"a new {victim}")  # type: ignore[misc]
    outbox.regulator("misbehave", "well")
    outbox.wait_for("delivered", messages)
    ours, theirs = outbox.told(), outbox.received()
    assert [theirs[one]["sha256"] for one in messages] == [ours[one]["sha256"] for one in messages]
    assert {theirs[one]["conflicts"] for one in messages} == {0}


class TestElectronicFormat:
    """When there is no way but a file."""

    @pytest.mark.clause("R228/81")
    def test_out_as_a_file_and_back_as_a_file(self, outbox: Outbox, tmp_path: Path) -> None:
        outbox.regulator("misbehave", "down")
        (message,) = outbox.enqueue()
        wait_until(lambda: outbox.state(message) == "sealed", what="a sealed message")
        senim = outbox.house.command
        exported = senim("asoi", "export", message, "--out", str(tmp_path / "m.p7m"), "--json")
        assert exported.returncode == 0, exported.stderr
        assert json.loads(exported.stdout)["state"] == "exported"
        inside = json.loads(senim("asoi", "open", str(tmp_path / "m.p7m"), "--json").stdout)
        assert inside["content"]["id"] == message

        regulator = Regulator(outbox.house.instance)
        content = regulator.open((tmp_path / "m.p7m").read_bytes())
        (tmp_path / "r.p7m").write_bytes(regulator.receipt(content))
        opened = senim("asoi", "open", str(tmp_path / "r.p7m"), "--json")
        assert json.loads(opened.stdout)["receipt"]["message"] == message
        assert outbox.state(message) == "exported"
        imported = senim("asoi", "import", str(tmp_path / "r.p7m"), "--json")
        assert json.loads(imported.stdout)["state"] == "delivered"
        proven = senim("asoi", "verify", str(tmp_path / "m.p7m"), str(tmp_path / "r.p7m"), "--json")
        assert json.loads(proven.stdout)[0]["message"]["id"] == message

    @pytest.mark.refusal
    @pytest.mark.clause("R228/81-2")
    def test_events_are_not_handed_over_as_files(self, outbox: Outbox, tmp_path: Path) -> None:
        house = outbox.house

        def batches() -> list[str]:
            return [pk for pk, one in outbox.received().items() if one["kind"] == "EventBatch"]

        with house.log.open("a", encoding="utf-8") as log:
            log.writelines(break_in("not-as-files", "dana", "203.0.113.24", now()))
        wait_until(lambda: bool(batches()), what="the first batch of events")
        out = tmp_path / "batch.p7m"
        refused = house.command("asoi", "export", batches()[0], "--out", str(out), "--json")
        assert (refused.returncode, json.loads(refused.stdout)["error"]["code"]) == (1, "asoi:no-file-form")
        assert not out.exists()

    @pytest.mark.refusal
    @pytest.mark.clause("R228/81")
    def test_a_receipt_for_other_content_is_refused(self, outbox: Outbox, delivered: str, tmp_path: Path) -> None:
        regulator = Regulator(outbox.house.instance, twists=lambda says: {**says, "sha256": "0" * 64})
        (tmp_path / "r.p7m").write_bytes(regulator.receipt(canonical.dumps({"id": delivered})))
        refused = outbox.house.command("asoi", "import", str(tmp_path / "r.p7m"), LANGUAGE="ru")
        assert refused.returncode == 1
        assert "Квитанция" in refused.stderr
        (tmp_path / "g.p7m").write_bytes(b"garbage")
        assert outbox.house.command("asoi", "open", str(tmp_path / "g.p7m")).returncode == 1

    def test_without_its_process_a_file_waits_and_is_answered_later(self, outbox: Outbox, tmp_path: Path) -> None:
        (tmp_path / "r.p7m").write_bytes(Regulator(outbox.house.instance).receipt(b'{"id":""}'))
        sender = outbox.house.pid_of("asoi")
        os.kill(sender, signal.SIGSTOP)
        try:
            waited = outbox.house.command("asoi", "import", str(tmp_path / "r.p7m"), "--wait", "0.5")
        finally:
            os.kill(sender, signal.SIGCONT)
        assert waited.returncode == 2


_FAILS_AT_COMMIT = """
CREATE FUNCTION test_fails() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no commit'; END $$;
CREATE CONSTRAINT TRIGGER test_fails AFTER INSERT ON audit_auditrow DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.action LIKE 'asoi:%:exported') EXECUTE FUNCTION test_fails();
"""


class TestHandingOut:
    """A file that bears its name has its record, and what could not be written was not handed out."""

    @pytest.fixture(params=["export", "proof"])
    def handed_out(self, request: pytest.FixtureRequest, outbox: Outbox) -> tuple[str, str, str]:
        """A command, a message that it can hand out, and the act that the audit log then remembers."""
        (message,) = outbox.enqueue()
        outbox.wait_for("delivered", [message])
        act = {"export": "asoi:message:exported", "proof": "asoi:proof:exported"}[request.param]
        return request.param, message, act

    @staticmethod
    def remembered(outbox: Outbox, message: str, act: str) -> int:
        question: LiteralString = "SELECT count(*) FROM audit_auditrow WHERE subject = %s AND action = %s"
        ((count,),) = outbox.asked(question, f"message:{message}", act)
        return int(count)

    def test_what_is_written_is_remembered(
        self, outbox: Outbox, handed_out: tuple[str, str, str], tmp_path: Path
    ) -> None:
        command, message, act = handed_out
        out = tmp_path / "out"
        assert outbox.house.command("asoi", command, message, "--out", str(out)).returncode == 0
        assert (list(tmp_path.iterdir()), self.remembered(outbox, message, act)) == ([out], 1)

    @pytest.mark.refusal
    @pytest.mark.parametrize(("place", "code"), [("nowhere/out", 2), ("there", 3)])
    def test_what_cannot_be_written_did_not_happen(
        self, outbox: Outbox, handed_out: tuple[str, str, str], tmp_path: Path, place: str, code: int
    ) -> None:
        command, message, act = handed_out
        (tmp_path / "there").write_text("older")
        assert outbox.house.command("asoi", command, message, "--out", str(tmp_path / place)).returncode == code
        assert self.remembered(outbox, message, act) == 0
        assert [path.read_text() for path in tmp_path.iterdir()] == ["older"]

    @pytest.mark.refusal
    def test_what_is_not_remembered_leaves_no_file(
        self, outbox: Outbox, handed_out: tuple[str, str, str], tmp_path: Path
    ) -> None:
        command, message, act = handed_out
        with Postgres(outbox.house.instance).connect() as owner:
            owner.execute(_FAILS_AT_COMMIT)
            try:
                failed = outbox.house.command("asoi", command, message, "--out", str(tmp_path / "out"))
            finally:
                owner.execute("DROP FUNCTION test_fails() CASCADE")
        assert (failed.returncode, self.remembered(outbox, message, act)) == (2, 0)
        assert "no commit" in failed.stderr
        assert list(tmp_path.iterdir()) == []


class TestProof:
    """What a stranger is given, and what is checked without the house."""

    @pytest.fixture
    def bundle(self, outbox: Outbox, delivered: str, tmp_path: Path) -> Path:
        written = outbox.house.command("asoi", "proof", delivered, "--out", str(tmp_path / "proof.zip"))
        assert written.returncode == 0, written.stderr
        return tmp_path / "proof.zip"

    def certificates(self, outbox: Outbox, folder: Path) -> list[str]:
        credentials = Credentials.load(outbox.house.instance)
        for name in ("bureau", "regulator"):
            which = credentials.signing if name == "bureau" else credentials.regulator_signing
            (folder / f"{name}.crt").write_bytes(which[0].public_bytes(Encoding.PEM))
        return ["--bureau", str(folder / "bureau.crt"), "--regulator", str(folder / "regulator.crt")]

    def test_is_checked_without_instance_and_database(self, outbox: Outbox, bundle: Path, tmp_path: Path) -> None:
        believed = self.certificates(outbox, tmp_path)
        proven = outbox.house.command("asoi", "verify", str(bundle), *believed, "--json", SENIM_HOME="/nowhere")
        assert proven.returncode == 0, proven.stderr
        assert json.loads(proven.stdout)[0]["message"]["checkpoint"].count("\n\n") == 1

    @pytest.mark.refusal
    def test_is_refused_when_changed_or_when_others_signed(self, outbox: Outbox, bundle: Path, tmp_path: Path) -> None:
        believed = self.certificates(outbox, tmp_path)
        stranger = Identity(keys.new_ec(), "signing").certificate
        (tmp_path / "regulator.crt").write_bytes(stranger.public_bytes(Encoding.PEM))
        assert outbox.house.command("asoi", "verify", str(bundle), *believed).returncode == 1
        assert outbox.house.command("asoi", "verify", str(bundle)).returncode == 0
        changed = bytearray(bundle.read_bytes())
        changed[len(changed) // 2] ^= 1
        bundle.write_bytes(changed)
        assert outbox.house.command("asoi", "verify", str(bundle)).returncode == 1

    @pytest.mark.refusal
    def test_there_is_none_without_a_receipt(self, outbox: Outbox, tmp_path: Path) -> None:
        outbox.regulator("misbehave", "down")
        (message,) = outbox.enqueue()
        refused = outbox.house.command("asoi", "proof", message, "--out", str(tmp_path / "p.zip"))
        assert refused.returncode == 1
        assert not (tmp_path / "p.zip").exists()
