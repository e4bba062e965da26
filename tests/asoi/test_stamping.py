"""Time-stamps over what was signed: they follow the messages, hold up none, and are part of the proof."""

import io
import re
import shutil
import subprocess
import threading
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.db import DatabaseError, connection, transaction

from senim.asoi import bundle as layout
from senim.asoi import channel_checks, pinned, queries
from senim.asoi.errors import ProofRefused
from senim.asoi.internal import outbox
from senim.asoi.internal.authority import Authority
from senim.asoi.internal.channel import Channel
from senim.asoi.internal.stamping import Stamper
from senim.asoi.models import Message, TimeStamp
from senim.asoi.sender import Sender
from senim.asoi.settings import TsaSettings
from senim.asoi.verification import NoStamp, Trust, verify_bundle
from senim.audit.models import AuditRow
from senim.doctor.diagnosis import examine
from senim.kit.checks import Asked
from senim.kit.clock import now
from senim.kit.crypto import keys, timestamp
from senim.kit.instance import BadSettings, Instance
from stand_ins.tsa.behaviour import Behaviour, Mode, behave
from stand_ins.tsa.server import Server
from stand_ins.tsa.stamp import POLICY
from tests.asoi.copies import copy_of
from tests.asoi.test_proof import commands, follow, repacked
from tests.kit.certificates import Identity
from tests.ports import free_port


