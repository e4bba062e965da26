"""The proof of an incident: what was known when, what the regulator was told, and that it received it.

A zip: the record, the proof bundle of every message, each audit row about both with its place in the log, and that the
log grew out of what the regulator acknowledged. Whoever holds it checks it without us (`checking`, or by hand as the
README in it says).

Clauses: R228/81 (guaranteed delivery, non-modification), R228/81-1.
"""
