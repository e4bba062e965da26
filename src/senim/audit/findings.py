"""What verification can find, each by a stable code, with a plain explanation and what to do next."""

from enum import StrEnum

import msgspec
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from senim.kit.problems import Text


class FindingCode(StrEnum):
    """`audit:noun:what`, alphabetised."""

    CHECKPOINT_CONTRADICTED = "audit:checkpoint:contradicted"
    CHECKPOINT_FORGED = "audit:checkpoint:forged"
    CHECKPOINT_MISSING = "audit:checkpoint:missing"
    HISTORY_FORKED = "audit:history:forked"
    HISTORY_REWRITTEN = "audit:history:rewritten"
    LEAF_ALTERED = "audit:leaf:altered"
    LEAF_REMOVED = "audit:leaf:removed"
    ROW_ALTERED = "audit:row:altered"
    ROW_INSERTED = "audit:row:inserted"
    ROW_LOST = "audit:row:lost"
    ROW_MOVED = "audit:row:moved"
    ROW_OVERDUE = "audit:row:overdue"
    ROW_REMOVED = "audit:row:removed"
    TAIL_CUT = "audit:tail:cut"
    WITNESS_BROKEN = "audit:witness:broken"
    WITNESS_REFUSED = "audit:witness:refused"


_EXPLANATIONS: dict[FindingCode, Text] = {
    FindingCode.CHECKPOINT_CONTRADICTED: _(
        "The log does not give the root that the checkpoint of size %(size)s (%(source)s) was signed over: rows "
        "%(first)s to %(last)s were changed, removed, inserted or put in another order, and the log rebuilt over them"
    ),
    FindingCode.CHECKPOINT_FORGED: _("The stored checkpoint of size %(size)s is not one that was signed: %(reason)s"),
    FindingCode.CHECKPOINT_MISSING: _("No signed checkpoint covers rows %(first)s to %(last)s of the log"),
    FindingCode.HISTORY_FORKED: _(
        "The log's key has signed two different histories of %(size)s rows: one here, one in %(source)s"
    ),
    FindingCode.HISTORY_REWRITTEN: _(
        "The log was rewritten: %(source)s holds a truly signed checkpoint of its first %(size)s rows with another "
        "root; the change lies in rows %(first)s to %(last)s"
    ),
    FindingCode.LEAF_ALTERED: _(
        "The log was changed at places %(first)s to %(last)s: the stored hashes do not add up, and it is not told "
        "which of these rows was changed, removed, inserted or moved"
    ),
    FindingCode.LEAF_REMOVED: _(
        "Places %(first)s to %(last)s of the log are empty: the rows that stood there were removed with their leaves; "
        "the log behind them cannot be recomputed"
    ),
    FindingCode.ROW_ALTERED: _("Row %(row)s at place %(first)s of the log is not as it was when it was sealed"),
    FindingCode.ROW_INSERTED: _("Row %(row)s was written past the log: it is neither sealed nor waiting for its seal"),
    FindingCode.ROW_LOST: _("Row %(row)s is gone; it was written and waited for its seal"),
    FindingCode.ROW_MOVED: _("Row %(row)s stands at place %(first)s of the log and belongs at place %(last)s"),
    FindingCode.ROW_OVERDUE: _(
        "Row %(row)s has waited for its seal for more than %(bound)s seconds: until then nothing proves it"
    ),
    FindingCode.ROW_REMOVED: _("Row %(row)s, sealed at place %(first)s of the log, is gone"),
    FindingCode.TAIL_CUT: _(
        "The end of the log was cut off: %(source)s states %(size)s rows, %(present)s are here; rows %(first)s to "
        "%(last)s are gone"
    ),
    FindingCode.WITNESS_BROKEN: _(
        "What is stored of %(source)s is not what the bureau signed and the regulator acknowledged: %(reason)s"
    ),
    FindingCode.WITNESS_REFUSED: _("Nothing can be held against %(source)s: %(reason)s"),
}

_COMPARE = _("Keep the database as it is, compare with the last backup in which this row was whole, tell the IS unit")
_REBUILT = _(
    "Keep the database as it is and compare these rows with a backup older than the checkpoint; somebody changed the "
    "database with its owner's rights: tell the IS unit"
)
_KEY = _(
    "Whoever did this had the sealer's key: keep the database and the checkpoint file, found a new key, tell the IS "
    "unit and whoever holds checkpoints"
)
_REMEDIES: dict[FindingCode, Text] = {
    FindingCode.CHECKPOINT_CONTRADICTED: _REBUILT,
    FindingCode.CHECKPOINT_FORGED: _(
        "See that trust/checkpoint.pub is the key you know (an auditor's own copy: --key); if it is, tell the IS unit"
    ),
    FindingCode.CHECKPOINT_MISSING: _REBUILT,
    FindingCode.HISTORY_FORKED: _KEY,
    FindingCode.HISTORY_REWRITTEN: _KEY,
    FindingCode.LEAF_ALTERED: _REBUILT,
    FindingCode.LEAF_REMOVED: _REBUILT,
    FindingCode.ROW_ALTERED: _COMPARE,
    FindingCode.ROW_INSERTED: _("Find out who wrote it; tell the IS unit"),
    FindingCode.ROW_LOST: _COMPARE,
    FindingCode.ROW_MOVED: _REBUILT,
    FindingCode.ROW_OVERDUE: _("See in the sealer's log why it does not seal, and verify again when it does"),
    FindingCode.ROW_REMOVED: _COMPARE,
    FindingCode.TAIL_CUT: _(
        "If the database was restored from a backup, write that down with this finding; else keep it as it is and tell "
        "the IS unit"
    ),
    FindingCode.WITNESS_BROKEN: _(
        "Keep the database as it is and compare with an export, a proof bundle or the regulator's copy; if "
        "certificates were renewed, see that former ones stand behind the present ones; else tell the IS unit"
    ),
    FindingCode.WITNESS_REFUSED: _("Give a checkpoint of this log, as exported or as a message holds it"),
}


class Finding(msgspec.Struct, frozen=True, omit_defaults=True):
    """One way in which rows, log and checkpoints disagree. Places count from 0."""

    code: FindingCode
    row: str | None = None
    """Identifier of the row."""
    first: int | None = None
    last: int | None = None
    """The places it concerns, both included."""
    size: int | None = None
    """Size of the checkpoint."""
    present: int | None = None
    """Rows that are in the log."""
    source: str = ""
    """Which checkpoint: the log's own, or the file or message it came from."""
    reason: str = ""
    bound: int | None = None

    @property
    def means_tampering(self) -> bool:
        """Whether this shows a change, not only that something could not be checked."""
        return self.code not in {FindingCode.ROW_OVERDUE, FindingCode.WITNESS_REFUSED}

    @property
    def explanation(self) -> str:
        """What was found, for a person, in the active language."""
        values = {name: "?" if value is None else value for name, value in msgspec.structs.asdict(self).items()}
        return str(_EXPLANATIONS[self.code]) % {**values, "source": self.source or translate("the log itself")}

    @property
    def remedy(self) -> str:
        """What to do next, for a person, in the active language."""
        return str(_REMEDIES[self.code])

    def as_json(self) -> dict[str, object]:
        """This finding with its texts."""
        return {**msgspec.to_builtins(self), "explanation": self.explanation, "remedy": self.remedy}
