"""The regulation as data: every limb of Resolution 228 as Resolution 59 of 2024 leaves it, with its figures.

`R228.toml` holds the edition; `registry` reads it, strictly and once. A room that needs a figure of the law takes it
from here, gives it a typed name in its `terms.py` and writes it nowhere else:

    _TLS = figure("R228/81-13", "tls", Version)

`beside.toml` holds what other laws ask about the same facts, where Senim keeps a clock for it.

This room imports nothing of ours. How the law is cited: `docs/clauses.md`.
"""
