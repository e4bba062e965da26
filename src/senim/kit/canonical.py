"""Canonical JSON (RFC 8785): the same value always has the same bytes, so bytes can be hashed and signed."""

import hashlib
import json
from typing import Any

import rfc8785


def dumps(value: Any) -> bytes:
    """`value` as canonical JSON. Raises `ValueError` for what JSON cannot say (a set, a date, an integer past 2^53)."""
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
