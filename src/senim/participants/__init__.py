"""Parties with whom the bureau has agreements, and what of information security stands in these.

Clauses: R228/80(4) (contracts with telecom operators), R228/40-1 (provisions that agreements contain).
"""
