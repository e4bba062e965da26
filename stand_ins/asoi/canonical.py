"""Canonical JSON (RFC 8785), written from the RFC: what arrives must be in this form and no other."""

import json
import math
from typing import Any

_LARGEST = 2**53 - 1
"""Beyond this a JSON number is not exact in every reader (RFC 8785 §3.2.2.3)."""
_DEEPEST = 64


def dumps(value: Any) -> bytes:
    """`value` as canonical JSON. Raises `ValueError` for what JSON cannot say exactly."""
    return (_plain(value) or _text(value, _DEEPEST)).encode()


def loads(data: bytes) -> Any:
    """The value behind canonical JSON. Raises `ValueError` where `data` is anything else."""
    try:
        value = json.loads(data.decode("utf-8"))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if dumps(value) != data:
        raise ValueError("not in canonical form")
    return value


def _plain(value: Any) -> str:
    """`value` by Python's own fast writer, which agrees with the RFC on what is plain; empty where it is not.

    Plain are texts, whole numbers and names in ASCII: no fractions, and no names whose order is a matter of UTF-16.
    """
    layers, depth = [value], 0
    while layers:
        inner: list[Any] = []
        for each in layers:
            match each:
                case dict():
                    if not all(map(str.isascii, each)):
                        return ""
                    inner.extend(each.values())
                case list():
                    inner.extend(each)
                case bool() | None | str():
                    pass
                case int():
                    if abs(each) > _LARGEST:
                        return ""
                case _:
                    return ""
        layers, depth = inner, depth + 1
        if depth >= _DEEPEST:
            return ""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _text(value: Any, depth: int) -> str:
    if depth == 0:
        raise ValueError("nested too deeply")
    match value:
        case None | True | False | str():
            return json.dumps(value, ensure_ascii=False)
        case int():
            if abs(value) > _LARGEST:
                raise ValueError("an integer beyond 2^53")
            return str(value)
        case float():
            return _number(value)
        case list():
            return "[" + ",".join(_text(item, depth - 1) for item in value) + "]"
        case dict():
            names = sorted(value, key=lambda name: name.encode("utf-16-be"))  # §3.2.3: by UTF-16 code units
            return "{" + ",".join(f"{_text(n, depth - 1)}:{_text(value[n], depth - 1)}" for n in names) + "}"
    raise ValueError(f"JSON has no {type(value).__name__}")


def _number(value: float) -> str:
    """As ECMAScript's Number::toString writes it (RFC 8785 §3.2.2.3): `repr` has the same shortest digits."""
    if not math.isfinite(value):
        raise ValueError("not a finite number")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    point = len(whole) + int(exponent or 0)
    led = (whole + fraction).lstrip("0")
    point -= len(whole + fraction) - len(led)
    return sign + _placed(led.rstrip("0"), point)


def _placed(digits: str, point: int) -> str:
    """`digits` with the decimal point after `point` of them, in ECMAScript's choice of notation."""
    count = len(digits)
    if count <= point <= 21:  # noqa: PLR2004 - ECMAScript's own bounds, here and below
        return digits + "0" * (point - count)
    if 0 < point <= 21:  # noqa: PLR2004
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:  # noqa: PLR2004
        return "0." + "0" * -point + digits
    power = f"e{point - 1:+d}"
    return (digits if count == 1 else f"{digits[0]}.{digits[1:]}") + power
