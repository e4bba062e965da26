"""The journal of a payment system: one JSON object a line for each refund asked for, approved, executed or refused.

    {"at":"2026-11-22T17:00:13.250+05:00","system":"billing","event":"refund-executed","ledger":"client-money",
     "refund":"rf-7","amount":1500000,"recipient":"client-9f86d081884c7d65","user":"bolat",
     "approval":"ap-7","execution":"ex-7"}

Every event has the words of the first two lines; `docs/payments.md` says what each means and how a bureau maps its own
system to them. Besides, `refund-approved` has `approval` and `maker`, `refund-executed` `approval` (empty where the
system asked for none) and `execution`, `refund-refused` `step` and `reason`. `amount` is whole tiyn, an integer and
nothing else. `recipient` is a name that the payment system gave and only it can undo: no account number, no IIN.

Fields are called as the words, `action` as the event; `day` is the date in `at` as written, by whose offset the system
counts its day, `moment` the same in UTC; `marker` comes from the ledger, which whoever asks for a refund cannot name as
he likes. A line that is none of this has the action `refund-unclear`, with `unclear` saying what cannot be understood;
so has a line that leaves its JSON in doubt (a word given twice), one whose event is spelt nearly as one of the four,
and one that names an `execution` under any other event. An object about something else has the action `other`.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from senim.kit.marker import marker_in
from senim.telemetry.frames import Line
from senim.telemetry.parsers import moments, numbers
from senim.telemetry.parsers.observed import OTHER, Fields, Observed, readable

REQUESTED, APPROVED, EXECUTED = "refund-requested", "refund-approved", "refund-executed"
REFUSED, UNCLEAR = "refund-refused", "refund-unclear"
MOST = 10**15
"""Whole tiyn in one refund: ten thousand milliards of tenge, more than any bureau has."""
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._:/-]{0,78}[A-Za-z0-9])?")
_LONGEST_USER = 128


def parse(line: Line, host: str, _zone: str) -> Observed:
    """What `line` says. Never raises."""
    row = _object(line.data)
    fields: Fields = {"host": host, "marker": ""}
    claimed = _moment(row.get("at")) if row else None
    fields |= _record(row, claimed)
    at, basis = moments.believed(claimed and claimed.astimezone(UTC), line.read_at, fields)
    if claimed is None and fields["action"] != OTHER:
        fields["time_flaw"] = "unreadable"
    if fields["action"] in _WORDS:
        own = claimed.tzinfo if claimed is not None else UTC
        fields["day"] = at.astimezone(own).date().isoformat()
        fields["moment"] = at.isoformat()
    return Observed(at, basis, fields, readable(line.data))


def _object(data: bytes) -> dict[str, Any] | None:
    """The object in `data`; None where there is none, or where readers could differ about what it says."""
    try:
        row = json.loads(data, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a word given twice")
    return found


def _moment(text: object) -> datetime | None:
    """`text` as a moment with the offset that it was written with; None where it is none."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
        return moment if moment is not None and moment.astimezone(UTC) and moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _record(row: Mapping[str, Any] | None, claimed: datetime | None) -> Fields:
    """The fields that the words of `row` make."""
    if row is None:
        return {"action": UNCLEAR, "unclear": "line"}
    event = row.get("event")
    if not isinstance(event, str):
        return {"action": UNCLEAR, "unclear": "event"}
    if event not in _WORDS:
        # Nothing that may have moved money is about something else because of a blank or a capital letter.
        is_near = _NO_LETTER.sub("", event.casefold()) in _SPELT or "execution" in row
        return {"action": UNCLEAR, "unclear": "event"} if is_near else {"action": OTHER}
    read = {name: _READ[name](row.get(name)) for name in (*_ALWAYS, *_WORDS[event])}
    unclear = [name for name, value in read.items() if value is None] + ["at"] * (claimed is None)
    known: Fields = {name: value for name, value in read.items() if value is not None}
    known["marker"] = marker_in(str(known.get("ledger", "")))
    if unclear:
        return {**known, "action": UNCLEAR, "unclear": ",".join(sorted(unclear)), "event": event}
    return {**known, "action": event}


def _name(value: object) -> str | None:
    """A name of something; a number that names a person or an account is none."""
    is_one = isinstance(value, str) and _NAME.fullmatch(value) and not numbers.is_there(value)
    return value if isinstance(value, str) and is_one else None


def _name_or_none(value: object) -> str | None:
    return "" if value == "" else _name(value)


def _user(value: object) -> str | None:
    """A person as one spelling: nobody becomes a second person by capital letters or look-alike spaces."""
    if not isinstance(value, str) or len(value) > _LONGEST_USER:
        return None
    plain = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    return plain if plain and plain.isprintable() and not numbers.is_there(plain) else None


def _amount(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST else None


_READ: Mapping[str, Callable[[object], str | int | None]] = {
    "system": _name,
    "ledger": _name,
    "refund": _name,
    "amount": _amount,
    "recipient": _name,
    "user": _user,
    "approval": _name_or_none,
    "maker": _user,
    "execution": _name,
    "step": _name,
    "reason": _name,
}
"""Word → how its value is read; None: not to be understood."""
_ALWAYS = ("system", "ledger", "refund", "amount", "recipient", "user")
_WORDS: Mapping[str, tuple[str, ...]] = {
    REQUESTED: (),
    APPROVED: ("approval", "maker"),
    EXECUTED: ("approval", "execution"),
    REFUSED: ("step", "reason"),
}
"""Event → what it says besides."""
_NO_LETTER = re.compile(r"[^a-z]")
_SPELT = frozenset(_NO_LETTER.sub("", event) for event in _WORDS)
