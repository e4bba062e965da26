"""Exercises, benchmarks, demonstration data: they reach the house through addresses and commands only.

Nothing here writes to the database or calls a room: what an exercise shows, it showed from outside.
"""
