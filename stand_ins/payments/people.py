"""Who works with refunds: made-up people, each with a token of his own, kept in one file that only its owner reads."""

import hmac
import json
import os
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from stand_ins.payments.refusal import NotReady, Refused

FILE = "people.json"
TREASURER = "treasurer"
"""Who opens ledgers; the others, clerks, ask for refunds and approve each other's."""
_PEOPLE = {"aliya": "clerk", "bolat": "clerk", "dana": "clerk", "timur": TREASURER}
_SCHEME = "Bearer "


@dataclass(frozen=True)
class Person:
    """Somebody who works here."""

    name: str
    duty: str
    token: str


def init(home: Path) -> None:
    """Make everybody's token, where that has not happened yet."""
    path = home / FILE
    if path.exists():
        return
    known = {name: {"duty": duty, "token": secrets.token_urlsafe(24)} for name, duty in _PEOPLE.items()}
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(known, file, indent=1)


def everybody(home: Path) -> list[Person]:
    """Who works here. Raises `NotReady` before `init`."""
    try:
        known = json.loads((home / FILE).read_text())
    except FileNotFoundError:
        raise NotReady(f"{home / FILE} is missing: run init") from None
    return [Person(name, each["duty"], each["token"]) for name, each in known.items()]


def whose(people: list[Person], authorization: str) -> Person:
    """Who sent the header `authorization`. Raises `Refused` (401) where it is nobody's."""
    if authorization.startswith(_SCHEME):
        token = authorization.removeprefix(_SCHEME).encode()
        for person in people:
            if hmac.compare_digest(person.token.encode(), token):
                return person
    raise Refused(HTTPStatus.UNAUTHORIZED, "who-are-you")
