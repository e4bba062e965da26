"""What a bureau's message must say, checked field by field before anything is kept."""

import datetime
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from stand_ins.asoi import canonical, checkpoint

RECIPIENT = "ASOI"
"""The name by which a message must call its recipient: one addressed to somebody else is not ours to accept."""

PURPOSES = {
    "IncidentNotice": "R228/81-1",
    "IncidentUpdate": "R228/81-1",
    "EventBatch": "R228/81-2",
    "AnnualReport": "R228/79",
}
"""Kinds of message, each with the clause it is sent under."""

_CLOCK_SKEW = datetime.timedelta(minutes=5)
_BIN = re.compile(r"[0-9]{12}")
_ABOUT = re.compile(r"[a-z][a-z-]*:[0-9A-Za-z._-]{1,100}")
_LONGEST_NAME = 300


class BadMessage(Exception):
    """The signed content is not a message as agreed; the text names the field."""


@dataclass(frozen=True)
class Message:
    """A message as its signed bytes say it."""

    id: UUID
    kind: str
    purpose: str
    sender_bin: str
    sender_name: str
    recipient: str
    sequence: int
    about: str
    corrects: UUID | None
    exercise: bool
    made_at: datetime.datetime
    checkpoint: str | None
    body: dict[str, Any]
    sha256: str
    """Of the signed content: what the receipt repeats."""


def read(content: bytes) -> Message:
    """The message in `content`. Raises `BadMessage`."""
    try:
        said = canonical.loads(content)
    except ValueError as error:
        raise BadMessage(f"the content is not canonical JSON (RFC 8785): {error}") from None
    fields = _Fields(said, "the message", _MEMBERS)
    _demand(fields.whole("version") == 1, "version must be 1")
    kind = fields.one_of("kind", PURPOSES)
    _demand(fields.text("purpose") == PURPOSES[kind], f"purpose of {kind} must be {PURPOSES[kind]}")
    _demand(fields.text("recipient") == RECIPIENT, f"recipient must be {RECIPIENT}")
    sender = _Fields(fields.record("sender"), "sender", {"bin", "name"})
    _demand(_BIN.fullmatch(sender.text("bin")) is not None, "sender.bin must have twelve digits")
    _demand(fields.whole("sequence") >= 1, "sequence starts at 1")
    _demand(_ABOUT.fullmatch(fields.text("about")) is not None, "about must name a thing as kind:identifier")
    identifier, corrects = fields.uuid("id"), None if fields["corrects"] is None else fields.uuid("corrects")
    _demand(corrects != identifier, "a message does not correct itself")
    note = None if fields["checkpoint"] is None else fields.text("checkpoint", longest=4000)
    if note is not None:
        _demand(checkpoint.parse(note) is not None, "checkpoint is not a signed note")
    return Message(
        id=identifier,
        kind=kind,
        purpose=PURPOSES[kind],
        sender_bin=sender.text("bin"),
        sender_name=sender.text("name"),
        recipient=RECIPIENT,
        sequence=fields.whole("sequence"),
        about=fields.text("about"),
        corrects=corrects,
        exercise=fields.flag("exercise"),
        made_at=fields.moment("made_at"),
        checkpoint=note,
        body=fields.record("body"),
        sha256=sha256(content).hexdigest(),
    )


def demand_made_before(message: Message, now: datetime.datetime) -> None:
    """Nothing where `message` was made by `now`, five minutes of clock skew granted. Raises `BadMessage`."""
    _demand(message.made_at <= now + _CLOCK_SKEW, "made_at is in the future")


_MEMBERS = {
    *("version", "id", "kind", "purpose", "sender", "recipient", "sequence"),
    *("about", "corrects", "exercise", "made_at", "checkpoint", "body"),
}


class _Fields:
    """One JSON object, read by name and type."""

    def __init__(self, value: object, name: str, members: set[str]) -> None:
        if not isinstance(value, dict):
            raise BadMessage(f"{name} must be an object")
        missing, unknown = members - value.keys(), value.keys() - members
        _demand(not missing, f"{name} lacks {', '.join(sorted(missing))}")
        _demand(not unknown, f"{name} has members we do not know")
        self._value = value

    def __getitem__(self, name: str) -> object:
        return self._value[name]

    def text(self, name: str, longest: int = _LONGEST_NAME) -> str:
        """A text, neither empty nor longer than `longest` characters."""
        value = self[name]
        if not isinstance(value, str) or not 0 < len(value) <= longest:
            raise BadMessage(f"{name} must be a text of 1 to {longest} characters")
        return value

    def one_of(self, name: str, known: dict[str, str]) -> str:
        """A text out of `known`."""
        value = self.text(name)
        _demand(value in known, f"{name} must be one of {', '.join(known)}")
        return value

    def whole(self, name: str) -> int:
        """A whole number. Python calls True an int; JSON does not."""
        value = self[name]
        if not isinstance(value, int) or isinstance(value, bool):
            raise BadMessage(f"{name} must be a whole number")
        return value

    def flag(self, name: str) -> bool:
        """True or false."""
        value = self[name]
        if not isinstance(value, bool):
            raise BadMessage(f"{name} must be true or false")
        return value

    def record(self, name: str) -> dict[str, Any]:
        """An object."""
        value = self[name]
        if not isinstance(value, dict):
            raise BadMessage(f"{name} must be an object")
        return value

    def uuid(self, name: str) -> UUID:
        """A UUID in its one usual spelling."""
        text = self.text(name)
        try:
            value = UUID(text)
        except ValueError:
            value = None
        if value is None or str(value) != text:
            raise BadMessage(f"{name} must be a UUID in lower case with hyphens")
        return value

    def moment(self, name: str) -> datetime.datetime:
        """An RFC 3339 moment in UTC."""
        text = self.text(name)
        try:
            value = datetime.datetime.fromisoformat(text)
        except ValueError:
            value = None
        if value is None or not text.endswith("Z"):
            raise BadMessage(f"{name} must be an RFC 3339 moment in UTC")
        return value


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise BadMessage(otherwise)
