"""Whether a line has the form that its kind has: a log whose format changed looks like one in which nothing happens.

Clauses: R228/81-2 (what is collected and says nothing is not passed off as analysed).
"""

from collections.abc import Callable, Mapping

from senim.telemetry.parsers import payments, sshd
from senim.telemetry.parsers.observed import OTHER, Observed

_WEIGHT, _WORST = 3, 90
STRANGE = 60
"""From this strangeness on nobody can tell what a source says: twenty lines without form in a row, or many in a few."""


def strangeness(before: int, *, has_form: bool) -> int:
    """How strange a source is after its next line, where it was `before`; 0 where all is as it should be.

    A line without form weighs as much as three with it: where more than a quarter have none it grows, so that one good
    line in ten hides nothing. From the worst it takes thirty good lines back.
    """
    return max(before - 1, 0) if has_form else min(before + _WEIGHT, _WORST)


def in_form(kind: str, seen: Observed) -> bool | None:
    """Whether the line of which a parser of `kind` says `seen` has that form.

    None where that cannot be told: another program, which shares the file, wrote it.
    """
    return _LOOKS.get(kind, _is_understood)(seen)


def _is_understood(seen: Observed) -> bool:
    return seen.fields["action"] != OTHER


def _of_auditd(seen: Observed) -> bool:
    return "type" in seen.fields  # most records say nothing that a rule asks for


def _of_payments(seen: Observed) -> bool:
    return seen.fields["action"] != payments.UNCLEAR or "event" in seen.fields


def _of_postgresql(seen: Observed) -> bool:
    return "message" in seen.fields and seen.fields.get("time_flaw") != "unreadable"


def _of_sshd(seen: Observed) -> bool | None:
    return _is_understood(seen) if seen.fields["program"] in sshd.PROGRAMS else None


_LOOKS: Mapping[str, Callable[[Observed], bool | None]] = {
    "auditd": _of_auditd,
    "payments": _of_payments,
    "postgresql": _of_postgresql,
    "sshd": _of_sshd,
}
"""Kinds of which a line may say nothing and have the form all the same."""
