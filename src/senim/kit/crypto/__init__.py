"""Recipes over `cryptography` and `asn1crypto`: safe by default, no choices left to the caller."""
