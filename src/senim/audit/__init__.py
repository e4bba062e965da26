"""Who did what, append-only, sealed into a Merkle log that others can check.

Clauses: R228/81 (what was submitted cannot be changed afterwards without showing).

`operations.record` writes a row in the caller's transaction. One sealer process appends rows to the log within a second
and signs checkpoints; `verification` names every way in which rows and log can disagree.
"""
