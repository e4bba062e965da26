"""A stand-in for a time-stamping authority (RFC 3161), for demonstrations only: its word proves nothing to anybody.

A real authority has a clock that others have checked and a key that nobody else can reach; this one has neither.
"""
