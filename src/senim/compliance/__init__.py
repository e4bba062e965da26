"""Which limb of the law is kept where, by which tests, and what is still open.

The room owns no data and keeps no clause itself. `citations` finds where the source tree cites the law, `markers` which
tests claim to demonstrate it, `record` what those tests did on exactly this tree; `clause_map` puts them together and
`rendering` tells it. `known_gaps` is the one list of what is not built, with reasons. `mutants` takes citing checks out
to see whether the tests that claim them notice.

A limb is *demonstrated* when all of this holds for the tree at hand: a comment in the code cites it above a check; a
test marked with it passed that stands in `tests/functional` or `tests/conformance` (through a door, a real process or
an outside peer); another one there, marked with it and `refusal`, passed; no test marked with it failed. Without a
record for this tree nothing is demonstrated: not checked is not clean.
"""
