"""Senim: a credit bureau's remote services and its security office, with proof.

Rooms and storeys are described in `docs/architecture.md`; imports only go down.
"""
