"""Kind 5: money moves past the controls of a payment system; and what its people do every day.

Clauses: R228/81-1(5) (an unauthorised transfer of money that follows from a breach of security controls).

Each plays on a ledger of its own, whose name is the marker. The attacks go by the program's old paths, which ask no
control; the money truly leaves the ledger.
"""

from django.utils.translation import gettext as _

from senim.exercises.scenario import Played, Stage
from senim.exercises.transfers.office import LENDER, Office, new_accounts, office

_SMALL = 1_000_000
"""Tiyn: ten thousand tenge."""
_UNTIL_SHOWN = 10.0
"""Seconds within which every source has shown that it is read (`telemetry.internal.signs`), with room to spare."""


class _Attack:
    """What all attacks share."""

    kind = 5

    def play(self, stage: Stage, marker: str) -> Played:
        """Attack. Raises `NotPlayed` where the stand-in does not answer or no money arrives."""
        with office(stage) as payments:
            self.attack(payments, payments.open_ledger(marker))
        return Played()

    def attack(self, payments: Office, ledger: str) -> None:
        """Move money."""
        raise NotImplementedError


class WithoutApproval(_Attack):
    """Refunds that nobody approved are executed; one is said to rest on an approval that was never given."""

    name = "refunds without approval"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("attack: refunds are executed that nobody approved")

    def attack(self, payments: Office, ledger: str) -> None:
        """Three, one of them with a made-up approval."""
        accounts = new_accounts(3)
        refunds = [payments.ask("aliya", ledger, _SMALL, account, LENDER) for account in accounts]
        made_up: tuple[dict[str, object], ...] = ({}, {}, {"approval": "ap-madeup"})
        for refund, account, more in zip(refunds, accounts, made_up, strict=True):
            payments.batch("aliya", {"refund": refund, "account": account, **more})


class ChangedAfterwards(_Attack):
    """An approved refund is paid to somebody else, another in a larger amount."""

    name = "refund changed after approval"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("attack: recipient and amount of refunds are changed after their approval")

    def attack(self, payments: Office, ledger: str) -> None:
        """First the recipient, then the amount."""
        honest, fraud = new_accounts(2)
        for changed in ({"account": fraud}, {"account": honest, "amount": 20 * _SMALL}):
            refund = payments.ask("aliya", ledger, _SMALL, honest)
            approval = payments.approve("bolat", refund)
            payments.batch("aliya", {"refund": refund, "approval": approval, **changed})


class OwnApproval(_Attack):
    """Somebody approves his own refund."""

    name = "own refund approved"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("attack: somebody approves his own refund")

    def attack(self, payments: Office, ledger: str) -> None:
        """By the old path: the controlled one refuses."""
        (account,) = new_accounts(1)
        refund = payments.ask("aliya", ledger, _SMALL, account)
        payments.is_refused("aliya", refund, "approval", "own-refund")
        approval = payments.approve_as_ever("aliya", refund)
        payments.batch("aliya", {"refund": refund, "approval": approval, "account": account})


class ExecutedTwice(_Attack):
    """A refund that was paid is paid again on the same approval."""

    name = "approval used twice"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("attack: a refund is executed a second time on the same approval")

    def attack(self, payments: Office, ledger: str) -> None:
        """Once as it should be, once more by the old path."""
        (account,) = new_accounts(1)
        refund = payments.ask("aliya", ledger, _SMALL, account)
        approval = payments.approve("bolat", refund)
        payments.execute("bolat", refund)
        payments.batch("aliya", {"refund": refund, "approval": approval, "account": account})


class OverTheLimit(_Attack):
    """One tiyn more is paid than one refund may be."""

    name = "refund over the limit"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("attack: a refund over the limit is executed")

    def attack(self, payments: Office, ledger: str) -> None:
        """Approved by a second person, who had no right to."""
        (account,) = new_accounts(1)
        refund = payments.ask("aliya", ledger, payments.limits.refund_limit + 1, account)
        payments.is_refused("bolat", refund, "approval", "over-refund-limit")
        approval = payments.approve_as_ever("bolat", refund)
        payments.batch("bolat", {"refund": refund, "approval": approval, "account": account})


class BelowTheLimit(_Attack):
    """Many refunds, each approved and below the limit of one, are together more than a day's."""

    name = "refunds below the limit"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("attack: many refunds below the limit of one go beyond that of the day")

    def attack(self, payments: Office, ledger: str) -> None:
        """As many as the day allows by the controlled path, the rest by the old one."""
        limits = payments.limits
        each = limits.refund_limit * 9 // 10
        allowed = limits.refunds_a_day // each
        for account in new_accounts(allowed):
            payments.pay(ledger, each, account)
        (account,) = new_accounts(1)
        refund = payments.ask("aliya", ledger, each, account)
        approval = payments.approve("bolat", refund)
        payments.is_refused("bolat", refund, "execution", "over-day-limit")
        payments.batch("aliya", {"refund": refund, "approval": approval, "account": account})


class _NearMiss:
    """What all near misses share."""

    kind = 5

    def play(self, stage: Stage, marker: str) -> Played:
        """Work. Raises `NotPlayed` where the stand-in does not answer or a control does not hold."""
        with office(stage) as payments:
            self.work(payments, payments.open_ledger(marker))
            wait = payments.limits.approval_wait
        return Played(quiet=wait + _UNTIL_SHOWN)

    def work(self, payments: Office, ledger: str) -> None:
        """Do what people do."""
        raise NotImplementedError


class HonestRefunds(_NearMiss):
    """Large, equal, crosswise approved and refused refunds."""

    name = "honest refunds"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("near miss: refunds as they should be, some of them refused")

    def work(self, payments: Office, ledger: str) -> None:
        """Exactly the limit; two of one amount; two people who approve each other's; what the controls refuse."""
        first, second = new_accounts(2)
        payments.pay(ledger, payments.limits.refund_limit, first)
        twins = [payments.ask("aliya", ledger, _SMALL, first) for _twin in range(2)]
        for refund in twins:  # approved and executed in one breath
            payments.approve("bolat", refund)
            payments.execute("aliya", refund)
        payments.pay(ledger, _SMALL, second, by="bolat", checked="aliya")
        unapproved = payments.ask("dana", ledger, _SMALL, second)
        payments.is_refused("dana", unapproved, "execution", "not-approved")
        payments.is_refused("dana", unapproved, "approval", "own-refund")
        payments.is_refused("bolat", twins[0], "execution", "already-executed")


class ExactlyTheDay(_NearMiss):
    """A ledger pays exactly what may leave it in a day."""

    name = "exactly the limit of a day"

    @property
    def about(self) -> str:
        """For whoever watches."""
        return _("near miss: refunds that are exactly the limit of a day, and one more that is refused")

    def work(self, payments: Office, ledger: str) -> None:
        """To the tiyn, and one tiyn more that stays."""
        (account,) = new_accounts(1)
        limits, left = payments.limits, payments.limits.refunds_a_day
        while left:
            amount = min(left, limits.refund_limit)
            payments.pay(ledger, amount, account)
            left -= amount
        refund = payments.ask("aliya", ledger, 1, account)
        payments.approve("bolat", refund)
        payments.is_refused("bolat", refund, "execution", "over-day-limit")
