"""Whether the tests that claim a limb would notice if the check that cites it were gone.

`take_out` removes the check under a citing comment, `trial` runs the tests that claim the limb on a copy of the tree
without it, `python -m senim.compliance.mutants` does so for a sample. A mutant that its tests do not notice *survived*:
they do not demonstrate the limb.
"""
