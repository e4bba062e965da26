"""AuthEnvelopedData for one recipient: ours in both directions, because `cryptography` has none.

What does not open says nothing of why, in words or in the way it fails.
"""

import os
from collections.abc import Iterable
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from senim.kit.crypto import cms_forms as forms
from senim.kit.crypto.cms_refusals import CannotOpen, CertificateNotGood

_KEY, _NONCE, _TAG = 32, 12, 16
_OAEP: Final = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), label=None)


def encrypt(content: bytes, recipient: x509.Certificate) -> bytes:
    """`content` inside AuthEnvelopedData (DER) that only the owner of `recipient` opens.

    Raises `CertificateNotGood` where the certificate holds no RSA key.
    """
    public = recipient.public_key()
    if not isinstance(public, rsa.RSAPublicKey):
        raise CertificateNotGood("the recipient's certificate holds no RSA key")
    key, nonce = AESGCM.generate_key(_KEY * 8), os.urandom(_NONCE)
    ciphertext = AESGCM(key).encrypt(nonce, content, None)
    enveloped = forms.AuthEnvelopedData(
        version=0,
        recipients=asn1.SetOf(
            [
                forms.Recipient(
                    version=0,
                    recipient=forms.of(recipient),
                    encryption=_oaep_form(),
                    key=public.encrypt(key, _OAEP),
                )
            ]
        ),
        content=forms.EncryptedContent(
            oid=forms.DATA,
            encryption=forms.ContentEncryption(
                oid=forms.AES_256_GCM, parameters=forms.GcmParameters(nonce=nonce, tag_length=_TAG)
            ),
            ciphertext=ciphertext[:-_TAG],
        ),
        tag=ciphertext[-_TAG:],
    )
    return asn1.encode_der(forms.EnvelopedFile(oid=forms.AUTH_ENVELOPED_DATA, content=enveloped))


def decrypt(der: bytes, key: rsa.RSAPrivateKey, certificates: Iterable[x509.Certificate]) -> bytes:
    """The content of `der`, an AuthEnvelopedData for the owner of `key`, by whichever of its `certificates`.

    Raises `CannotOpen`, always the same, whatever is wrong: form, recipient, key, tag.
    """
    try:
        file = asn1.decode_der(forms.EnvelopedFile, der)
        enveloped = file.content
        (recipient,) = enveloped.recipients.as_list()
    except ValueError:
        raise CannotOpen from None
    encryption = enveloped.content.encryption
    ours = (
        file.oid == forms.AUTH_ENVELOPED_DATA
        and enveloped.version == recipient.version == 0
        and any(forms.names(recipient.recipient, certificate) for certificate in certificates)
        and _is_our_oaep(recipient.encryption)
        and enveloped.content.oid == forms.DATA
        and encryption.oid == forms.AES_256_GCM
        and encryption.parameters.tag_length == len(enveloped.tag) == _TAG
        and len(encryption.parameters.nonce) == _NONCE
    )
    if not ours:
        raise CannotOpen
    content_key = _content_key(recipient.key, key)
    try:
        ciphertext = enveloped.content.ciphertext + enveloped.tag
        return AESGCM(content_key).decrypt(encryption.parameters.nonce, ciphertext, None)
    except InvalidTag:
        raise CannotOpen from None


def is_enveloped(der: bytes) -> bool:
    """Whether `der` looks like an envelope (it may still not open); a signed file does not."""
    try:
        return asn1.decode_der(forms.EnvelopedFile, der).oid == forms.AUTH_ENVELOPED_DATA
    except ValueError:
        return False


def _content_key(encrypted: bytes, key: rsa.RSAPrivateKey) -> bytes:
    """The content key, or a random one where there is none: both then fail or pass at the tag, in the same way."""
    instead = os.urandom(_KEY)
    try:
        found = key.decrypt(encrypted, _OAEP)
    except ValueError:
        return instead
    return found if len(found) == _KEY else instead


def _oaep_form() -> forms.KeyEncryption:
    digest = forms.Algorithm(oid=forms.SHA256, parameters=None)
    mask = forms.MaskGeneration(oid=forms.MGF1, digest=digest)
    return forms.KeyEncryption(oid=forms.RSAES_OAEP, parameters=forms.OaepParameters(digest=digest, mask=mask))


def _is_our_oaep(encryption: forms.KeyEncryption) -> bool:
    parameters = encryption.parameters
    named = (encryption.oid, parameters.digest.oid, parameters.mask.oid, parameters.mask.digest.oid)
    return named == (forms.RSAES_OAEP, forms.SHA256, forms.MGF1, forms.SHA256)
