"""Table `[event_feed]` of senim.toml: which events go to the regulator and what of each; how they are put together.

    [[event_feed.events]]
    kind = "sshd"
    actions = ["password-failed", "password-accepted"]
    fields = ["host", "src_ip"]
    keyed = ["user"]

An instance that names no events has those of `policy.toml` beside this file; one that names any has its own alone.
Nothing goes that is not named (R228/81-2 names no fields: the choice is the bureau's).
"""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senim.kit.instance import SETTINGS_FILE, BadSettings, Instance
from senim.kit.problems import Text
from senim.telemetry.parsers import PARSERS

SMALLEST_BATCH = 250
"""Events that a full batch may be told to have at least, and that are kept together in one row."""
_DEFAULT = Path(__file__).with_name("policy.toml")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_ACTION = re.compile(r"[a-z][a-z0-9:-]{0,63}")
_OWN_CHANNEL = "asoi:"
_KEYED_ONLY = frozenset(
    {"acct", "auid", "cs-username", "recipient", "role", "ruser", "subject", "uid", "user", "by", "maker", "account"}
)
_NEVER = frozenset(
    {"agent", "cmd", "cs-referer", "cs-uri", "cs-uri-query", "cs-uri-stem", "cs-user-agent", "data", "headers_plain"}
    | {"marker", "message", "proctitle", "query", "statement", "text", "uri_decoded", "uri_plain"}
)


class Chosen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Events of one kind of source that go to the regulator, and what of them."""

    kind: str
    """The parser of the source (`telemetry.parsers.PARSERS`)."""
    actions: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    """What the parser calls them; others stay."""
    fields: tuple[str, ...] = ()
    """Fields that go as they stand, as long as they disclose nobody (`disclosure`)."""
    keyed: tuple[str, ...] = ()
    """Fields in whose place their keyed hash goes: alike where the value is alike, and nobody can read it."""


class EventFeedSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[event_feed]`; the figures are our choice."""

    events: tuple[Chosen, ...] = ()
    batch_events: Annotated[int, msgspec.Meta(ge=SMALLEST_BATCH, le=10_000)] = 1_000
    """Events in one batch at most; about 300 bytes each, so far below what a recipient takes at once."""
    batch_seconds: Annotated[float, msgspec.Meta(ge=0, le=3_600)] = 10.0
    """How long the oldest event waits for others before its batch goes, where no batch waits before it."""
    batches_waiting: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 8
    """Batches that may wait at the outbox; further events wait in the feed, ready and small, and make full batches."""
    events_kept: Annotated[int, msgspec.Meta(ge=1)] = 2_000_000
    """Events that may wait in the feed; then it stops reading, and the stream keeps what comes. Seven a second for the
    72 hours in which ASOI may be silent, and what the stream holds besides."""


def event_feed_settings(instance: Instance) -> EventFeedSettings:
    """Table `[event_feed]` with the events of this instance, or of the default.

    Raises `BadSettings` that says where, what and what would do: an unknown kind, a kind named twice, an action or a
    field that is no name or is named twice, a field that must not go or only keyed.
    """
    settings = instance.section("event_feed", EventFeedSettings)
    if not settings.events:
        return msgspec.structs.replace(settings, events=_default())
    counted = Counter(chosen.kind for chosen in settings.events)
    for chosen in settings.events:
        if counted[chosen.kind] > 1:
            raise _bad(instance, chosen, _("the kind is named twice; put its actions into one table"))
        if wrong := next(_wrongs(chosen), None):
            raise _bad(instance, chosen, wrong)
    return settings


def _default() -> tuple[Chosen, ...]:
    return msgspec.convert(tomllib.loads(_DEFAULT.read_text(encoding="utf-8")), EventFeedSettings).events


def _wrongs(chosen: Chosen) -> Iterator[Text]:
    """What is wrong with `chosen`, word by word."""
    if chosen.kind not in PARSERS:
        yield format_lazy(_("the kind is unknown; known are {known}"), known=", ".join(PARSERS))
    for action in chosen.actions:
        if not _ACTION.fullmatch(action):
            yield format_lazy(_("{name} is no action"), name=repr(action))
        if action.startswith(_OWN_CHANNEL):
            told = _("{name} tells of the channel itself: each batch would make events of which the next one tells")
            yield format_lazy(told, name=action)
    for name, number in Counter(chosen.actions + chosen.fields + chosen.keyed).items():
        if number > 1:
            yield format_lazy(_("{name} is named twice"), name=repr(name))
    yield from _wrong_fields(chosen)


def _wrong_fields(chosen: Chosen) -> Iterator[Text]:
    for name in chosen.fields + chosen.keyed:
        if not _NAME.fullmatch(name):
            yield format_lazy(_("{name} is no field"), name=repr(name))
        # R228/81-2 asks for events, not for what people said or whom a stranger named.
        if name in _NEVER:
            yield format_lazy(_("{name} holds what strangers write or what was said: it goes in no form"), name=name)
        if name in _KEYED_ONLY and name in chosen.fields:
            yield format_lazy(_("{name} names a person: it goes keyed or not at all"), name=name)


def _bad(instance: Instance, chosen: Chosen, wrong: Text) -> BadSettings:
    place = f"{instance.home / SETTINGS_FILE}, [[event_feed.events]] kind = {chosen.kind!r}"
    return BadSettings(format_lazy("{place}: {wrong}", place=place, wrong=wrong))
