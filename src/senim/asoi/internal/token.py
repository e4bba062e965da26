"""The message signing key on a token, where `[asoi.signing]` names one."""

import importlib
import os
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from senim.asoi.errors import problem_of_token
from senim.asoi.settings import SigningSettings
from senim.kit.crypto.token_refusals import NoModule, TokenRefused
from senim.kit.instance import Instance
from senim.kit.secrets import load

if TYPE_CHECKING:  # what it needs is installed only where a token is used
    from senim.kit.crypto.token import Token

_MODULE = "senim.kit.crypto.token"
_PROCESS = "asoi"


def token_key(instance: Instance, wanted: SigningSettings, public: object) -> ec.EllipticCurvePrivateKey:
    """The private half of `public` on the token: it is asked when something is signed, and may be away until then.

    Raises `TokenProblem` where no token can be used here or `public` is no EC key, `BadSettings`, `ExposedFile`.
    """
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise problem_of_token(TokenRefused("the message signing certificate holds no EC key"))
    token = the_token(instance, wanted)
    key: ec.EllipticCurvePrivateKey = importlib.import_module(_MODULE).TokenKey(token, public)
    return key


def the_token(instance: Instance, wanted: SigningSettings) -> "Token":
    """The token that senim.toml names, with the PIN from the secrets of the process. Raises as `token_key` does."""
    os.environ.update(wanted.environment)
    try:
        kind = importlib.import_module(_MODULE).Token
    except ModuleNotFoundError as error:
        raise problem_of_token(NoModule(f"{error.name} is not installed: requirements/token.lock")) from error
    token: Token = kind(wanted.module, wanted.token, wanted.key, load(instance, _PROCESS).token_pin)
    return token


def new_token_key(instance: Instance, wanted: SigningSettings) -> ec.EllipticCurvePrivateKey:
    """The key on the token, for which there may be no certificate yet. Raises as `token_key` does, and asks at once."""
    try:
        return token_key(instance, wanted, the_token(instance, wanted).public_key())
    except TokenRefused as refusal:
        raise problem_of_token(refusal) from refusal
