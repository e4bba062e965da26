"""Sealed deliveries to the stand-in regulator a second: the sender and the stand-in together, on one machine.

The workload: `messages` incidents, each with its first notice, are opened while the sender is held still; then it is
let go, and the time counts until the last receipt is stored. Once with one lane, once with `connections`.

The reference, in the same run: what one message costs in cryptography alone, done bare in one thread of one process
with the very keys of the house: sign and encrypt it, open and verify it, sign and encrypt its receipt, open and verify
that. The same by the `openssl` command stands apart: most of it is starting a program.
"""

import datetime
import json
import random
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from senim.exercises.bench import feed
from senim.exercises.bench.chaos.attacks import Attack
from senim.exercises.bench.chaos.log import Log
from senim.exercises.bench.chaos.stage import Stage
from senim.exercises.bench.feed import Feed
from senim.exercises.bench.house import House, running
from senim.exercises.errors import NotMeasured
from senim.kit.crypto import cms, keys

AIMS = {"deliveries_per_second": 100.0, "feed_events_per_second": 5000.0}
_SENDER, _REGULATOR = "asoi", "stand-in-asoi"
_CONTENT = json.dumps({"body": "x" * 2000}).encode()
"""About as long as a first notice."""
_RECEIPT = json.dumps({"body": "x" * 250}).encode()
_BARE_SECONDS, _COMMANDS = 3.0, 10
_LOOK, _PATIENCE, _SETTLE = 5.0, 300.0, 3.0
Say = Callable[[str], None]


class Cpu(msgspec.Struct, frozen=True):
    """Seconds of processor time for one delivery, of either side."""

    sender: float
    stand_in: float


class Deliveries(msgspec.Struct, frozen=True):
    """What one run of the workload came to."""

    connections: int
    deliveries_per_second: float
    cpu: Cpu
    lost: int
    """Messages without a receipt when patience was over."""


class Asoi(msgspec.Struct, frozen=True):
    """What was measured."""

    deliveries_per_second: float
    connections: int
    bare_per_second: float
    openssl_cli_per_second: float
    ratio: float
    """Deliveries a second over bare ones a second."""
    cpu: Cpu
    feed_events_per_second: float
    """Out of the durable stream until the regulator's receipt; the same as `feed.from_the_stream_per_second`."""
    feed: Feed
    one_connection: Deliveries
    lost: int


def measure(checkout: Path, *, messages: int, connections: int, events: int, say: Say) -> Asoi:
    """Run the workload twice, the reference, and the feed's (`feed`); each run has a house of its own.

    Raises `NotMeasured`.
    """
    one, _bare = _run(checkout, messages, 1, say, with_reference=False)
    many, reference = _run(checkout, messages, connections, say, with_reference=True)
    if reference is None:
        raise NotMeasured("the reference was not measured")
    with running(checkout) as house:
        fed = feed.measure(house, events, say)
    return Asoi(
        deliveries_per_second=many.deliveries_per_second,
        connections=connections,
        bare_per_second=reference.bare,
        openssl_cli_per_second=reference.command,
        ratio=round(many.deliveries_per_second / reference.bare, 3),
        cpu=many.cpu,
        feed_events_per_second=fed.from_the_stream_per_second,
        feed=fed,
        one_connection=one,
        lost=one.lost + many.lost,
    )


@dataclass(frozen=True)
class _Reference:
    bare: float
    command: float


def _run(
    checkout: Path, messages: int, connections: int, say: Say, *, with_reference: bool
) -> "tuple[Deliveries, _Reference | None]":
    with running(checkout, settings={"asoi": f"lanes = {connections}"}) as house:
        stage = Stage(house, Log(house.log_of("sshd")), random.Random(81))  # noqa: S311 - which line comes first
        say(f"{connections} connection(s): opening {messages} incidents while the sender is held still")
        done = _deliveries(stage, messages, connections, say)
        return done, _reference(house, say) if with_reference else None


def _deliveries(stage: Stage, messages: int, connections: int, say: Say) -> Deliveries:
    house = stage.house
    known = len(_notices(house))
    sender, regulator = house.processes()[_SENDER], house.processes()[_REGULATOR]
    # Held still within a transaction it would be cut off by the database after a minute.
    stage.wait_until(lambda: not _messages(house, waiting=True), "receipts for what the house tells by itself")
    time.sleep(_SETTLE)
    sender.suspend()
    try:
        for _number in stage.write([Attack(number) for number in range(messages)], seconds=messages / 100):
            pass
        stage.wait_until(lambda: len(_notices(house)) >= known + messages, "an incident for each attack")
    finally:
        before = (_spent(sender), _spent(regulator))
        began = datetime.datetime.now(tz=datetime.UTC)
        sender.resume()
    say("letting it go")
    _wait_for_receipts(house)
    spent = (_spent(sender) - before[0], _spent(regulator) - before[1])
    told = [one for one in _notices(house) if not one["exercise"]]
    received = [_moment(one["delivered_at"]) for one in told if one["delivered_at"]]
    if not received:
        raise NotMeasured("not one message was delivered")
    took = max(received) - began.timestamp()
    return Deliveries(
        connections=connections,
        deliveries_per_second=round(len(received) / took, 1),
        cpu=Cpu(*(round(each / len(received), 4) for each in spent)),
        lost=messages - len(received),
    )


