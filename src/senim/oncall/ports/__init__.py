"""The ways by which a letter reaches a person: SMS, webhook, mail, in this order of waking.

Each takes a bounded time, is encrypted (TLS of the law's version at least, the server's certificate checked), and is
told what to say and no more: number, kind, the short name of a target, a link to the console.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

from senim.kit.instance import Instance
from senim.oncall.models import Contact
from senim.oncall.settings import OncallSettings, oncall_settings

SMS, WEBHOOK, MAIL = "sms", "webhook", "mail"
ORDER = (SMS, WEBHOOK, MAIL)
"""Our choice: what rings in a pocket comes before what is read at a desk."""


class NotSent(Exception):
    """A try that failed; the text is a short detail without address and contents."""


@dataclass(frozen=True)
class Parcel:
    """What leaves."""

    letter: UUID
    """The same at every try, so that the receiver can know it again."""
    address: str
    text: str


class Port(Protocol):
    """One way."""

    def send(self, parcel: Parcel) -> None:
        """Bring it there. Raises `NotSent`; takes a bounded time."""


def ways_to(contact: Contact, instance: Instance) -> list[tuple[str, str]]:
    """The ports by which `contact` can be reached here, each with the address, in the order of waking."""
    return list(_ways(contact, oncall_settings(instance)))


def _ways(contact: Contact, known: OncallSettings) -> Iterator[tuple[str, str]]:
    if known.sms and contact.phone:
        yield SMS, contact.phone
    if known.webhook and contact.webhook and is_allowed(contact.webhook, known.webhook.hosts):
        yield WEBHOOK, contact.webhook
    if known.mail and contact.email:
        yield MAIL, contact.email


def is_allowed(address: str, hosts: tuple[str, ...]) -> bool:
    """Whether `address` is HTTPS at one of `hosts`: whoever edits a contact must not choose where the house posts."""
    url = urlsplit(address)
    return (
        url.scheme == "https" and "@" not in url.netloc and bool({url.netloc, url.hostname} & set(hosts) - {None, ""})
    )
