"""What of an audit row is sealed: every field, as canonical JSON.

Rows are read as text, the form in which PostgreSQL keeps no secrets from us: a row that some door wrote past
`operations.record` (a moment at infinity, a number that JSON cannot say) still has exactly one leaf, so nobody can
stop the sealer with a poisonous row.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from senim.audit.internal.merkle import leaf_hash
from senim.kit import canonical

FIELDS = ("id", "at", "actor_kind", "actor_id", "actor_name", "action", "subject", "reason", "detail")
"""Every column of a row. A new column gets a new form of leaf beside this one: old leaves keep theirs."""
COLUMNS = ", ".join(
    {"id": "r.id::text", "at": "extract(epoch FROM r.at)::text", "detail": "r.detail::text"}.get(name, f"r.{name}")
    for name in FIELDS
)
"""The columns as SQL, the row being called `r`: text that depends on no setting of the server."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECONDS = 6
_LARGEST_EXACT = 2**53 - 1
_LONGEST_EXACT = len(f"-{_LARGEST_EXACT}")
_DEEPEST = 64
"""Levels of nesting that are read as JSON. Fixed: the form of a leaf must not hang on how much stack is left."""


class _NoExactForm(ValueError):
    """A number that canonical JSON would round, or values nested too deep."""


def fields(values: Sequence[str]) -> dict[str, object]:
    """The row whose `COLUMNS` are `values`, as the JSON object that is sealed.

    A `detail` that has no exact canonical form stands under `detail_text` as PostgreSQL writes it.
    """
    row: dict[str, object] = dict(zip(FIELDS, values, strict=True))
    row["at"] = _moment(values[FIELDS.index("at")])
    text = values[FIELDS.index("detail")]
    try:
        row["detail"] = json.loads(text, parse_int=_integer, parse_float=_number)
        _require_shallow(row["detail"], _DEEPEST)
    except (_NoExactForm, RecursionError):
        del row["detail"]
        row["detail_text"] = text
    return row


def hash_of(row: dict[str, object]) -> bytes:
    """The leaf hash of the object that `fields` gives."""
    return leaf_hash(canonical.dumps(row))


def _moment(epoch: str) -> str:
    """Seconds since 1970 as RFC 3339 in UTC with microseconds; left as they are where no calendar reaches."""
    try:
        moment = _EPOCH + timedelta(microseconds=int(Decimal(epoch).scaleb(_MICROSECONDS)))
    except OverflowError:
        return epoch
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _require_shallow(value: object, levels: int) -> None:
    if isinstance(value, dict | list):
        if not levels:
            raise _NoExactForm("nested too deep")
        for inner in value.values() if isinstance(value, dict) else value:
            _require_shallow(inner, levels - 1)


def _integer(text: str) -> int:
    # Longer texts are not even read as numbers: Python refuses those of thousands of digits.
    if len(text) > _LONGEST_EXACT or abs(number := int(text)) > _LARGEST_EXACT:
        raise _NoExactForm(text)
    return number


def _number(text: str) -> float:
    number = float(text)
    if Decimal(repr(number)) != Decimal(text):
        raise _NoExactForm(text)
    return number
