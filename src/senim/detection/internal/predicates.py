"""Tests of one event: what a Sigma detection item asks of a field, or of the whole text.

Strings are compared without regard to case unless the rule says `cased`; `*` and `?` are wildcards. A field that the
event does not have satisfies nothing but `null` and `exists: false`.
Source: Sigma specification 2.1, appendix "modifiers".
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from operator import ge, gt, le, lt, ne
from typing import Any

from sigma.types import (
    CompareOperators,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
)

from senim.detection.errors import RuleRefused
from senim.detection.internal.expressions import searcher
from senim.detection.internal.wildcards import Matches, glob

Value = str | int | bool


class Seen:
    """One event as tests look at it; what several tests need is worked out once."""

    __slots__ = ("_folded", "fields", "text")

    def __init__(self, fields: Mapping[str, Value], text: str) -> None:
        self.fields = fields
        self.text = text
        self._folded: dict[str | None, str] = {}

    def plain(self, name: str | None) -> str | None:
        """The field `name` as text, or the whole text for None; None where there is no such field."""
        if name is None:
            return self.text
        value = self.fields.get(name)
        return value if value is None or isinstance(value, str) else _spelt(value)

    def folded(self, name: str | None) -> str | None:
        """`plain` in lower case."""
        found = self._folded.get(name)
        if found is None and (plain := self.plain(name)) is not None:
            found = self._folded[name] = plain.lower()
        return found


Test = Callable[[Seen], bool]


def of_field(name: str, value: SigmaType) -> Test:
    """Whether field `name` is as `value` says. Raises `RuleRefused` for what cannot be tested."""
    for form, test in _FORMS:
        if isinstance(value, form):
            return test(name, value)
    return _of_text(name, value, anchored=True)


def of_text(value: SigmaType) -> Test:
    """Whether `value` occurs anywhere in the event's text (a keyword). Raises `RuleRefused`."""
    if isinstance(value, SigmaExpansion):
        return any_of([of_text(one) for one in value.values])
    if isinstance(value, SigmaNumber) and not isinstance(value, SigmaTimestampPart):
        value = SigmaString(str(value.number))
    if isinstance(value, SigmaString) and not any(part for part in value.s if isinstance(part, str)):
        raise RuleRefused("a keyword without a character occurs in every event")
    return _of_text(None, value, anchored=False)


def any_of(tests: Sequence[Test]) -> Test:
    """Whether one of `tests` holds."""
    if len(tests) == 1:
        return tests[0]

    def holds(seen: Seen) -> bool:
        for test in tests:  # noqa: SIM110 - a generator costs more than the tests
            if test(seen):
                return True
        return False

    return holds


def all_of(tests: Sequence[Test]) -> Test:
    """Whether all of `tests` hold."""
    if len(tests) == 1:
        return tests[0]

    def holds(seen: Seen) -> bool:
        for test in tests:  # noqa: SIM110 - a generator costs more than the tests
            if not test(seen):
                return False
        return True

    return holds


def _spelt(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _of_text(name: str | None, value: SigmaType, *, anchored: bool) -> Test:
    if isinstance(value, SigmaRegularExpression):
        return _on(name, searcher(str(value.regexp), _flags(value.flags)), folded=False)
    if not isinstance(value, SigmaString):
        raise RuleRefused(f"{type(value).__name__} is not supported{'' if name else ' as a keyword'}")
    is_cased = isinstance(value, SigmaCasedString)
    parts: list[str | SpecialChars] = []
    for part in value.s:
        if isinstance(part, str):
            parts.append(part if is_cased else part.lower())
        elif isinstance(part, SpecialChars):
            parts.append(part)
        else:
            raise RuleRefused(f"placeholder %{part.name}% has no value here")
    return _on(name, glob(parts, anchored=anchored), folded=not is_cased)


def _on(name: str | None, matches: Matches, *, folded: bool) -> Test:
    if folded:
        return lambda seen: (text := seen.folded(name)) is not None and matches(text)
    return lambda seen: (text := seen.plain(name)) is not None and matches(text)


def _flags(flags: set[SigmaRegularExpressionFlag]) -> re.RegexFlag:
    found = re.NOFLAG
    for flag in flags:
        found |= SigmaRegularExpression.sigma_to_python_flags[flag]
    return found


def _expanded(name: str, value: SigmaExpansion) -> Test:
    return any_of([of_field(name, one) for one in value.values])


def _missing(name: str, _value: SigmaNull) -> Test:
    return lambda seen: name not in seen.fields


def _there(name: str, value: SigmaExists) -> Test:
    wanted = value.exists
    return lambda seen: (name in seen.fields) is wanted


def _equal_bool(name: str, value: SigmaBool) -> Test:
    wanted = _spelt(value.boolean)
    return lambda seen: seen.folded(name) == wanted


def _unsupported(_name: str, value: SigmaType) -> Test:
    raise RuleRefused(f"{type(value).__name__} is not supported")


def _equal_number(name: str, value: SigmaNumber) -> Test:
    number, spelt = value.number, str(value.number)

    def holds(seen: Seen) -> bool:
        found = seen.fields.get(name)
        if isinstance(found, str):
            return found == spelt
        return found == number and not isinstance(found, bool)

    return holds


_COMPARE: dict[CompareOperators, Callable[[float, float], bool]] = {
    CompareOperators.LT: lt,
    CompareOperators.LTE: le,
    CompareOperators.GT: gt,
    CompareOperators.GTE: ge,
    CompareOperators.NEQ: ne,
}


def _compared(name: str, value: SigmaCompareExpression) -> Test:
    compare, bound = _COMPARE[value.op], value.number.number

    def holds(seen: Seen) -> bool:
        found = _number(seen.fields.get(name))
        return found is not None and compare(found, bound)

    return holds


def _number(value: Value | None) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value
    try:
        return float(value)
    except ValueError:
        return None


def _in_network(name: str, value: SigmaCIDRExpression) -> Test:
    network = value.network

    def holds(seen: Seen) -> bool:
        text = seen.plain(name)
        address = None if text is None else _address(text)
        return address is not None and address in network

    return holds


@lru_cache(maxsize=4096)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _like_other_field(name: str, value: SigmaFieldReference) -> Test:
    def holds(seen: Seen) -> bool:
        own, other = seen.folded(name), seen.folded(value.field)
        if own is None or other is None:
            return False
        if value.starts_with and value.ends_with:
            return other in own
        if value.starts_with:
            return own.startswith(other)
        return own.endswith(other) if value.ends_with else own == other

    return holds


_FORMS: tuple[tuple[type[SigmaType], Callable[[str, Any], Test]], ...] = (
    (SigmaExpansion, _expanded),
    (SigmaNull, _missing),
    (SigmaExists, _there),
    (SigmaCIDRExpression, _in_network),
    (SigmaCompareExpression, _compared),
    (SigmaFieldReference, _like_other_field),
    (SigmaBool, _equal_bool),
    (SigmaTimestampPart, _unsupported),  # is a number to Sigma: named first
    (SigmaNumber, _equal_number),
)
"""How each form of value is tested; everything else is text."""
