"""Issuing: one CA in memory, certificates of five usages."""

import datetime
import ipaddress
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFE = datetime.timedelta(days=90)
POLICY = x509.ObjectIdentifier("2.25.257137428513340519264137210437981265327")
"""What marks a certificate as a demonstration's (an OID under 2.25, ITU-T X.667)."""

HERE = [
    x509.DNSName("localhost"),
    x509.IPAddress(ipaddress.ip_network("127.0.0.0/8")),
    x509.IPAddress(ipaddress.ip_network("::1/128")),
]
_SERVER_NAMES = [
    x509.DNSName("localhost"),
    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    x509.IPAddress(ipaddress.ip_address("::1")),
]
USAGES = ("tls-server", "tls-client", "signing", "encryption", "time-stamping")
_EXTENDED = {
    "tls-server": ExtendedKeyUsageOID.SERVER_AUTH,
    "tls-client": ExtendedKeyUsageOID.CLIENT_AUTH,
    "time-stamping": ExtendedKeyUsageOID.TIME_STAMPING,
}


@dataclass(frozen=True)
class Authority:
    """A CA that exists as long as this object."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def fresh(cls) -> "Authority":
        """A new CA, constrained to names of this machine."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Senim demonstration CA (not for production)")])
        ca = _builder(name, name, key.public_key())
        ca = ca.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        ca = ca.add_extension(x509.NameConstraints(permitted_subtrees=HERE, excluded_subtrees=None), critical=True)
        ca = ca.add_extension(_key_usage("ca"), critical=True)
        return cls(key, ca.sign(key, hashes.SHA256()))

    def issue(self, request: x509.CertificateSigningRequest, usage: str) -> x509.Certificate:
        """A certificate for `request`. Raises `ValueError` where the request does not prove possession of its key."""
        if not request.is_signature_valid:
            raise ValueError("this request is not signed by the key it names")
        public = request.public_key()
        certificate = _builder(request.subject, self.certificate.subject, public)
        certificate = certificate.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        certificate = certificate.add_extension(_key_usage(usage), critical=True)
        certificate = certificate.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False
        )
        if usage in _EXTENDED:
            # RFC 3161 §2.3: of a time-stamping authority it is critical.
            critical = usage == "time-stamping"
            certificate = certificate.add_extension(x509.ExtendedKeyUsage([_EXTENDED[usage]]), critical=critical)
        if usage == "tls-server":
            certificate = certificate.add_extension(x509.SubjectAlternativeName(_SERVER_NAMES), critical=False)
        return certificate.sign(self.key, hashes.SHA256())


def _builder(subject: x509.Name, issuer: x509.Name, public: object) -> x509.CertificateBuilder:
    now = datetime.datetime.now(tz=datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)  # type: ignore[arg-type]
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=5))
        .not_valid_after(now - datetime.timedelta(minutes=5) + LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)  # type: ignore[arg-type]
        .add_extension(x509.CertificatePolicies([x509.PolicyInformation(POLICY, None)]), critical=False)
    )


def _key_usage(usage: str) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=usage in {"tls-server", "tls-client", "signing", "time-stamping"},
        content_commitment=usage == "signing",
        key_encipherment=usage == "encryption",
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=usage == "ca",
        crl_sign=usage == "ca",
        encipher_only=False,
        decipher_only=False,
    )
