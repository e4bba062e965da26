"""What the platform itself reports, and how news travels: as rows.

An event row is written in the transaction that causes it. `site/subscriptions.py` says who hears which news; a worker
runs every handler exactly once by (event, handler). The collector also reads these rows as one more source of
telemetry, so that detection watches the platform by the same rules as everything else (R228/81-2).
"""
