"""Cells that a spreadsheet does not run as a formula (OWASP, "CSV injection"), and the way back from them."""

import re

_START = r"((?:^|[;\t\r\n])[\s\"]*)"
"""Where a spreadsheet would begin a formula: at a cell's start, and after what separates cells elsewhere (Excel here
takes `;`, and so cuts our cells in the middle, quoted or not)."""
_SIGN = r"(?=[=+\-@＝＋－＠])"
"""The wide forms count: some turn them into the others."""
_FORMULA = re.compile(_START + _SIGN)
_DISGUISED = re.compile(_START + "'" + _SIGN)


def harmless(text: str) -> str:
    """`text` with an apostrophe wherever a formula would begin."""
    return _FORMULA.sub(r"\1'", text)


def original(cell: str) -> str:
    """The text of which `harmless` made `cell`, unless that `is_disguised` by itself."""
    return _DISGUISED.sub(r"\1", cell)


def is_disguised(text: str) -> bool:
    """Whether `text` has already such an apostrophe: the way through a spreadsheet and back would change it."""
    return _DISGUISED.search(text) is not None
