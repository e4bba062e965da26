"""Table `[oncall]` of senim.toml: how long we wait, and the ways to reach people. The figures are our choice.

    [oncall]
    console = "https://console.bureau.kz:8443"
    [oncall.mail]
    host = "mail.bureau.kz"
    sender = "senim@bureau.kz"
    [oncall.sms]
    url = "https://sms.bureau.kz/messages"
    [oncall.webhook]
    hosts = ["chat.bureau.kz"]

What these ways ask for as a secret stands in `secrets/worker.toml`: `mail_password`, `sms_token`, `webhook_key`.
"""

from datetime import timedelta
from typing import Annotated, Literal

import msgspec

from senim.kit.instance import Instance

_Minutes = Annotated[int, msgspec.Meta(ge=1, le=24 * 60)]
_Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]


class Mail(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[oncall.mail]`: the bureau's mail server."""

    host: str
    sender: str
    port: _Port = 587
    security: Literal["starttls", "tls"] = "starttls"
    """How the connection is encrypted; there is no third way."""
    user: str = ""


class Sms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[oncall.sms]`: the gateway (`ports.sms` says how it is spoken to)."""

    url: str


class Webhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[oncall.webhook]`."""

    hosts: tuple[str, ...]
    """`HOST` or `HOST:PORT`: nothing is posted to any other, whatever somebody's contact says."""


class OncallSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[oncall]`."""

    console: str = ""
    """The console's address as people on call reach it: pages lead there."""
    answer_within_minutes: _Minutes = 10
    """How long one person has before the next is woken: time to wake up, sign in with two factors and read. Twice that
    is a third of the hour after which downtime itself is an incident."""
    alert_waits_minutes: _Minutes = 15
    """How long an alert that no rule grades waits for a person at work before one is woken for it."""
    mail: Mail | None = None
    sms: Sms | None = None
    webhook: Webhook | None = None

    @property
    def answer_within(self) -> timedelta:
        """`answer_within_minutes`."""
        return timedelta(minutes=self.answer_within_minutes)

    @property
    def alert_waits(self) -> timedelta:
        """`alert_waits_minutes`."""
        return timedelta(minutes=self.alert_waits_minutes)


def oncall_settings(instance: Instance) -> OncallSettings:
    """Table `[oncall]`. Raises `BadSettings` where it says something unknown."""
    return instance.section("oncall", OncallSettings)
