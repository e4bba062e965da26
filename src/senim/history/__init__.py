"""The event history: every collected line kept, found again by what it says, and closed against the ledger.

Clauses: R228/81-2 (events that were collected can be looked at and analysed).
"""
