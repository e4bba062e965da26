"""Every step of a delivery at which the sender may be killed, and what is to be found of the message then.

The steps are those of `asoi/internal/channel.py`, `outbox.py` and `files.py`, in the order in which a message takes
them. "Committing": the database has taken what is to commit, and whoever asked never hears of it.
"""

from dataclasses import dataclass, replace

from senim.exercises.bench.chaos.channel.hold import Hold

_SEALS = "OLD.state = 'queued' AND NEW.state = 'sealed'"
_EXPORTS = "OLD.state = 'sealed' AND NEW.state = 'exported'"
_DELIVERS = "OLD.state <> 'delivered' AND NEW.state = 'delivered'"
_UNTIL_KILLED = "600"


@dataclass(frozen=True)
class Found:
    """What there is of a message when its sender has been killed."""

    state: str
    begun: int | None = 0
    """Tries that have begun and have no end; None: as it happens, for others go on meanwhile."""
    at_regulator: bool = False
    has_receipt: bool = False
    """Whether our database has it."""
    outgoing: bool = False
    """Whether its file lies there to be carried."""
    incoming: bool = False
    """Whether a receipt that came as a file lies there."""


@dataclass(frozen=True)
class Step:
    """One step, how the sender is held there, and what is then found."""

    name: str
    found: Found
    hold: Hold | None = None
    """None: it is the regulator who lets it wait."""
    mode: tuple[str, ...] = ("well",)
    """How the regulator behaves."""
    is_frozen: bool = False
    """Whether the regulator's process stands still."""
    is_carried: bool = False
    """Whether the message goes as a file, and its receipt comes as one."""


def _once(mode: str, *more: str) -> tuple[str, ...]:
    return mode, "--times", "1", *more


_QUEUED, _SEALED, _BEGUN = Found("queued"), Found("sealed"), Found("sealed", begun=1)
_KEPT = Found("sealed", begun=1, at_regulator=True)
NETWORK = (
    Step("before-sealing", _QUEUED, Hold("asoi_message", "SELECT")),
    Step("sealing", _QUEUED, Hold("asoi_message", "UPDATE", _SEALS)),
    Step("sealing-committing", _SEALED, Hold("asoi_message", "UPDATE", _SEALS, at_commit=True)),
    Step("try-beginning", _SEALED, Hold("asoi_attempt", "INSERT")),
    Step("try-committing", _BEGUN, Hold("asoi_attempt", "INSERT", at_commit=True)),
    Step("connecting", _BEGUN, is_frozen=True),
    Step("request-sent", _BEGUN, mode=_once("silent")),
    Step("request-kept", _KEPT, mode=_once("late", "--delay", _UNTIL_KILLED)),
    Step("half-an-answer-read", _KEPT, Hold("asoi_attempt", "UPDATE"), mode=_once("half")),
    Step("refusal-read", _BEGUN, Hold("asoi_attempt", "UPDATE"), mode=_once("error")),
    Step("receipt-read", _KEPT, Hold("asoi_attempt", "UPDATE")),
    Step("receipt-stored", _KEPT, Hold("asoi_message", "UPDATE", _DELIVERS)),
    Step(
        "receipt-committing",
        Found("delivered", at_regulator=True, has_receipt=True),
        Hold("asoi_receipt", "INSERT", at_commit=True),
    ),
)
"""Over the network."""
_LIES, _EXPORTED = Found("sealed", None, outgoing=True), Found("exported", None, outgoing=True)
_CAME = replace(_EXPORTED, at_regulator=True, incoming=True)
_TAKEN = replace(_CAME, state="delivered", has_receipt=True)
FILES = (
    Step("file-written", _LIES, Hold("asoi_message", "UPDATE", _EXPORTS), mode=("down",)),
    Step(
        "file-committing",
        _EXPORTED,
        Hold("asoi_message", "UPDATE", _EXPORTS, at_commit=True),
        mode=("down",),
    ),
    Step("file-receipt-stored", _CAME, Hold("asoi_receipt", "INSERT"), mode=("down",), is_carried=True),
    Step(
        "file-receipt-committing",
        _TAKEN,
        Hold("asoi_receipt", "INSERT", at_commit=True),
        mode=("down",),
        is_carried=True,
    ),
)
"""In electronic format, while nobody answers."""
