"""What this room refuses."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from senim.kit.crypto import cms
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


class NotSealed(AsoiProblem):
    """Nothing to export yet."""

    code = "asoi:not-sealed"
    status = 409
    title = _("The message is not sealed yet")
    remedy = _("The process `asoi` seals it within seconds; see whether it runs")


class NoElectronicFormat(AsoiProblem):
    """Events go into ASOI and no other way (R228/81-2)."""

    code = "asoi:no-electronic-format"
    status = 409
    title = _("Events have no electronic format: they go into ASOI only")
    remedy = _("They wait and go by themselves when ASOI answers; see why it does not")


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


def reason(refusal: cms.SealRefused) -> Text:
    """Why a seal is not accepted, for a person."""
    return _REASONS[type(refusal)]


def by_code(code: str) -> type[AsoiProblem]:
    """The refusal that has this code: how a refusal of another process is told here."""
    return next((kind for kind in _kinds(AsoiProblem) if kind.code == code), AsoiProblem)


def _kinds(kind: type[AsoiProblem]) -> Iterator[type[AsoiProblem]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)
