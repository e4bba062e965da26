"""Why a time-stamp is not accepted: one name a reason."""


class StampRefused(Exception):
    """A time-stamp that is not accepted."""


class NotAStamp(StampRefused):
    """Not the DER of a response with one token by one signer."""


class StampNotGranted(StampRefused):
    """The authority answered that it gives none."""


class StampAlgorithmNotAllowed(StampRefused):
    """Another digest or signature algorithm than ours."""


class NotTheAuthority(StampRefused):
    """Signed by somebody else than the authority whose certificate is pinned."""


class AuthorityNotGood(StampRefused):
    """The certificate was not valid at the time in the stamp, or is not meant for time-stamping and that alone."""


class StampForAnother(StampRefused):
    """The stamp is over other bytes."""


class StampNotAskedFor(StampRefused):
    """The stamp answers another request: its nonce is not the one that was sent."""


class PolicyUnknown(StampRefused):
    """Given under a policy that nobody here agreed to."""


class StampSignatureWrong(StampRefused):
    """The signature does not belong to the key of the certificate, or not to what was stamped."""
