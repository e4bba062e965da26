"""A QR code as one SVG path, without styles, so that it passes our Content-Security-Policy."""

from dataclasses import dataclass

import qrcode

_QUIET = 4
"""Modules of white around it (ISO/IEC 18004)."""


@dataclass(frozen=True)
class Drawing:
    """A square drawing."""

    size: int
    path: str


def draw(text: str) -> Drawing:
    """`text` as a QR code, one unit a module."""
    code = qrcode.QRCode(border=_QUIET)
    code.add_data(text)
    rows = code.get_matrix()
    dots = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark]
    return Drawing(len(rows), "".join(dots))
