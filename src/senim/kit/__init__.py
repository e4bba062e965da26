"""What every room may use and nothing of which knows a room.

Clock, identifiers, canonical JSON, crypto recipes, the instance's files, problems. Imports nothing of ours.
"""
