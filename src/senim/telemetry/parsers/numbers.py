"""Numbers that name a person or an account: how they look, and lines without them.

Account numbers of Kazakhstan (IBAN, with or without blanks), IIN and BIN, numbers of bank cards; the latter two by
their check digit, so that other long numbers stay what they are. Whole tiyn (`"amount":`) are money and no name.
"""

import re

from senim.kit.identification_number import is_valid

MASK = "*"
_LEFT = 2
_ACCOUNT = rb"[Kk][Zz][0-9]{2}(?: ?[0-9A-Za-z]{4}){4}"
_NUMBER = rb"[0-9]{12,19}"
_CANDIDATE = re.compile(
    rb'"amount"\s*:\s*[0-9]+|(?<![0-9A-Za-z])(?:' + _ACCOUNT + rb"|" + _NUMBER + rb")(?![0-9A-Za-z])"
)
_IIN_DIGITS, _CARD_DIGITS = 12, range(13, 20)


def masked(data: bytes) -> tuple[bytes, int]:
    """`data` with all but the last two characters of each such number masked, and how many there were."""
    count = 0

    def mask(found: re.Match[bytes]) -> bytes:
        nonlocal count
        text = found[0]
        if text.startswith(b'"') or (text.isdigit() and not _names_somebody(text.decode())):
            return text
        count += 1
        return MASK.encode() * (len(text) - _LEFT) + text[-_LEFT:]

    return _CANDIDATE.sub(mask, data), count


def is_there(text: str) -> bool:
    """Whether such a number stands in `text`, or stood there before it was masked."""
    return MASK in text or masked(text.encode())[1] > 0


def _names_somebody(digits: str) -> bool:
    if len(digits) == _IIN_DIGITS:
        return is_valid(digits)
    return len(digits) in _CARD_DIGITS and _luhn(digits)


def _luhn(digits: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0
