"""Certificates made for one test: self-signed, of any usage and time."""

import datetime
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from senim.kit.clock import now
from senim.kit.crypto import keys

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Identity:
    """A key and its certificate."""

    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    usage: str
    starts: datetime.timedelta = -DAY
    ends: datetime.timedelta = DAY
    demonstration: bool = False
    extended: tuple[x509.ObjectIdentifier, ...] = ()
    critical: bool = True
    """Of the extended usages, whether they are critical."""
    certificate: x509.Certificate = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "certificate", self._certificate())

    def _certificate(self) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"«Үлгі» {self.usage}")])
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now() + self.starts)
            .not_valid_after(now() + self.ends)
        )
        if self.usage:
            builder = builder.add_extension(key_usage(self.usage), critical=True)
        if self.extended:
            builder = builder.add_extension(x509.ExtendedKeyUsage(self.extended), critical=self.critical)
        if self.demonstration:
            policy = x509.PolicyInformation(keys.DEMONSTRATION_POLICY, None)
            builder = builder.add_extension(x509.CertificatePolicies([policy]), critical=False)
        return builder.sign(self.key, hashes.SHA256())


def key_usage(usage: str) -> x509.KeyUsage:
    """The extension for `signing`, `commitment`, `encryption`, or any other word: nothing of these."""
    return x509.KeyUsage(
        digital_signature=usage == "signing",
        content_commitment=usage == "commitment",
        key_encipherment=usage == "encryption",
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=usage not in {"signing", "commitment", "encryption"},
        encipher_only=False,
        decipher_only=False,
    )
