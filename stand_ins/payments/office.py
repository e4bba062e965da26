"""How refunds are meant to go: asked for by one, approved by another, executed within the limits.

Whatever a control forbids is not done, and the journal says who wanted it and why it was refused.
"""

from dataclasses import dataclass
from http import HTTPStatus

from stand_ins.payments.people import TREASURER, Person
from stand_ins.payments.refusal import Refused
from stand_ins.payments.store import Books, Refund, Store


@dataclass(frozen=True)
class Limits:
    """In whole tiyn; a limit itself is still allowed."""

    refund: int
    """Of one refund."""
    day: int
    """Of what is paid from one ledger in a day."""


class Office:
    """The controlled path."""

    def __init__(self, store: Store, limits: Limits) -> None:
        self._store = store
        self._limits = limits

    def open_ledger(self, who: Person, name: str) -> None:
        """Open a ledger. Raises `Refused` unless the treasurer asks, or where it is open."""
        if who.duty != TREASURER:
            raise Refused(HTTPStatus.FORBIDDEN, "treasurer-only")
        with self._store.writing() as books:
            books.open_ledger(name, who.name)

    def request(self, who: Person, ledger: str, amount: int, recipient: str, account: str) -> Refund:
        """Ask for a refund. Raises `Refused` for an unknown ledger."""
        with self._store.writing() as books:
            return books.request(ledger, amount, recipient, account, who.name)

    def approve(self, who: Person, refund: str) -> str:
        """Approve somebody else's refund; the approval's name. Raises `Refused`."""
        with self._store.writing() as books:
            asked = books.refund(refund)
            against = self._against_approving(books, asked, who)
            if not against:
                return books.approve(asked, who.name).id
            books.note("refund-refused", asked, who.name, step="approve", reason=against)
        raise Refused(HTTPStatus.FORBIDDEN, against)

    def execute(self, who: Person, refund: str) -> str:
        """Execute an approved refund; the execution's name. Raises `Refused`."""
        with self._store.writing() as books:
            asked = books.refund(refund)
            approval = books.approval_of(asked)
            against = self._against_executing(books, asked)
            if approval is not None and not against:
                return books.execute(asked, asked.amount, asked.account, approval.id, who.name)
            against = against or "not-approved"
            books.note("refund-refused", asked, who.name, step="execute", reason=against)
        raise Refused(HTTPStatus.FORBIDDEN, against)

    def balance(self, account: str) -> int:
        """What has arrived on `account`."""
        with self._store.writing() as books:
            return books.balance(account)

    def _against_approving(self, books: Books, asked: Refund, who: Person) -> str:
        if asked.maker == who.name:
            return "own-refund"
        if asked.amount > self._limits.refund:
            return "over-refund-limit"
        return "already-approved" if books.approval_of(asked) else ""

    def _against_executing(self, books: Books, asked: Refund) -> str:
        if books.is_executed(asked):
            return "already-executed"
        if asked.amount > self._limits.refund:
            return "over-refund-limit"
        return "over-day-limit" if books.paid_today(asked.ledger) + asked.amount > self._limits.day else ""
