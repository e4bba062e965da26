"""What this room refuses."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from senim.kit.crypto import cms, timestamp
from senim.kit.crypto.token_refusals import NoModule, NoSuchKey, PinRefused, TokenAway, TokenRefused, WrongKey
from senim.kit.problems import Problem, Text


class AsoiProblem(Problem):
    """The regulator channel refuses."""

    code = "asoi:refused"
    title = _("The regulator channel refuses")


class UnsendableBody(AsoiProblem):
    """A body that has no canonical JSON."""

    code = "asoi:unsendable-body"
    title = _("This content cannot be sent")


class ExerciseToRealRegulator(AsoiProblem):
    """An exercise would reach somebody who is not a stand-in."""

    code = "asoi:exercise-to-real-regulator"
    status = 409
    title = _("An exercise must not reach the real regulator")
    remedy = _("Exercises are played on a demonstration instance, whose recipient is a stand-in")


class NotSealable(AsoiProblem):
    """A key or certificate does not let us seal."""

    code = "asoi:not-sealable"
    status = 500
    title = _("The message cannot be sealed")
    remedy = _("Look at the certificates of the message signing key and of the regulator")


class CertificateUnreadable(NotSealable):
    """A file that should hold certificates."""

    code = "asoi:certificate-unreadable"
    title = _("A certificate is missing or does not read as one")
    remedy = _("Put it there in PEM form: the present one first, former ones behind it")


class TokenProblem(NotSealable):
    """The token that has the message signing key does not sign."""

    code = "asoi:token"
    title = _("The token with the message signing key does not sign")


class NoToken(TokenProblem):
    """The settings name none."""

    code = "asoi:no-token"
    title = _("senim.toml names no token ([asoi.signing])")
    remedy = _("The request for the key in the file lies beside it: keys/asoi/message-signing.csr")


class TokenModuleMissing(TokenProblem):
    """Nothing here speaks to it."""

    code = "asoi:token-module"
    remedy = _("Install requirements/token.lock, and let [asoi.signing] module name the library of the token")


class TokenNotThere(TokenProblem):
    """Not plugged in, not reachable, broken."""

    code = "asoi:token-away"
    remedy = _("See that the token is there and that [asoi.signing] token is its label; messages wait for it")


class TokenPinRefused(TokenProblem):
    """Asked no second time."""

    code = "asoi:token-pin"
    remedy = _("Put the right PIN into secrets/asoi.toml (token_pin), then start the process asoi again")


class TokenKeyMissing(TokenProblem):
    """Not on it, or not of the kind that signs messages."""

    code = "asoi:token-key"
    remedy = _("See that [asoi.signing] key is the label of one key pair on it: EC, P-256")


class TokenKeyWrong(TokenProblem):
    """Another one than the certificate's."""

    code = "asoi:token-wrong-key"
    remedy = _("Have a certificate issued for the key on the token: senim asoi request")


class NotSealed(AsoiProblem):
    """Nothing to export yet."""

    code = "asoi:not-sealed"
    status = 409
    title = _("The message is not sealed yet")
    remedy = _("The process `asoi` seals it within seconds; see whether it runs")


class NoFileForm(AsoiProblem):
    """A batch of events as a file."""

    code = "asoi:no-file-form"
    status = 409
    title = _("This message has no electronic format")
    remedy = _("Events go through ASOI alone (R228/81-2): the message waits there and catches up")


class CarriageRefused(AsoiProblem):
    """Carried at a time that cannot be true, by no way, or what nobody needs to carry."""

    code = "asoi:carriage-refused"
    status = 422
    title = _("It is not written down that the file was carried")
    remedy = _(
        "Say when (after it was written as a file, not later than now), how and to whom; only what waits is carried"
    )


class HostKeyMissing(AsoiProblem):
    """Whoever answers at the regulator's SFTP server could be anybody."""

    code = "asoi:carrier-host-key"
    status = 500
    title = _("No host key of the regulator's SFTP server is pinned")
    remedy = _(
        "Put the key that the regulator gave you into trust/regulator/sftp-host.pub (Ed25519, ECDSA P-256, or RSA of"
        " 3072 bits at least); never one that a connection showed"
    )


class NotDelivered(AsoiProblem):
    """No receipt, no proof."""

    code = "asoi:not-delivered"
    status = 409
    title = _("The message has no receipt yet")
    remedy = _("Wait for delivery, or import the receipt as a file")


