"""Correlation conditions in words: `happened and not expected`, the one form that is carried out.

Sigma lets temporal correlations say their condition as an expression over rules. What can be seen to come true is that
one thing happened and others, which should have come before it, did not.
"""

from collections.abc import Sequence

from sigma.correlations import (
    CorrelationConditionAND,
    CorrelationConditionItem,
    CorrelationConditionNOT,
    CorrelationConditionOR,
    SigmaExtendedCorrelationCondition,
    SigmaRuleReference,
)

from senim.detection.errors import RuleRefused

_REASON = "a correlation condition in words is supported as `one and not other` only"
Node = CorrelationConditionItem | SigmaRuleReference


def happened_and_not(condition: SigmaExtendedCorrelationCondition) -> tuple[str, ...]:
    """The rules that `condition` names: what happened first, then what did not. Raises `RuleRefused`."""
    parsed = condition.parsed
    if not isinstance(parsed, CorrelationConditionAND):
        raise RuleRefused(_REASON)
    happened = [part.reference for part in parsed.args if isinstance(part, SigmaRuleReference)]
    denied = [part for part in parsed.args if isinstance(part, CorrelationConditionNOT)]
    if len(happened) != 1 or len(denied) + 1 != len(parsed.args):
        raise RuleRefused(_REASON)
    absent = [name for part in denied for name in _any_of(part.args)]
    if len({*happened, *absent}) <= len(absent):
        raise RuleRefused(f"{_REASON}, each rule once")
    return (*happened, *absent)


def _any_of(parts: Sequence[Node]) -> list[str]:
    """The names under one `not`: a rule, or several joined by `or`."""
    found = []
    for part in parts:
        if isinstance(part, SigmaRuleReference):
            found.append(part.reference)
        elif isinstance(part, CorrelationConditionOR):
            found += _any_of(part.args)
        else:
            raise RuleRefused(_REASON)
    return found
