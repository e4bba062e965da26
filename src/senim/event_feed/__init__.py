"""The event feed: which events go to the regulator, what of each, and that none of them is lost or told twice.

Clauses: R228/81-2 (information on events, in automated mode, into ASOI).
"""
