"""A certificate authority for one demonstration: issues once, forgets its key.

Name-constrained to this machine (localhost, 127.0.0.0/8, ::1), 90 days at most, and every certificate carries the
demonstration policy. The CA's key lives in this program's memory while it issues, and nowhere else.
"""
