"""What msgspec raises for bytes that are not what they should be."""

import msgspec

UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError)
"""Its own errors, and Python's for a text inside that is no UTF-8. Strangers' bytes may be nested too deeply as well:
that is `RecursionError`."""
