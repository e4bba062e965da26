"""A Sigma rule's condition compiled to one test of an event."""

from collections.abc import Iterator

from sigma.conditions import (
    ConditionAND,
    ConditionFieldEqualsValueExpression,
    ConditionNOT,
    ConditionOR,
    ConditionValueExpression,
)
from sigma.modifiers import SigmaEndswithModifier, SigmaStartswithModifier
from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaRule

from senim.detection.errors import RuleRefused
from senim.detection.internal.own_news import is_own_news
from senim.detection.internal.predicates import Seen, Test, all_of, any_of, of_field, of_text

_LEGACY_WINDOW = "timeframe"
_TAG_FIELDS = frozenset({"tag", "action"})


def compiled(rule: SigmaRule) -> Test:
    """The test that holds for the events `rule` describes; several conditions are alternatives.

    Raises `RuleRefused` with the reason, or pySigma's `SigmaError`, where it cannot be carried out.
    """
    if _LEGACY_WINDOW in rule.detection.detections:
        raise RuleRefused("`timeframe` is the old way to count events: write a Sigma correlation rule")
    for item in _items(rule):
        if item.field is None and {SigmaStartswithModifier, SigmaEndswithModifier} & set(item.modifiers):
            raise RuleRefused("startswith and endswith need a field: a keyword occurs anywhere")
        if item.field in _TAG_FIELDS and any(is_own_news(str(value)) for value in item.value):
            raise RuleRefused("waits for news of detection itself, which detection does not look at: it would go round")
    return any_of([_node(condition.parsed) for condition in rule.detection.parsed_condition])


def _items(rule: SigmaRule) -> Iterator[SigmaDetectionItem]:
    waiting: list[SigmaDetection | SigmaDetectionItem] = list(rule.detection.detections.values())
    while waiting:
        part = waiting.pop()
        if isinstance(part, SigmaDetectionItem):
            yield part
        else:
            waiting += part.detection_items


def _node(node: object) -> Test:
    if isinstance(node, ConditionFieldEqualsValueExpression):
        return of_field(node.field, node.value)
    if isinstance(node, ConditionValueExpression):
        return of_text(node.value)
    if isinstance(node, ConditionAND):
        return all_of([_node(part) for part in node.args])
    if isinstance(node, ConditionOR):
        return any_of([_node(part) for part in node.args])
    if isinstance(node, ConditionNOT) and node.args:
        return _negated(_node(node.args[0]))
    raise RuleRefused("the condition names no detection, or a selector that fits none")


def _negated(test: Test) -> Test:
    def holds(seen: Seen) -> bool:
        return not test(seen)

    return holds