class UnknownMessage(AsoiProblem):
    """No message has this identifier."""

    code = "asoi:unknown-message"
    status = 404
    title = _("There is no such message")


class Unanswered(AsoiProblem):
    """The process that holds the key has not answered."""

    code = "asoi:unanswered"
    status = 503
    title = _("The process `asoi` has not answered")
    remedy = _("See whether it runs; the file waits for it and will be answered")


class ReceiptRefused(AsoiProblem):
    """A receipt that proves nothing."""

    code = "asoi:receipt-refused"
    status = 422
    title = _("The receipt is not accepted")
    remedy = _("The message counts as not delivered; ask the recipient for the right receipt")


class ReceiptUnreadable(ReceiptRefused):
    """Does not open, or does not hold a receipt."""

    code = "asoi:receipt-unreadable"


class ReceiptNotAsAgreed(ReceiptRefused):
    """Truly signed by the regulator, in another version or form than we read."""

    code = "asoi:receipt-not-as-agreed"
    title = _("The regulator signed a receipt of another form than was agreed")
    remedy = _("Ask the regulator what has changed; the message waits and is tried again")


class ReceiptOfStranger(ReceiptRefused):
    """Not signed by a pinned certificate of the regulator."""

    code = "asoi:receipt-of-stranger"


class ReceiptForAnother(ReceiptRefused):
    """Names another message, or other content."""

    code = "asoi:receipt-for-another"
    title = _("The receipt is for something else")


class ReceiptOutOfTime(ReceiptRefused):
    """Signed, or received by its own word, at a time that cannot be true."""

    code = "asoi:receipt-out-of-time"
    title = _("The receipt names a time that cannot be true")


class ProofRefused(AsoiProblem):
    """A proof that does not hold."""

    code = "asoi:proof-refused"
    status = 422
    title = _("The proof does not hold")


_REASONS = {
    cms.NotSignedData: _("it is not a signed file of the agreed form"),
    cms.AlgorithmNotAllowed: _("it is signed by an algorithm that is not allowed"),
    cms.NotTheSigner: _("it is signed by somebody else than the certificate believed"),
    cms.CertificateNotGood: _("the certificate was not valid then, or is not meant for this"),
    cms.ContentChanged: _("the content is not the one that was signed"),
    cms.SignatureWrong: _("the signature is wrong"),
    cms.CannotOpen: _("the envelope does not open"),
}


_REASONS_OF_STAMPS = {
    timestamp.NotAStamp: _("it is no time-stamp of the agreed form"),
    timestamp.StampNotGranted: _("the authority gave none"),
    timestamp.StampAlgorithmNotAllowed: _("it is signed by an algorithm that is not allowed"),
    timestamp.NotTheAuthority: _("it is signed by somebody else than the certificate believed"),
    timestamp.AuthorityNotGood: _("the certificate was not valid then, or is not meant for this"),
    timestamp.StampForAnother: _("it was given for something else"),
    timestamp.StampNotAskedFor: _("it answers another request"),
    timestamp.PolicyUnknown: _("it was given under a policy that nobody agreed to"),
    timestamp.StampSignatureWrong: _("the signature is wrong"),
}


def reason(refusal: cms.SealRefused) -> Text:
    """Why a seal is not accepted, for a person."""
    return _REASONS[type(refusal)]


def reason_of_stamp(refusal: timestamp.StampRefused) -> Text:
    """Why a time-stamp is not accepted, for a person."""
    return _REASONS_OF_STAMPS[type(refusal)]


_TOKENS: dict[type[TokenRefused], type[TokenProblem]] = {
    NoModule: TokenModuleMissing,
    TokenAway: TokenNotThere,
    PinRefused: TokenPinRefused,
    NoSuchKey: TokenKeyMissing,
    WrongKey: TokenKeyWrong,
}


def problem_of_token(refusal: TokenRefused) -> TokenProblem:
    """Why a token does not sign, for a person."""
    return _TOKENS.get(type(refusal), TokenProblem)(str(refusal))


def by_code(code: str) -> type[AsoiProblem]:
    """The refusal that has this code: how a refusal of another process is told here."""
    return next((kind for kind in _kinds(AsoiProblem) if kind.code == code), AsoiProblem)


def _kinds(kind: type[AsoiProblem]) -> Iterator[type[AsoiProblem]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)
