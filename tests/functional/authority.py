"""A certificate authority of a test's own: unconstrained and long-lived, as a bureau's is; no demonstration's."""

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from senim.kit.clock import now

_YEAR = datetime.timedelta(days=365)
_EXTENDED = {"tls-server": ExtendedKeyUsageOID.SERVER_AUTH, "tls-client": ExtendedKeyUsageOID.CLIENT_AUTH}


@dataclass(frozen=True)
class Authority:
    """Issues what a bureau and a regulator have issued."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def fresh(cls) -> "Authority":
        """A new one, valid for ten years, without constraints."""
        key = ec.generate_private_key(ec.SECP384R1())
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "KZ"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Сенім білдіру орталығы"),
                x509.NameAttribute(NameOID.COMMON_NAME, "Root CA 2026"),
            ]
        )
        made = _builder(name, name, key.public_key(), lasts=10 * _YEAR)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        return cls(key, made.add_extension(_usage("ca"), critical=True).sign(key, hashes.SHA384()))

    @property
    def pem(self) -> bytes:
        """Its certificate."""
        return self.certificate.public_bytes(Encoding.PEM)

    def certify(self, request: Path, usage: str, *names: str) -> bytes:
        """The certificate for the request at `request`, for `usage` and, where it serves, for these `names`."""
        asked = x509.load_pem_x509_csr(request.read_bytes())
        public = asked.public_key()
        made = _builder(asked.subject, self.certificate.subject, public, lasts=_YEAR)
        made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        made = made.add_extension(_usage(usage), critical=True)
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        made = made.add_extension(issuer, critical=False)
        if usage in _EXTENDED:
            made = made.add_extension(x509.ExtendedKeyUsage([_EXTENDED[usage]]), critical=False)
        if names:
            known = x509.SubjectAlternativeName([_name(name) for name in names])
            made = made.add_extension(known, critical=False)
        return made.sign(self.key, hashes.SHA384()).public_bytes(Encoding.PEM)


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _builder(
    subject: x509.Name, issuer: x509.Name, public: object, *, lasts: datetime.timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)  # type: ignore[arg-type]
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - datetime.timedelta(hours=1))
        .not_valid_after(now() + lasts)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)  # type: ignore[arg-type]
    )


def _usage(usage: str) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=usage in {"tls-server", "tls-client", "signing"},
        content_commitment=False,
        key_encipherment=usage == "encryption",
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=usage == "ca",
        crl_sign=usage == "ca",
        encipher_only=False,
        decipher_only=False,
    )
