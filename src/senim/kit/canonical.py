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
_encoder = msgspec.json.Encoder(order="sorted")


def dumps(value: Any) -> bytes:
    """`value` as canonical JSON. Raises `ValueError` for what JSON cannot say (a set, a date, an integer past 2^53)."""
    if _is_plain(value):
        return _encoder.encode(value)
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
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

    No fractions, whose digits are ECMAScript's; no name beyond ASCII, for names are sorted by their UTF-16; no text
    that UTF-8 cannot say; nothing of a kind that JSON has no word for, however like one it looks.
    """
    kind = type(value)
    if kind is str:
        return value.isascii() or _is_utf8(value)
    if kind is int:
        return -_LARGEST <= value <= _LARGEST
    if kind is dict:
        return all(type(name) is str and name.isascii() and _is_plain(each) for name, each in value.items())
    if kind is list or kind is tuple:
        return all(map(_is_plain, value))
    return value is None or kind is bool


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
