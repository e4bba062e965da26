"""Sigma rules and correlation over frames of events, to alerts.

Clauses: R228/81-1, R228/81-2.
"""
