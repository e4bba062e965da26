"""From the bytes that came to an arrival that may be kept: open, verify, read, and make out the receipt."""

import datetime
from http import HTTPStatus

from stand_ins.asoi import receipt
from stand_ins.asoi.cms.envelope import CannotOpen, open_envelope
from stand_ins.asoi.cms.signature import NotSigned, verify
from stand_ins.asoi.credentials import Credentials
from stand_ins.asoi.message import BadMessage, demand_made_before, read
from stand_ins.asoi.refusal import Refused
from stand_ins.asoi.store import Arrival


def receive(
    sealed: bytes, ours: Credentials, now: datetime.datetime, clock_error: datetime.timedelta = datetime.timedelta(0)
) -> Arrival:
    """The arrival in `sealed`, received by a clock that is so far ahead of the true one.

    Raises `Refused`: 400 cannot be opened, 403 not the bureau's, 422 not a message.
    """
    now += clock_error
    try:
        signed = open_envelope(sealed, ours.decryption_key, ours.encryption)
        content = verify(signed, ours.bureau_signing, now)
        message = read(content)
        demand_made_before(message, now)
    except CannotOpen as error:
        raise Refused(HTTPStatus.BAD_REQUEST, str(error)) from None
    except NotSigned as error:
        raise Refused(HTTPStatus.FORBIDDEN, str(error)) from None
    except BadMessage as error:
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None
    said = receipt.content(message.id, message.sha256, now)
    return Arrival(
        message=message,
        sealed=sealed,
        signed=signed,
        content=content,
        received_at=now,
        receipt_content=said,
        receipt=receipt.sealed(said, ours, ours.signer, now if clock_error else None),
    )
