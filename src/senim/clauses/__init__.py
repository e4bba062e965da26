"""The regulation as data: every limb of Resolution 228 as Resolution 59 of 2024 leaves it, with its figures.

`R228.toml` holds the edition; `registry` reads it, strictly and once. Rooms take each figure of the law from here,
give it a typed name in their `terms.py` and write it nowhere else:

    REPORTABLE_DOWNTIME = figure("R228/81-1(6)", "downtime", Duration)

This room imports nothing of ours. How the law is cited: `docs/clauses.md`.
"""
