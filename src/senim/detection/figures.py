"""Table `[rules]` of senim.toml: figures of the bureau's own that rules ask for by name.

    [rules]
    refund_limit = 50000000       # whole tiyn: one refund may be so much
    refunds_a_day = 200000000     # whole tiyn: what may leave one ledger in a day
    approval_wait = 20            # seconds that an approval may be read later than the transfer that it belongs to

A rule file says `'%refund_limit%'` where such a figure stands; the rule is read as if the figure itself stood there.
"""

from typing import Annotated, Any

import msgspec
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senim.detection.internal.lateness import LATENESS_S
from senim.kit.instance import BadSettings, Instance
from senim.telemetry.parsers.payments import MOST
from senim.telemetry.settings import telemetry_settings

PAYMENTS = "payments"
"""The kind of source for which the limits must be named."""
Tiyn = Annotated[int, msgspec.Meta(ge=1, le=MOST)]
_MARK = "%"


class Figures(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What rules may ask for. The limits given here serve where no payment system is collected: no line meets them."""

    refund_limit: Tiyn = 50_000_000
    refunds_a_day: Tiyn = 200_000_000
    approval_wait: Annotated[int, msgspec.Meta(ge=1, le=LATENESS_S)] = 20

    def filled_in(self, content: Any) -> Any:
        """`content` of a rule file with the figure in place of each text that is a figure's name."""
        if isinstance(content, dict):
            return {name: self.filled_in(value) for name, value in content.items()}
        if isinstance(content, list):
            return [self.filled_in(value) for value in content]
        return self._named.get(content, content) if isinstance(content, str) else content

    @property
    def _named(self) -> dict[str, int]:
        return {f"{_MARK}{name}{_MARK}": value for name, value in msgspec.structs.asdict(self).items()}


class _Given(msgspec.Struct, frozen=True):
    """Which figures the bureau itself has named."""

    refund_limit: int | None = None
    refunds_a_day: int | None = None


def figures(instance: Instance) -> Figures:
    """Table `[rules]`.

    Raises `BadSettings`, also where a payment system is collected and a limit is not named: nobody else can know it,
    and what is told to the authorised body rests on it.
    """
    found, given = instance.section("rules", Figures), instance.section("rules", _Given)
    is_collected = any(source.reads == PAYMENTS for source in telemetry_settings(instance).sources)
    missing = [name for name, value in msgspec.structs.asdict(given).items() if value is None]
    if is_collected and missing:
        unnamed = _("[rules]: a source reads {kind}, so these must be named, in whole tiyn: {names}")
        raise BadSettings(format_lazy(unnamed, kind=repr(PAYMENTS), names=", ".join(missing)))
    return found