def _wait_for_receipts(house: House) -> None:
    """Until every message has its receipt or patience is over; asked rarely, because asking takes time from both."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        time.sleep(_LOOK)
        if not _messages(house, waiting=True):
            return


def _notices(house: House) -> list[dict[str, str]]:
    """Messages that tell of incidents; batches of events come at any time."""
    return [one for one in _messages(house, waiting=False) if one["kind"] != "EventBatch"]


def _messages(house: House, *, waiting: bool) -> list[dict[str, str]]:
    asked = ["asoi", "messages", *(["--waiting"] if waiting else []), "--json"]
    found: list[dict[str, str]] = json.loads(house.senim(*asked))
    return found


def _spent(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        raise NotMeasured("a process ended while it was measured: measure again") from None
    return float(times.user + times.system)


def _moment(text: str) -> float:
    return datetime.datetime.fromisoformat(text).timestamp()


@dataclass(frozen=True)
class _Side:
    """The keys of one end: what it signs with, and what it opens with."""

    signing_key: ec.EllipticCurvePrivateKey
    signing: x509.Certificate
    opening_key: rsa.RSAPrivateKey
    opening: x509.Certificate


def _reference(house: House, say: Say) -> _Reference:
    say("the same cryptography, bare")
    bureau, regulator = _sides(house)
    ended, count = time.monotonic() + _BARE_SECONDS, 0
    began = time.monotonic()
    while time.monotonic() < ended:
        _pass_on(_CONTENT, bureau, regulator)
        _pass_on(_RECEIPT, regulator, bureau)
        count += 1
    bare = count / (time.monotonic() - began)
    return _Reference(round(bare, 1), round(_by_command(bureau, regulator), 2))


def _pass_on(content: bytes, sender: _Side, recipient: _Side) -> None:
    """Sign and encrypt at one end, open and verify at the other."""
    sealed = cms.encrypt(cms.sign(content, sender.signing_key, sender.signing), recipient.opening)
    opened = cms.decrypt(sealed, recipient.opening_key, (recipient.opening,))
    if cms.verify(opened, trusted=(sender.signing,)).content != content:
        raise NotMeasured("what was opened is not what was sealed")


def _sides(house: House) -> tuple[_Side, _Side]:
    """Both ends of a demonstration: the bureau's keys and the stand-in's."""
    ours, theirs, trust = house.home / "keys" / "asoi", house.home / "stand_ins" / "asoi", house.home / "trust"
    bureau = _side(ours / "message-signing", ours / "receipt-decryption")
    regulator = _side(theirs / "signing", theirs / "encryption", certificates=trust / "regulator")
    return bureau, regulator


def _side(signing: Path, opening: Path, certificates: Path | None = None) -> _Side:
    def _certificate(key: Path) -> x509.Certificate:
        path = (certificates or key.parent) / f"{key.name}.crt"
        return x509.load_pem_x509_certificates(path.read_bytes())[0]

    signing_key, opening_key = (keys.read(path.with_suffix(".key")) for path in (signing, opening))
    if not isinstance(signing_key, ec.EllipticCurvePrivateKey) or not isinstance(opening_key, rsa.RSAPrivateKey):
        raise NotMeasured("the house signs or opens with keys of another kind")
    return _Side(signing_key, _certificate(signing), opening_key, _certificate(opening))


def _by_command(bureau: _Side, regulator: _Side) -> float:
    """The same passes by the `openssl` program, a second: eight commands each."""
    with tempfile.TemporaryDirectory(prefix="senim-bench-") as folder:
        ends = [_written(Path(folder), "b", bureau), _written(Path(folder), "r", regulator)]
        content = Path(folder) / "content"
        content.write_bytes(_CONTENT)
        began = time.monotonic()
        for _ in range(_COMMANDS):
            for sender, recipient in (ends, ends[::-1]):
                _command(Path(folder), content, sender, recipient)
        return _COMMANDS / (time.monotonic() - began)


def _written(folder: Path, name: str, side: _Side) -> str:
    for purpose, key, certificate in (
        ("sign", side.signing_key, side.signing),
        ("open", side.opening_key, side.opening),
    ):
        plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / f"{name}.{purpose}.key").write_bytes(plain)
        (folder / f"{name}.{purpose}.crt").write_bytes(certificate.public_bytes(Encoding.PEM))
    return name


def _command(folder: Path, content: Path, sender: str, recipient: str) -> None:
    sign = ["-sign", "-in", str(content), "-signer", f"{sender}.sign.crt", "-inkey", f"{sender}.sign.key", "-nodetach"]
    encrypt = ["-encrypt", "-in", "signed", "-aes-256-gcm", "-recip", f"{recipient}.open.crt"]
    encrypt += ["-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"]
    decrypt = ["-decrypt", "-in", "sealed", "-inform", "DER", "-inkey", f"{recipient}.open.key"]
    verify = ["-verify", "-in", "opened", "-inform", "DER", "-certfile", f"{sender}.sign.crt", "-nointern", "-noverify"]
    for step, out in ((sign, "signed"), (encrypt, "sealed"), (decrypt, "opened"), (verify, "verified")):
        form = ["-outform", "DER"] if out in {"signed", "sealed"} else []
        command = ["openssl", "cms", *step, "-binary", *form, "-out", out]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise NotMeasured(f"openssl: {done.stderr.strip()[-200:]}")
