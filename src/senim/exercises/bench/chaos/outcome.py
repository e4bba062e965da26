"""How one scenario ended."""

import msgspec


class Outcome(msgspec.Struct, frozen=True):
    """How one scenario ended."""

    name: str
    ok: bool
    """Whether it truly happened, what had to be said was said, and each of its attacks was told of exactly once."""


class ChannelOutcome(Outcome, frozen=True):
    """How one scenario of the regulator channel ended, and what of its own messages came of it."""

    messages: int
    lost: int
    """Messages that the regulator does not have, or of which we have no receipt."""
    doubled: int
    """Messages at the regulator beyond the first of one number about an incident, or in other words than the first."""
    out_of_order: int
    """Messages that arrived after a later one about the same incident."""
    unnamed: int
    """Tries that ended without a word, or with a receipt refused and no code of a problem."""
    refusals: dict[str, int]
    """How the tries in vain ended: an outcome, or the code of the problem of a receipt that was refused."""
