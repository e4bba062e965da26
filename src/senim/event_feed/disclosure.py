"""What of a value may be read outside the house: nothing that names a person, opens a door or was not expected.

A value that discloses something goes as its keyed hash. The key is this instance's and only the feed's process reads
it: the regulator sees where two values are alike and cannot try out which they are.

Clauses: R228/81-2, R228/81-20(1) (no confidential data given away).
"""

import hmac
import re

from senim.kit.identification_number import is_valid

_PLAIN = re.compile(r"[A-Za-z0-9._:/-]{1,120}")
"""One word of the kind that machines give to machines: no blank, no `@`, no letter of another script."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{24,}")
"""Our choice: names and addresses have shorter words; what is longer may be a key, a token, a session."""
_TWELVE = re.compile(r"(?=([0-9]{12}))")
_HALF_BYTES = {ord(digit): letter for digit, letter in zip("0123456789abcdef", "abcdefghijklmnop", strict=True)}


def discloses(value: str) -> bool:
    """Whether `value` may tell more than a machine's own words: then it goes in no other form than keyed."""
    if _PLAIN.fullmatch(value) is None or _TOKEN.search(value):
        return True
    return any(is_valid(found[1]) for found in _TWELVE.finditer(value))


class Key:
    """The key of one instance under which values are hashed."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def hashed(self, value: str) -> str:
        """The HMAC-SHA256 of `value` in the letters a to p: no run of digits can look like a number of a person.

        Alike for ever where `value` is alike, in every field and source, so that a person can be followed by whoever
        was given leave to ask who it is.
        """
        return hmac.digest(self._secret, value.encode("utf-8", "surrogatepass"), "sha256").hex().translate(_HALF_BYTES)
