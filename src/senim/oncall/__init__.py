"""Who is woken when the house needs a person, in which order, by which way, and who answered.

Clauses: R228/81-1 (immediately: what only a person can do must not wait until one happens to look).
"""
