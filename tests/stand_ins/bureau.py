"""A bureau that owes nothing to our code: keys, seals and receipts by the `openssl` program, the wire by hand."""

import json
import socket
import ssl
import subprocess
import sys
import uuid
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
_OAEP = [f"rsa_{option}" for option in ("padding_mode:oaep", "oaep_md:sha256", "mgf1_md:sha256")]


def openssl(*arguments: str | Path, given: bytes = b"") -> bytes:
    """What `openssl` prints. Raises `CalledProcessError` where it refuses."""
    command = ["openssl", *(str(argument) for argument in arguments)]
    return subprocess.run(command, input=given, capture_output=True, check=True).stdout


def program(module: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """A stand-in's command, run to its end."""
    command = [sys.executable, "-m", module, *(str(argument) for argument in arguments)]
    return subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)


def asoi(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """A command of the regulator's stand-in."""
    return program("stand_ins.asoi", *arguments)


@dataclass(frozen=True)
class Bureau:
    """A folder with the keys of a bureau and the regulator's certificates."""

    folder: Path
    port: int = 0

    @property
    def regulator(self) -> Path:
        return self.folder / "regulator"

    def request(self, name: str, *kind: str) -> None:
        """Make a key and a certificate request."""
        openssl("genpkey", "-quiet", "-out", self.folder / f"{name}.key", *kind)
        key, out = self.folder / f"{name}.key", self.folder / f"{name}.csr"
        openssl("req", "-new", "-key", key, "-subj", f"/O=A bureau made of openssl/CN={name}", "-out", out)

    def seal(self, content: bytes, *, by: str = "message-signing", to: str = "regulator/encryption") -> bytes:
        """Sign, then encrypt."""
        return self.encrypt(self.sign(content, by=by), to=to)

    def sign(self, content: bytes, *more: str, by: str = "message-signing") -> bytes:
        who = ["-signer", self.folder / f"{by}.crt", "-inkey", self.folder / f"{by}.key"]
        form = ["-binary", "-nodetach", "-md", "sha256", "-outform", "DER"]
        return openssl("cms", "-sign", *form, *who, *more, given=content)

    def encrypt(self, content: bytes, *, to: str = "regulator/encryption", options: tuple[str, ...] = ()) -> bytes:
        keys = [word for option in options or _OAEP for word in ("-keyopt", option)]
        form = ["-encrypt", "-binary", "-aes-256-gcm", "-outform", "DER"]
        return openssl("cms", *form, "-recip", self.folder / f"{to}.crt", *keys, given=content)

    def open_receipt(self, sealed: bytes) -> dict[str, Any]:
        """What a receipt says, once `openssl` has opened it and found the regulator's signature good."""
        signed = self.decrypt(sealed)
        out = self.folder / f"signer-{uuid.uuid4()}.pem"
        trust = ["-CAfile", self.folder / "ca.crt", "-purpose", "any", "-signer", out]
        content = openssl("cms", "-verify", "-binary", "-inform", "DER", *trust, given=signed)
        pinned = self.regulator / "signing.crt"
        assert openssl("x509", "-in", out, "-outform", "DER") == openssl("x509", "-in", pinned, "-outform", "DER")
        receipt: dict[str, Any] = json.loads(content)
        return receipt

    def decrypt(self, sealed: bytes) -> bytes:
        ours = ["-recip", self.folder / "receipt-decryption.crt", "-inkey", self.folder / "receipt-decryption.key"]
        return openssl("cms", "-decrypt", "-binary", "-inform", "DER", *ours, given=sealed)

    def connect(self, client: str | None = "client-tls", **settings: Any) -> ssl.SSLSocket:
        """A TLS connection to the stand-in, as `client` or as nobody."""
        context = ssl.create_default_context(cafile=str(self.folder / "ca.crt"))
        for name, value in settings.items():
            setattr(context, name, value)
        if client is not None:
            context.load_cert_chain(self.folder / f"{client}.crt", self.folder / f"{client}.key")
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        try:
            return context.wrap_socket(plain, server_hostname="localhost")
        except BaseException:
            plain.close()
            raise

    def exchange(self, sent: bytes, **settings: Any) -> bytes:
        """Every byte that comes back on one connection until the other side ends it."""
        with self.connect(**settings) as connection:
            connection.sendall(sent)
            return read_all(connection)

    def post(self, sealed: bytes, **headers: str) -> "Answer":
        """The answer to one delivery."""
        return Answer.read(self.exchange(request(sealed, **headers)))

    def deliver(self, content: bytes) -> "Answer":
        """The answer to one message."""
        return self.post(self.seal(content))


def request(body: bytes, path: str = "/messages", **headers: str) -> bytes:
    """An HTTP request. A header given as an empty text is left out."""
    fields = {
        "Host": "localhost",
        "Content-Type": "application/pkcs7-mime",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items() if value)
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def read_all(connection: ssl.SSLSocket) -> bytes:
    """Every byte until the end, however the end comes."""
    got = bytearray()
    try:
        while piece := connection.recv(65536):
            got += piece
    except ConnectionResetError:
        pass
    return bytes(got)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, taken apart by hand: what came after the promised body is kept."""

    status: int
    length: int
    body: bytes
    rest: bytes

    @classmethod
    def read(cls, came: bytes) -> "Answer":
        head, _, body = came.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in lines[1:])
        length = int(fields["content-length"])
        return cls(int(lines[0].split()[1]), length, body[:length], body[length:])


def message(**changes: Any) -> bytes:
    """The content of a good message, or of one that differs in `changes`, in canonical form.

    Plain `json` gives canonical form here: ASCII names, no fractions.
    """
    said = {
        "version": 1,
        "id": str(uuid.uuid4()),
        "kind": "IncidentNotice",
        "purpose": "R228/81-1",
        "sender": {"bin": "000140000002", "name": "«Үлгі» кредиттік бюросы"},
        "recipient": "ASOI",
        "sequence": 1,
        "about": f"incident:{uuid.uuid4()}",
        "corrects": None,
        "exercise": True,
        "made_at": "2026-11-22T17:00:13.000Z",
        "checkpoint": None,
        "body": {"kind": {"clause": "R228/81-1(2)"}, "account": "root", "events": 7},
    }
    return canonical(said | changes)


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def identifier(content: bytes) -> str:
    return str(json.loads(content)["id"])


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()
