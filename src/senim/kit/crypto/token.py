"""A signing key that stays on a token (PKCS#11): an EC key on P-256 that never leaves it.

`TokenKey` is a private key as `cryptography` knows them, which signs and can do nothing else: whoever signs with a key
from a file signs with this one, and the seal and requests for certificates need to know no difference.

Each signature has a session of its own. A token that went away and came back is asked anew, its module started again.
What loads the module, python-pkcs11, is an extra of the installation: this file is imported where a token is named.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NoReturn, TypeVar

import pkcs11
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pkcs11.util.ec import encode_ec_public_key, encode_ecdsa_signature

from senim.kit.crypto.token_refusals import NoModule, NoSuchKey, PinRefused, TokenAway, WrongKey

_Answer = TypeVar("_Answer")
_PIN_REFUSED = (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange, pkcs11.PinExpired, pkcs11.PinLocked)
_NO_KEY = (pkcs11.NoSuchKey, pkcs11.MultipleObjectsReturned)


@dataclass
class Token:
    """Where the key is, and the PIN."""

    module: str
    """The shared library that speaks to the token."""
    label: str
    key: str
    """The label of the key pair on it."""
    pin: str = field(repr=False)
    _is_pin_refused: bool = field(default=False, init=False)

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The public half that the token has. Raises `TokenRefused`."""
        found = self._asked(lambda session: encode_ec_public_key(self._one(session, pkcs11.ObjectClass.PUBLIC_KEY)))
        public = serialization.load_der_public_key(found)
        if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
            raise NoSuchKey(f"the key {self.key} is not on P-256")
        return public

    def sign(self, content: bytes) -> bytes:
        """The ECDSA signature over the SHA-256 of `content`, DER. Raises `TokenRefused`."""
        digest = sha256(content).digest()

        def _signed(session: Any) -> bytes:
            key = self._one(session, pkcs11.ObjectClass.PRIVATE_KEY)
            return bytes(encode_ecdsa_signature(key.sign(digest, mechanism=pkcs11.Mechanism.ECDSA)))

        return self._asked(_signed)

    def _one(self, session: Any, kind: pkcs11.ObjectClass) -> Any:
        return session.get_key(object_class=kind, key_type=pkcs11.KeyType.EC, label=self.key)

    def _asked(self, question: Callable[[Any], _Answer]) -> _Answer:
        """What the token answers, asked a second time where its module lost it."""
        if self._is_pin_refused:
            raise PinRefused(f"the token {self.label} has refused the PIN and is not asked again")
        library = self._library()
        try:
            return self._in_session(library, question)
        except TokenAway:
            try:
                library.reinitialize()
            except pkcs11.PKCS11Error as error:
                raise TokenAway(f"{self.label}: {type(error).__name__}") from error
            return self._in_session(library, question)

    def _in_session(self, library: Any, question: Callable[[Any], _Answer]) -> _Answer:
        try:
            with library.get_token(token_label=self.label).open(user_pin=self.pin) as session:
                return question(session)
        except _PIN_REFUSED as error:
            self._is_pin_refused = True
            raise PinRefused(f"{self.label}: {type(error).__name__}") from error
        except _NO_KEY as error:
            raise NoSuchKey(f"{self.label}: no one key {self.key}") from error
        except pkcs11.PKCS11Error as error:
            raise TokenAway(f"{self.label}: {type(error).__name__}") from error

    def _library(self) -> Any:
        try:
            return pkcs11.lib(self.module)
        except (pkcs11.PKCS11Error, RuntimeError) as error:
            raise NoModule(f"{self.module}: {error}") from error


class TokenKey(ec.EllipticCurvePrivateKey):
    """The private half of `public`, on `token`. The token is asked when something is signed, and not before."""

    def __init__(self, token: Token, public: ec.EllipticCurvePublicKey) -> None:
        self._token, self._public = token, public

    def sign(self, data: bytes, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:  # type: ignore[override]
        """Sign with ECDSA and SHA-256. Raises `TokenRefused`, `WrongKey` among them."""
        if not isinstance(signature_algorithm.algorithm, hashes.SHA256):
            raise TypeError("a key on a token signs with SHA-256")
        signature = self._token.sign(data)
        try:
            self._public.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            raise WrongKey("the key on the token is not the certificate's") from None
        return signature

    def public_key(self) -> ec.EllipticCurvePublicKey:
        """The public half."""
        return self._public

    @property
    def curve(self) -> ec.EllipticCurve:
        """The public half's."""
        return self._public.curve

    @property
    def key_size(self) -> int:
        """In bits."""
        return self._public.key_size

    def exchange(self, *_with: object) -> NoReturn:
        """It signs and does nothing else."""
        raise TypeError("a key on a token only signs")

    def private_numbers(self) -> NoReturn:
        """It does not leave the token."""
        raise TypeError("a key on a token does not leave it")

    def private_bytes(self, *_form: object) -> NoReturn:
        """It does not leave the token."""
        raise TypeError("a key on a token does not leave it")

    def __copy__(self) -> "TokenKey":
        """Itself: there is one."""
        return self

    def __deepcopy__(self, _memo: dict[int, object]) -> "TokenKey":
        """Itself: there is one."""
        return self
