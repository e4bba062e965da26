"""Everything that one try needs, and one try."""

import logging
from dataclasses import dataclass
from uuid import UUID

from senim.asoi.adapters import Adapter, InConflict, NotSent
from senim.asoi.adapters.https import Https
from senim.asoi.errors import ReceiptRefused
from senim.asoi.internal import outbox
from senim.asoi.internal.credentials import Credentials
from senim.asoi.internal.pause import pause_after
from senim.asoi.internal.receipts import open_receipt, require_receipt_for
from senim.asoi.kinds import MessageKind, Route
from senim.asoi.models import Message, Outcome
from senim.asoi.settings import AsoiSettings, asoi_settings
from senim.audit.queries import latest_checkpoint
from senim.kit.bureau import Bureau, bureau
from senim.kit.clock import now
from senim.kit.crypto import cms
from senim.kit.crypto.token_refusals import TokenRefused
from senim.kit.instance import Instance

log = logging.getLogger(__name__)
ADAPTERS = {"https": Https}


@dataclass(frozen=True)
class Channel:
    """The keys, the way, the settings."""

    credentials: Credentials
    adapter: Adapter
    """The way to the regulator itself."""
    settings: AsoiSettings
    sender: Bureau
    national_bank: Adapter | None = None
    """The way through the National Bank, where it is taken."""

    @classmethod
    def of(cls, instance: Instance) -> "Channel":
        """The channel of `instance`. Raises `NotSealable`, `BadSettings`, `ExposedFile` by what is missing or wrong."""
        settings = asoi_settings(instance)
        new = ADAPTERS[settings.adapter]
        by_bank = settings.route is Route.NATIONAL_BANK
        bank = new(instance, settings, settings.national_bank.url) if by_bank else None
        direct = new(instance, settings, settings.url)
        return cls(Credentials.load(instance), direct, settings, bureau(instance), bank)

    def seal(self, message: Message) -> bool:
        """Seal a queued message with the audit log's latest checkpoint inside. Whether it is sealed now."""
        try:
            return outbox.seal(
                message.pk,
                self.credentials,
                sender=self.sender,
                recipient=self.settings.recipient,
                checkpoint=latest_checkpoint(),
            )
        except (cms.CertificateNotGood, TokenRefused) as refusal:
            log.warning("%s cannot be sealed: %s", message.subject, refusal)
            detail = f"{type(refusal).__name__}: {refusal}"
            outbox.note_unsealable(message.pk, detail, pause=pause_after(message.tries, self.settings))
            return False

    def _way_of(self, message: Message) -> Adapter:
        # R228/81/state-participation, R228/81-1/state-participation, R228/81-2/state-participation: events and
        # incidents may go through the National Bank. The yearly information of R228/79 may not: it goes to the
        # regulator itself. Nobody on the way could see to that, for what travels is sealed.
        if self.national_bank is not None and MessageKind(message.kind).may_go_by_national_bank:
            return self.national_bank
        return self.adapter

    def deliver(self, pk: UUID) -> None:
        """Try once to deliver the message `pk`, and write down how it went."""
        begun = outbox.begin_attempt(pk, self.credentials)
        if begun is None:
            return
        message, attempt = begun
        pause = pause_after(message.tries, self.settings)
        try:
            answer = self._way_of(message).send(message.pk, bytes(message.sealed or b""))
            opened = open_receipt(answer, self.credentials)
            require_receipt_for(message, opened, now=now())
        except InConflict as refusal:
            log.warning("%s: the regulator has other content under this identifier", message.subject)
            outbox.refuse_in_conflict(attempt, str(refusal))
        except NotSent as failure:
            log.warning("%s not delivered: %s: %s", message.subject, failure.outcome, failure)
            outbox.fail_attempt(attempt, failure.outcome, str(failure), pause=pause)
        except ReceiptRefused as refusal:
            log.warning("%s: receipt not accepted: %s", message.subject, refusal.code)
            detail = f"{refusal.code} {refusal.detail}".strip()
            outbox.fail_attempt(attempt, Outcome.RECEIPT_REFUSED, detail, pause=pause, code=refusal.code)
        else:
            outbox.accept_receipt(opened, came_by="https", actor=outbox.SENDER, attempt=attempt)
