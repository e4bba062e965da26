"""Without which telemetry a rule cannot come true.

A rule of single events needs one of the kinds of telemetry that it looks at; one that counts needs one of its members;
one that asks for several of its members needs as many of them. So a need is always: at least so many of these.
"""

from typing import TypedDict

from senim.detection.internal.building import Base, Correlation
from senim.detection.internal.correlate import Kind
from senim.detection.internal.ruleset import Ruleset


class Needs(TypedDict):
    """At least so many of these: kinds of telemetry, or other needs."""

    least: int
    of: list["str | Needs"]


def of_telemetry(*kinds: str) -> Needs:
    """One of `kinds`."""
    return Needs(least=1, of=[*kinds])


def needs_of(rules: Ruleset, rule: str) -> Needs:
    """What `rule` needs. Raises `KeyError` where it is not loaded."""
    known: Base | Correlation = rules.bases.get(rule) or rules.correlations[rule]
    if isinstance(known, Base):
        return of_telemetry(*known.kinds)
    return Needs(least=_least(known), of=[needs_of(rules, member.rule) for member in known.members])


def _least(rule: Correlation) -> int:
    """How many of its members must come true: of events that are counted, those of one suffice."""
    return rule.condition.least if rule.condition.kind in {Kind.TEMPORAL, Kind.TEMPORAL_ORDERED} else 1
