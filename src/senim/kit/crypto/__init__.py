"""Recipes over `cryptography`: safe by default, no choices left to the caller."""
