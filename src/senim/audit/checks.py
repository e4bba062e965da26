"""What the audit log can say about its own good order.

`AT_MACHINE` reads the sealer's memory and the log's public key and recomputes only the newest rows, so that it is quick
however long the log has grown; `senim audit verify` recomputes all of it.
"""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from senim.audit import log_key, queries
from senim.audit.errors import CannotVerify
from senim.kit.checks import Asked, Check, Fault
from senim.kit.instance import BadSettings

NEWEST = 50
"""Our choice: how many of the newest rows are proven each time."""


def _unsealed(asked: Asked) -> Iterator[Fault]:
    number, since = queries.waiting_for_seal()
    if since is not None and since < asked.before:
        what = ngettext("%(number)s audit row waits for its seal", "%(number)s audit rows wait for their seal", number)
        yield Fault(what % {"number": number}, _("The sealer does not work: look at its log on the machine"))


def _log(asked: Asked) -> Iterator[Fault]:
    """The newest rows are in the log, and the log grew out of what the sealer signed last."""
    try:
        verifier = log_key.verifier(asked.instance)
    except (CannotVerify, BadSettings) as refusal:
        yield Fault(_("The audit log's public key cannot be read: %(why)s") % {"why": refusal}, is_known=False)
        return
    try:
        for witness in queries.sealers_memory(asked.instance):
            queries.consistency_proof(witness.note, verifier)
        for row in queries.newest_sealed(NEWEST):
            queries.inclusion_proof(row)
    except CannotVerify as refusal:
        remedy = _("senim audit verify recomputes the whole log and names every row that was changed")
        yield Fault(_("The audit log does not hold: %(why)s") % {"why": refusal.detail}, remedy)


CHECKS = (
    Check(
        "audit:unsealed",
        gettext_lazy("Audit rows are sealed"),
        gettext_lazy("No audit row waits for its seal."),
        _unsealed,
        wakes=timedelta(minutes=1),
    ),
)
AT_MACHINE = (
    Check(
        "audit:log",
        gettext_lazy("The audit log holds"),
        gettext_lazy("The newest rows are proven, and the log grew out of what was signed before."),
        _log,
    ),
)
