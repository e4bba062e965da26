"""Why a seal is not accepted: one name a reason."""


class SealRefused(Exception):
    """A signature or an envelope that is not accepted."""


class NotSignedData(SealRefused):
    """Not the DER of SignedData in our form."""


class AlgorithmNotAllowed(SealRefused):
    """Another digest or signature algorithm than ours."""


class NotTheSigner(SealRefused):
    """Signed by somebody else than the one whose certificate is pinned."""


class CertificateNotGood(SealRefused):
    """The certificate was not valid at that time, or is not meant for this use."""


class ContentChanged(SealRefused):
    """The content is not the one that was signed."""


class SignatureWrong(SealRefused):
    """The signature does not belong to the key of the certificate."""


class CannotOpen(SealRefused):
    """The envelope does not open. Why is never told: whoever could ask why could learn the key bit by bit."""
