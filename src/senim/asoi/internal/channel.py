"""Everything that one try needs, and one try."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from senim.asoi.adapters import Adapter, InConflict, NotSent
from senim.asoi.adapters.https import Https
from senim.asoi.errors import ReceiptRefused
from senim.asoi.internal import outbox, sealing
from senim.asoi.internal.credentials import Credentials
from senim.asoi.internal.outbox import Acknowledged, Begun
from senim.asoi.internal.pause import pause_after
from senim.asoi.internal.receipts import Opened, open_receipt, require_receipt_for
from senim.asoi.kinds import MessageKind, Route
from senim.asoi.models import Message, Outcome
from senim.asoi.settings import AsoiSettings, asoi_settings
from senim.audit.queries import latest_checkpoint
from senim.kit.bureau import Bureau, bureau
from senim.kit.clock import now
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
        """Seal a queued message. Whether it is sealed now."""
        return bool(self.seal_all([message]))

    def seal_all(self, messages: Sequence[Message]) -> list[UUID]:
        """Seal queued messages with the audit log's latest checkpoint inside. Which are sealed now."""
        done = sealing.seal(
            [message.pk for message in messages],
            self.credentials,
            sender=self.sender,
            recipient=self.settings.recipient,
            checkpoint=latest_checkpoint(),
        )
        if done.refused is not None:
            log.warning("%s cannot be sealed: %s", done.refused.subject, done.refusal)
            detail = f"{type(done.refusal).__name__}: {done.refusal}"
            pause = pause_after(done.refused.tries, self.settings)
            outbox.note_unsealable(done.refused.pk, detail, pause=pause)
        return [message.pk for message in done.messages]

    def _way_of(self, message: Message) -> Adapter:
        # R228/81/state-participation, R228/81-1/state-participation, R228/81-2/state-participation: events and
        # incidents may go through the National Bank. The yearly information of R228/79 may not: it goes to the
        # regulator itself. Nobody on the way could see to that, for what travels is sealed.
        if self.national_bank is not None and MessageKind(message.kind).may_go_by_national_bank:
            return self.national_bank
        return self.adapter

    def attempt(self, begun: Begun) -> "Result":
        """Try once to deliver a message and check what comes back. Asks no database, so that many can try at once."""
        message = begun.message
        try:
            answer = self._way_of(message).send(message.pk, bytes(message.sealed or b""))
            opened = open_receipt(answer, self.credentials)
            require_receipt_for(message, opened, now=now())
        except (NotSent, ReceiptRefused) as failure:
            return Result(begun, failure=failure)
        return Result(begun, opened)

    def settle(self, results: Sequence["Result"]) -> None:
        """Write down how tries went: all receipts that hold together, and each failure."""
        come = [Acknowledged(each.opened, each.begun.attempt) for each in results if each.opened is not None]
        if come:
            outbox.accept_receipts(come, came_by="https", actor=outbox.SENDER)
        for each in results:
            if each.failure is not None:
                self._note(each.begun, each.failure)

    def _note(self, begun: Begun, failure: NotSent | ReceiptRefused) -> None:
        message, attempt = begun.message, begun.attempt
        pause = pause_after(message.tries, self.settings)
        if isinstance(failure, InConflict):
            log.warning("%s: the regulator has other content under this identifier", message.subject)
            outbox.refuse_in_conflict(attempt, str(failure))
        elif isinstance(failure, NotSent):
            log.warning("%s not delivered: %s: %s", message.subject, failure.outcome, failure)
            outbox.fail_attempt(attempt, failure.outcome, str(failure), pause=pause)
        else:
            log.warning("%s: receipt not accepted: %s", message.subject, failure.code)
            detail = f"{failure.code} {failure.detail}".strip()
            outbox.fail_attempt(attempt, Outcome.RECEIPT_REFUSED, detail, pause=pause, code=failure.code)

    def deliver(self, pk: UUID) -> None:
        """Try once to deliver the message `pk`, and write down how it went."""
        self.settle([self.attempt(begun) for begun in outbox.begin_attempts([pk], self.credentials)])

    def close(self) -> None:
        """Let go of what its ways keep between tries."""
        for way in (self.adapter, self.national_bank):
            if way is not None:
                way.close()


@dataclass(frozen=True)
class Result:
    """How a try went: with a receipt that holds, or with what was wrong."""

    begun: Begun
    opened: Opened | None = None
    failure: NotSent | ReceiptRefused | None = None
