"""What a rule's alert means to the bureau: the attribute `senim` of a rule file, and which events a rule can see.

senim:
  kind: 2            # the item of R228/81-1; left out where a person must decide
  target: host       # the field that names what was attacked; several are joined by "/"
  actor: src_ip      # who attacked
  account: user      # the account concerned
  marker: user       # the field in which the marker of an exercise would stand (see `kit.marker`); left out where it
                     # cannot: such an alert is never an exercise's
  wait: 20           # seconds; where the condition says `and not`: how much later than the event the others may be read
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import msgspec
from sigma.rule import SigmaLogSource

from senim.detection.errors import RuleRefused
from senim.detection.internal.lateness import LATENESS_S

ATTRIBUTE = "senim"
Field = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]

IncidentKind = Annotated[int, msgspec.Meta(ge=1, le=6)]
"""Six, numbered as the items of R228/81-1."""


class Meaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which kind of incident an alert is, and which fields name its parties."""

    target: Field | Annotated[list[Field], msgspec.Meta(min_length=1, max_length=4)]
    kind: IncidentKind | None = None
    actor: Field | None = None
    account: Field | None = None
    marker: Field | None = None
    wait: Annotated[int, msgspec.Meta(ge=1, le=LATENESS_S)] | None = None

    @property
    def targets(self) -> tuple[str, ...]:
        """The fields of the target."""
        return (self.target,) if isinstance(self.target, str) else tuple(self.target)

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields named, each once."""
        named = [*self.targets, self.actor, self.account, self.marker]
        return tuple(dict.fromkeys(name for name in named if name))


NOT_GRADED = Meaning(target="host")
"""What the alert of a rule without the attribute means: something on a host; a person decides what."""


def meaning_of(attributes: Mapping[str, Any]) -> Meaning | None:
    """The attribute among a rule's `attributes`, None where it has none. Raises `RuleRefused` naming what is wrong."""
    if ATTRIBUTE not in attributes:
        return None
    try:
        return msgspec.convert(attributes[ATTRIBUTE], Meaning)
    except msgspec.ValidationError as error:
        raise RuleRefused(f"attribute `{ATTRIBUTE}`: {error}") from error


def claimed_kind(rule: Mapping[str, Any]) -> int | None:
    """The kind that a rule means to grade, whatever else is wrong with it; None where it names none of the six."""
    attribute = rule.get(ATTRIBUTE)
    try:
        return msgspec.convert(attribute.get("kind"), IncidentKind) if isinstance(attribute, dict) else None
    except msgspec.ValidationError:
        return None


_EVENTS_OF = {
    "sshd": SigmaLogSource(product="linux", service="sshd"),
    "heartbeat": SigmaLogSource(category="heartbeat"),
    "platform": SigmaLogSource(product="senim"),
    "auditd": SigmaLogSource(product="linux", service="auditd"),
    "postgresql": SigmaLogSource(product="postgresql", category="database"),
    "malware": SigmaLogSource(category="antivirus", product="senim-malware"),
    "nginx-json": SigmaLogSource(category="webserver", product="nginx"),
    "nginx-combined": SigmaLogSource(category="webserver"),  # nginx's or Apache's: it does not say
    "door": SigmaLogSource(category="webserver", service="door"),
    "meter": SigmaLogSource(category="meter"),
    "payments": SigmaLogSource(category="payment"),
}
"""Kind of telemetry → how Sigma calls it."""


def telemetry_of(source: SigmaLogSource) -> tuple[str, ...]:
    """The kinds of telemetry that `source` speaks of: a rule for all of Linux sees sshd as well.

    Raises `RuleRefused` where this platform collects none of them: such a rule would be silent for ever.
    """
    kinds = tuple(kind for kind, described in _EVENTS_OF.items() if described in source)
    if not kinds:
        raise RuleRefused(f"no telemetry for logsource {'/'.join(_named(source))}: the rule could never see an event")
    return kinds


def _named(source: SigmaLogSource) -> Iterator[str]:
    for name in ("category", "product", "service"):
        if value := getattr(source, name):
            yield f"{name}={value}"
