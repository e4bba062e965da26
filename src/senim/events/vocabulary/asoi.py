"""What the regulator channel reports."""

from enum import StrEnum


class AsoiEvent(StrEnum):
    """Alphabetised; a retired one stays as a comment."""

    DELIVERY_FAILED = "asoi:delivery:failed"
    IDENTIFIER_IN_CONFLICT = "asoi:identifier:in-conflict"
    MESSAGE_DELIVERED = "asoi:message:delivered"
    MESSAGE_EXPORTED = "asoi:message:exported"
    MESSAGE_REFUSED = "asoi:message:refused"
    RECEIPT_REFUSED = "asoi:receipt:refused"
