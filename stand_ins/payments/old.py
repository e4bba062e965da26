"""The first version's paths, which nobody took away when controls came: the program's planted fault.

VULNERABLE: whoever has any token at all approves his own refunds here, and has money moved without an approval, of
another amount, to another account, again, and past both limits. The journal tells of it truthfully: it does not know
that this is wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from stand_ins.payments.people import Person
from stand_ins.payments.store import Store


@dataclass(frozen=True)
class Item:
    """One refund of a batch, and what is to be believed of it."""

    refund: str
    approval: str = ""
    amount: int | None = None
    """None: as it was asked for."""
    account: str | None = None


class OldPath:
    """The path without controls."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def approve(self, who: Person, refund: str) -> str:
        """Approve, whoever asked for it and however much it is. Raises `Refused` for an unknown refund."""
        with self._store.writing() as books:
            return books.approve(books.refund(refund), who.name).id

    def batch(self, who: Person, items: Sequence[Item]) -> list[str]:
        """Execute whatever is listed. Raises `Refused` for an unknown refund; then none is executed."""
        with self._store.writing() as books:
            return [
                books.execute(
                    asked,
                    asked.amount if item.amount is None else item.amount,
                    asked.account if item.account is None else item.account,
                    item.approval,
                    who.name,
                )
                for item in items
                for asked in [books.refund(item.refund)]
            ]
