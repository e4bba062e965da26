"""Sources, frames, the durable stream, and the ledger that says what is missing.

Clauses: R228/81-2 (events are collected and analysed in real time).
"""
