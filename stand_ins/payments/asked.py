"""What the program is asked for, read strictly: a field that is missing, unknown or of another form is refused."""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from stand_ins.payments.old import Item
from stand_ins.payments.refusal import Refused

MOST_ITEMS = 1000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_ACCOUNT = re.compile(r"KZ[0-9]{2}[A-Z0-9]{16}")
_RECIPIENTS = ("client", "lender")
_MOST = 10**15


def fields(body: bytes, needed: tuple[str, ...] = (), possible: tuple[str, ...] = ()) -> dict[str, Any]:
    """The object in `body`. Raises `Refused` (422) unless it has all of `needed` and nothing beside `possible`."""
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        raise _unclear("json") from None
    return _checked(found, needed, possible)


def _checked(found: object, needed: tuple[str, ...], possible: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(found, dict) or not set(needed) <= set(found) <= {*needed, *possible}:
        raise _unclear("fields")
    return found


def name(found: Mapping[str, Any], field: str) -> str:
    """A name of something. Raises `Refused`."""
    value = found[field]
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise _unclear(field)
    return value


def amount(found: Mapping[str, Any]) -> int:
    """Whole tiyn, more than none. Raises `Refused`."""
    value = found["amount"]
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _MOST:
        raise _unclear("amount")
    return value


def account(found: Mapping[str, Any]) -> str:
    """An account number of Kazakhstan's form. Raises `Refused`."""
    value = found["account"]
    if not isinstance(value, str) or not _ACCOUNT.fullmatch(value):
        raise _unclear("account")
    return value


def recipient(found: Mapping[str, Any]) -> str:
    """Whom it is for. Raises `Refused`."""
    if found["recipient"] not in _RECIPIENTS:
        raise _unclear("recipient")
    return str(found["recipient"])


def items(found: Mapping[str, Any]) -> list[Item]:
    """The refunds of a batch. Raises `Refused`."""
    listed = found["items"]
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST_ITEMS:
        raise _unclear("items")
    return [_item(_checked(each, ("refund",), ("approval", "amount", "account"))) for each in listed]


def _item(found: Mapping[str, Any]) -> Item:
    return Item(
        refund=name(found, "refund"),
        approval=name(found, "approval") if "approval" in found else "",
        amount=amount(found) if "amount" in found else None,
        account=account(found) if "account" in found else None,
    )


def _unclear(what: str) -> Refused:
    return Refused(HTTPStatus.UNPROCESSABLE_ENTITY, f"unclear-{what}")
