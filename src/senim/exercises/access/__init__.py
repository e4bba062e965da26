"""Unauthorised access that no guessed password stands behind: a copied session, a superuser that nobody decided upon.

Both are real: the console's own door, the platform's own database server.
"""
