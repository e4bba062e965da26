"""No money is moved anywhere but at a stand-in, which shows by its certificate that it is one."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.utils import translation

from senim.exercises.errors import NotPlayed
from senim.exercises.scenario import Stage
from senim.exercises.transfers.office import office
from senim.exercises.transfers.scenario import HonestRefunds, WithoutApproval
from senim.exercises.transfers.settings import payments_settings
from senim.kit.clock import now
from senim.kit.crypto import keys
from senim.kit.instance import BadSettings, Instance
from tests.kit.certificates import DAY


class _Asked(BaseHTTPRequestHandler):
    """Notes what it is asked for."""

    seen: list[str]

    def _note(self) -> None:
        self.seen.append(f"{self.command} {self.path}")
        body = b"{}"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _note  # noqa: N815 - http.server names them so

    def log_message(self, *_arguments: object) -> None:
        """Nothing."""


def certificate(folder: Path, *, made_up: bool) -> Path:
    """A certificate for this machine, self-signed, with or without the policy of demonstrations; the key beside it."""
    key = keys.new_ec()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a payment system")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - DAY)
        .not_valid_after(now() + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    if made_up:
        policy = x509.PolicyInformation(keys.DEMONSTRATION_POLICY, None)
        builder = builder.add_extension(x509.CertificatePolicies([policy]), critical=False)
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "server.key").write_bytes(pem)
    path = folder / "trust" / "ca.crt"
    path.parent.mkdir()
    path.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def served(folder: Path, *, made_up: bool) -> Iterator[tuple[Instance, list[str]]]:
    """An instance whose senim.toml names a payment system that is, or is not, a stand-in; and what that was asked."""
    shown = certificate(folder, made_up=made_up)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, folder / "server.key")
    handler = type("Handler", (_Asked,), {"seen": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    table = f'profile = "demonstration"\n[payments]\nurl = "https://127.0.0.1:{server.server_port}"\n'
    (folder / "senim.toml").write_text(table)
    people = folder / "stand_ins" / "payments"
    people.mkdir(parents=True)
    (people / "people.json").write_text(json.dumps({"timur": {"duty": "treasurer", "token": "t"}}))
    try:
        yield Instance.load(folder), handler.seen
    finally:
        server.shutdown()
        server.server_close()


def test_a_stand_in_is_entered(tmp_path: Path) -> None:
    with served(tmp_path, made_up=True) as (instance, seen), office(Stage(instance)) as payments:
        assert payments.tokens == {"timur": "t"}
        assert seen == ["GET /"]


@pytest.mark.refusal
@pytest.mark.parametrize("scenario", [WithoutApproval(), HonestRefunds()], ids=lambda each: each.name)
def test_anything_else_is_asked_for_nothing(tmp_path: Path, scenario: WithoutApproval | HonestRefunds) -> None:
    with served(tmp_path, made_up=False) as (instance, seen), translation.override("en"):
        with pytest.raises(NotPlayed, match="no stand-in by its certificate"):
            scenario.play(Stage(instance), "exercise-0123456789abcdef")
    assert seen == ["GET /"]


@pytest.mark.refusal
def test_where_none_is_named_there_is_nothing_to_play_with(tmp_path: Path) -> None:
    (tmp_path / "senim.toml").write_text('profile = "demonstration"\n')
    with translation.override("en"), pytest.raises(NotPlayed, match="names no payment stand-in"):
        WithoutApproval().play(Stage(Instance.load(tmp_path)), "exercise-0123456789abcdef")


@pytest.mark.refusal
@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "https://pay.bureau.example", "https://127.0.0.1.example:9"])
def test_a_stand_in_is_on_this_machine(tmp_path: Path, url: str) -> None:
    (tmp_path / "senim.toml").write_text(f'profile = "demonstration"\n[payments]\nurl = "{url}"\n')
    with pytest.raises(BadSettings, match=r"127\.0\.0\.1 only"):
        payments_settings(Instance.load(tmp_path))