class Here(ThreadPoolExecutor):
    """A lane in the test's own thread, whose transaction no other thread sees."""

    def submit(self, task: Callable[..., Any], /, *words: Any, **more: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(task(*words, **more))
        return done


class House:
    """An instance's copy with an authority at work beside it."""

    def __init__(self, instance: Instance) -> None:
        self.instance, self.home = instance, instance.home / "stand_ins" / "tsa"
        self.server = Server(self.home, 0)
        self.settings = TsaSettings(f"http://127.0.0.1:{self.server.server_port}/", policy=POLICY, retry_first=60.0)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def stamper(self, settings: TsaSettings | None = None) -> Stamper:
        wanted = settings or self.settings
        return Stamper(Authority(self.instance, wanted), wanted, Here(1))

    def behave(self, mode: Mode, delay: float = 0.0) -> None:
        behave(self.home, Behaviour(mode, None, delay))

    def stop(self) -> None:
        self.server.stopping.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def house(instance: Instance, tmp_path: Path) -> Iterator[House]:
    house = House(copy_of(instance, tmp_path / "copy"))
    yield house
    house.stop()


@pytest.fixture
def stamped(sealed: Message, house: House, channel: Channel) -> Message:
    """A message with receipt and time-stamp."""
    house.stamper().work()
    channel.deliver(sealed.pk)
    return queries.message(sealed.pk)


def is_stamped(message: Message) -> bool:
    return TimeStamp.objects.filter(message=message).exists()


def test_what_was_signed_is_stamped_and_remembered(sealed: Message, house: House) -> None:
    house.stamper().work()
    stamp = TimeStamp.objects.get(message=sealed)
    (believed,) = pinned.certificates(house.instance, pinned.TSA)
    proven = timestamp.verify(bytes(stamp.response), bytes(sealed.signed or b""), trusted=[believed])
    assert proven.at == stamp.at
    assert bytes(stamp.certificate) == believed.public_bytes(Encoding.DER)
    assert AuditRow.objects.filter(subject=sealed.subject, action="asoi:stamp:accepted").count() == 1
    assert queries.to_stamp() == []


@pytest.mark.parametrize("mode", [mode for mode in Mode if mode not in {Mode.WELL, Mode.DOWN}])
def test_whatever_the_authority_does_the_message_is_sent_and_stamped_later(
    sealed: Message, house: House, channel: Channel, mode: Mode
) -> None:
    house.behave(mode, delay=600.0)
    within = 0.1 if mode is Mode.LATE else house.settings.answer_within
    house.stamper(TsaSettings(house.settings.url, policy=POLICY, answer_within=within)).work()
    assert not is_stamped(sealed)
    channel.deliver(sealed.pk)
    assert queries.message(sealed.pk).state == Message.State.DELIVERED
    house.behave(Mode.WELL)
    house.stamper().work()
    assert is_stamped(sealed)


@pytest.mark.clause("R228/81-1")
def test_the_authority_away_holds_up_nothing(enqueue: Callable[..., Message], house: House, channel: Channel) -> None:
    nobody = TsaSettings(f"http://127.0.0.1:{free_port()}/")
    sender = Sender(lambda: channel, Here(1), house.stamper(nobody))
    messages = [enqueue(), enqueue()]
    for _round in range(3):
        sender.work()
    assert {queries.message(one.pk).state for one in messages} == {Message.State.DELIVERED}
    assert len(queries.to_stamp()) == 2


def test_the_sender_has_stamped_what_it_seals(enqueue: Callable[..., Message], house: House, channel: Channel) -> None:
    sender, message = Sender(lambda: channel, Here(1), house.stamper()), enqueue()
    sender.work()
    sender.work()
    assert is_stamped(message)
    assert queries.message(message.pk).state == Message.State.DELIVERED


@pytest.mark.clause("R228/81-1")
def test_while_messages_wait_stamps_stand_back_and_are_not_forgotten(
    enqueue: Callable[..., Message], house: House, channel: Channel
) -> None:
    messages = [enqueue(), enqueue()]
    channel.seal_all(messages)
    stamper = house.stamper()
    for _round in range(3):
        stamper.work(is_behind=True)
    assert [is_stamped(message) for message in messages] == [True, False]
    stamper.work()
    assert is_stamped(messages[1])


def test_a_failure_is_followed_by_a_pause(sealed: Message, house: House) -> None:
    house.behave(Mode.REFUSE)
    stamper = house.stamper()
    stamper.work()
    house.behave(Mode.WELL)
    stamper.work()
    assert not is_stamped(sealed)
    house.stamper().work()  # a new process asks at once
    assert is_stamped(sealed)


@pytest.mark.parametrize(("off", "is_believed"), [(240.0, True), (360.0, False), (-240.0, True), (-360.0, False)])
def test_a_time_far_from_ours_is_not_believed(sealed: Message, house: House, off: float, is_believed: bool) -> None:
    house.behave(Mode.CLOCK_OFF, delay=off)
    house.stamper().work()
    assert is_stamped(sealed) is is_believed


def test_an_authority_that_was_never_pinned_is_not_believed(sealed: Message, house: House) -> None:
    other = Identity(keys.new_ec(), "signing", extended=(ExtendedKeyUsageOID.TIME_STAMPING,))
    path = house.instance.trust(pinned.TSA)
    before = path.read_bytes()
    path.write_bytes(other.certificate.public_bytes(Encoding.PEM))
    impatient = TsaSettings(house.settings.url, policy=POLICY, retry_first=0.0)
    stamper = house.stamper(impatient)
    stamper.work()
    path.unlink()
    stamper.work()
    assert not is_stamped(sealed)
    # What is pinned is read anew each time: its successor is put in front while the process runs.
    path.write_bytes(other.certificate.public_bytes(Encoding.PEM) + before)
    stamper.work()
    assert is_stamped(sealed)


def test_another_policy_is_refused_and_one_that_is_none_too(sealed: Message, house: House) -> None:
    house.stamper(TsaSettings(house.settings.url, policy="1.2.398.9")).work()
    assert not is_stamped(sealed)
    with pytest.raises(BadSettings, match=r"asoi\.tsa"):
        Authority(house.instance, TsaSettings(house.settings.url, policy="НУЦ"))


@pytest.mark.refusal
@pytest.mark.parametrize("change", ["UPDATE asoi_timestamp SET at = now()", "DELETE FROM asoi_timestamp"])
def test_a_stamp_is_written_once(stamped: Message, change: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    with pytest.raises(DatabaseError), transaction.atomic():
        outbox.accept_stamp(stamped.pk, b"", _any_stamp(stamped))


def _any_stamp(message: Message) -> timestamp.Stamp:
    response, signed = bytes(message.stamp.response), bytes(message.signed or b"")
    trusted = [x509.load_der_x509_certificate(bytes(message.stamp.certificate))]
    return timestamp.verify(response, signed, trusted=trusted)


class TestProof:
    """The bundle carries the stamp, and verifies with it, without it, and where nobody can check it."""

    @pytest.fixture
    def trust(self, instance: Instance) -> Trust:
        return Trust.of(instance)

    @pytest.fixture
    def bundle(self, stamped: Message) -> bytes:
        return queries.proof_bundle(stamped)

    @pytest.mark.clause("R228/81")
    def test_a_stamped_message_is_proven_with_its_time(self, stamped: Message, bundle: bytes, trust: Trust) -> None:
        stamp = verify_bundle(bundle, trust).stamp
        assert isinstance(stamp, timestamp.Stamp)
        assert stamp.at == stamped.stamp.at
        assert queries.proof_bundle(stamped) == bundle

    def test_a_bundle_of_before_the_stamp_is_still_proven(
        self, sealed: Message, channel: Channel, house: House, trust: Trust
    ) -> None:
        channel.deliver(sealed.pk)
        before = queries.proof_bundle(queries.message(sealed.pk))
        house.stamper().work()
        assert verify_bundle(before, trust).stamp is NoStamp.ABSENT
        after = verify_bundle(queries.proof_bundle(queries.message(sealed.pk)), trust)
        assert isinstance(after.stamp, timestamp.Stamp)

    def test_without_an_authorities_certificate_it_says_that_it_was_not_checked(
        self, bundle: bytes, trust: Trust
    ) -> None:
        proven = verify_bundle(bundle, Trust(trust.bureau, trust.regulator))
        assert proven.stamp is NoStamp.NOT_CHECKED

    @pytest.mark.clause("R228/81")
    @pytest.mark.refusal
    @pytest.mark.parametrize(
        "changes",
        [
            {"message_tsr": b"x"},
            {"message_tsr": None},
            {"certificates__tsa_crt": b"x"},
            {"certificates__tsa_crt": None},
        ],
    )
    def test_a_bundle_whose_stamp_was_changed_is_refused(
        self, bundle: bytes, trust: Trust, changes: dict[str, bytes | None]
    ) -> None:
        assert verify_bundle(repacked(bundle), trust)
        with pytest.raises(ProofRefused):
            verify_bundle(repacked(bundle, **changes), trust)

    @pytest.mark.refusal
    def test_the_stamp_of_another_message_is_refused(
        self, bundle: bytes, enqueue: Callable[..., Message], channel: Channel, house: House, trust: Trust
    ) -> None:
        other = enqueue()
        channel.seal(other)
        house.stamper().work()
        response = bytes(TimeStamp.objects.get(message=other).response)
        with pytest.raises(ProofRefused, match="something else"):
            verify_bundle(repacked(bundle, message_tsr=response), trust)

    @pytest.mark.refusal
    def test_another_authority_than_the_pinned_one_is_refused(self, bundle: bytes, trust: Trust) -> None:
        other = Identity(keys.new_ec(), "signing", extended=(ExtendedKeyUsageOID.TIME_STAMPING,)).certificate
        with pytest.raises(ProofRefused, match="somebody else"):
            verify_bundle(bundle, Trust(trust.bureau, trust.regulator, (other,)))
        assert verify_bundle(bundle, Trust(trust.bureau, trust.regulator, (other, *trust.authority)))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="NOT RUN: the openssl program is missing")
class TestByHand:
    """What the README in a stamped bundle says, done to the letter by a shell."""

    @pytest.fixture
    def unpacked(self, stamped: Message, tmp_path: Path) -> Path:
        folder = tmp_path / "bundle"
        zipfile.ZipFile(io.BytesIO(queries.proof_bundle(stamped))).extractall(folder)
        return folder

    @pytest.mark.parametrize("language", ["kk", "ru", "en"])
    def test_every_command_of_the_readme_succeeds(self, unpacked: Path, language: str) -> None:
        assert len(commands(unpacked, language)) == 12
        follow(unpacked, language)

    @pytest.mark.refusal
    def test_the_stamp_of_another_message_shows(
        self, unpacked: Path, enqueue: Callable[..., Message], channel: Channel, house: House
    ) -> None:
        """Even with every sum made right."""
        other = enqueue()
        channel.seal(other)
        house.stamper().work()
        (unpacked / layout.STAMP).write_bytes(bytes(TimeStamp.objects.get(message=other).response))
        right = "sha256sum $(cut -c 67- SHA256SUMS) > x; mv x SHA256SUMS"
        subprocess.run(["bash", "-c", right], cwd=unpacked, check=True)
        with pytest.raises(subprocess.CalledProcessError) as failed:
            follow(unpacked)
        assert "openssl ts -verify" in failed.value.cmd[-1]


class TestChecks:
    """What is missing for long is told; that there is no authority is said and counts as no fault."""

    def found(self, instance: Instance, after: timedelta) -> tuple[bool, str]:
        (check,) = [check for check in channel_checks.CHECKS if check.name == "asoi:unstamped"]
        (result,) = examine([check], Asked(instance, now() + after))
        return result.ok, result.reason

    def test_both_sides_of_our_patience(self, sealed: Message, instance: Instance) -> None:
        Message.objects.filter(pk=sealed.pk).update(exercise=False)
        patience = timedelta(seconds=TsaSettings("").missing_after)
        assert self.found(instance, patience - timedelta(minutes=1))[0]
        ok, reason = self.found(instance, patience + timedelta(minutes=1))
        assert not ok
        assert "1 sealed message has no time-stamp yet" in reason

    @pytest.mark.usefixtures("stamped")
    def test_a_stamp_ends_it(self, instance: Instance) -> None:
        assert self.found(instance, timedelta(days=1))[0]

    @pytest.mark.usefixtures("sealed")
    def test_without_an_authority_it_is_said_and_no_fault(self, instance: Instance, tmp_path: Path) -> None:
        own = copy_of(instance, tmp_path / "without")
        path = own.home / "senim.toml"
        path.write_text(re.sub(r"\[asoi\.tsa\]\n(\w+ = .*\n)+", "", path.read_text()))
        ok, reason = self.found(Instance.load(own.home), timedelta(days=1))
        assert ok
        assert "names no time-stamping authority" in reason
        assert "no time-stamping authority" not in self.found(instance, timedelta(0))[1]
