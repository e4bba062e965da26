"""Canonical JSON (RFC 8785): the same value always has the same bytes, so bytes can be hashed and signed.

Most of what we write is plain: texts, whole numbers, lists, and records with names in ASCII. Of that msgspec's writer
makes the very same bytes as the reference, ten times as fast; everything else goes to the reference
(`tests/kit/test_canonical.py` holds one against the other).
"""

import hashlib
import json
from typing import Any

import msgspec
import rfc8785

_LARGEST = 2**53 - 1
"""Beyond this a JSON number is not exact in every reader (RFC 8785 §3.2.2.3)."""
_NESTS = frozenset({dict, list, tuple})
_KINDS = _NESTS | {str, int, bool, type(None)}
_MOST = 1_000_000
"""Nests in one value; one that holds itself has more."""
_encoder = msgspec.json.Encoder(order="sorted")


def dumps(value: Any) -> bytes:
    """`value` as canonical JSON. Raises `ValueError` for what JSON cannot say (a set, a date, an integer past 2^53)."""
    try:
        return _encoder.encode(value) if _is_plain(value) else rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise ValueError(f"this value has no canonical JSON: {error}") from error


def loads(data: bytes) -> Any:
    """The value behind canonical JSON.

    Raises `ValueError` where `data` is not JSON, or is JSON but not in its canonical form: two spellings of one value
    would give one message two hashes. Likewise where it is nested deeper than anything we write.
    """
    try:
        value = json.loads(data)
        canonical = dumps(value)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if canonical != data:
        raise ValueError("this is JSON, but not in canonical form (RFC 8785)")
    return value


def sha256(data: bytes) -> str:
    """Lower-case hexadecimal SHA-256 of `data`."""
    return hashlib.sha256(data).hexdigest()


def _is_plain(value: Any) -> bool:
    """Whether two writers cannot differ about `value`.

    No fractions, whose digits are ECMAScript's; no name beyond ASCII, for names are sorted by their UTF-16; nothing of
    a kind that JSON has no word for, however like one it looks.
    """
    nests: list[Any] = [[value]]
    names = set[str]()
    for nest in nests:  # which grows by what is found inside
        if type(nest) is dict:
            if not names.issuperset(nest):
                if not all(type(name) is str and name.isascii() for name in nest):
                    return False
                names.update(nest)
            nest = nest.values()  # noqa: PLW2901 - names are done with
        kinds = set(map(type, nest))
        if not kinds <= _KINDS or (int in kinds and not all(map(_is_exact, nest))):
            return False
        if not kinds.isdisjoint(_NESTS):
            nests.extend(each for each in nest if type(each) in _NESTS)
        if len(nests) > _MOST:
            return False
    return True


def _is_exact(value: Any) -> bool:
    return type(value) is not int or -_LARGEST <= value <= _LARGEST
