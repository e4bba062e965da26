"""Why a key on a token does not sign: one name a reason. Known also where no token can be used at all."""


class TokenRefused(Exception):
    """A signature that a token did not give."""


class NoModule(TokenRefused):
    """The module that speaks to the token is not there, or is none; or what loads it is not installed."""


class TokenAway(TokenRefused):
    """There is no such token now, or it fails. It may come back."""


class PinRefused(TokenRefused):
    """The token does not take the PIN. It is not asked again: a few wrong ones lock a token for good."""


class NoSuchKey(TokenRefused):
    """The token has no key of that name, or not exactly one on P-256."""


class WrongKey(TokenRefused):
    """The token signed, and not with the key that the certificate names."""
