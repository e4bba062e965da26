"""Incidents: opened, graded by the six kinds, told to the regulator at once.

Clauses: R228/81-1.
"""
