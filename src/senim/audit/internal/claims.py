"""Checkpoints held against the log while it is walked: the log's own, and those that others keep."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import groupby

from senim.audit.findings import Finding, FindingCode


@dataclass(frozen=True, order=True)
class Claim:
    """A truly signed checkpoint: at `size` rows the root was `root`."""

    size: int
    source: str
    """Empty for the log's own; else where somebody keeps it."""
    root: bytes


class Claims:
    """All claims, by size."""

    def __init__(self, claims: Iterator[Claim]) -> None:
        self._groups = groupby(claims, key=lambda claim: claim.size)
        self._group: list[Claim] = []
        self._covered = 0
        self._confirmed = 0
        self._witnessed = 0
        """Up to where somebody else's claim holds. Whoever rewrites the log signs its own claims anew: against an
        outside one they say nothing of where the change lies."""
        self._in_doubt = False
        self._turn()

    def _turn(self) -> None:
        _, group = next(self._groups, (0, iter(())))
        self._group = list(group)

    def meet(self, size: int, roots: AbstractSet[bytes]) -> Iterator[Finding]:
        """Hold the claims of `size` against the roots that the log has there: by its rows and by its stored hashes.

        Either will do: a row or a hash that was changed is found by itself, and named more exactly.
        """
        while self._group and self._group[0].size <= size:
            yield from _forks(self._group)
            confirmed, witnessed = self._confirmed, self._witnessed
            for claim in self._group:
                if claim.root in roots:
                    self._confirmed, self._in_doubt = claim.size, False
                    self._witnessed = claim.size if claim.source else self._witnessed
                else:
                    yield from self._contradicted(claim, witnessed if claim.source else confirmed)
                if not claim.source:
                    self._covered = claim.size
            self._turn()

    def _contradicted(self, claim: Claim, first: int) -> Iterator[Finding]:
        """An outside claim always counts. Of the log's own only the first: those behind it hold the same rows."""
        if not claim.source and self._in_doubt:
            return
        self._in_doubt = self._in_doubt or not claim.source
        code = FindingCode.HISTORY_REWRITTEN if claim.source else FindingCode.CHECKPOINT_CONTRADICTED
        yield Finding(code, first=first, last=claim.size - 1, size=claim.size, source=claim.source)

    def beyond(self, size: int, nodes: int) -> Iterator[Finding]:
        """The log ends at `size`, its stored nodes at `nodes`: what states more rows shows that its tail was cut."""
        own = nodes
        while self._group:
            yield from _forks(self._group)
            for claim in self._group:
                if claim.source:
                    yield _cut(size, claim.size, claim.source)
                else:
                    self._covered = own = max(own, claim.size)
            self._turn()
        if own > size:
            yield _cut(size, own, "")
        if self._covered < size:
            yield Finding(FindingCode.CHECKPOINT_MISSING, first=self._covered, last=size - 1)

    def pass_over(self) -> None:
        """Read the rest without holding it against anything, so that every signature has been looked at."""
        for _ in self._groups:
            continue


def _cut(present: int, stated: int, source: str) -> Finding:
    return Finding(FindingCode.TAIL_CUT, first=present, last=stated - 1, size=stated, present=present, source=source)


def _forks(group: list[Claim]) -> Iterator[Finding]:
    """Two roots truly signed for one size: proof against the key, whatever the database holds."""
    first, *others = group
    for claim in others:
        if claim.root != first.root:
            yield Finding(FindingCode.HISTORY_FORKED, size=claim.size, source=claim.source)
