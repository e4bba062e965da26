"""Citing checks whose removal cannot be tried, or whose tests cannot but fall over, each with its reason.

By path and what the command prints there, so that an entry ends with the code it speaks of.
"""

EXCUSED: dict[tuple[str, str], str] = {}
