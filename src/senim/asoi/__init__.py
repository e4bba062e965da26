"""The regulator channel: message, seal, outbox, receipt, electronic format.

Clauses: R228/81, R228/81-1.
"""
