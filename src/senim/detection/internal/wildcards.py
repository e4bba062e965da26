"""Strings with wildcards (`*` any text, `?` one character), matched in one pass.

No backtracking: between two `*` the leftmost place is always right, because what follows may start anywhere after it.
"""

import re
from collections.abc import Callable, Sequence

from sigma.types import SpecialChars

Matches = Callable[[str], bool]
_Piece = list[str | SpecialChars]


def glob(parts: Sequence[str | SpecialChars], *, anchored: bool) -> Matches:
    """A test whether a text is (`anchored`) or contains what `parts` describe."""
    pieces: list[_Piece] = [[]]
    for part in parts:
        if part is SpecialChars.WILDCARD_MULTI:
            pieces.append([])
        else:
            pieces[-1].append(part)
    if not anchored:
        pieces = [[], *pieces, []]
    if len(pieces) == 1:
        return _whole(pieces[0])
    first, *inner, last = (_Segment(piece) for piece in pieces)
    middle = [segment for segment in inner if segment.length]
    return _plain(first, middle, last) or _row(first, middle, last)


def _whole(piece: _Piece) -> Matches:
    segment = _Segment(piece)
    if segment.plain is not None:
        return segment.plain.__eq__
    return lambda text: len(text) == segment.length and segment.is_at(text, 0)


def _plain(first: "_Segment", middle: Sequence["_Segment"], last: "_Segment") -> Matches | None:
    """The quick forms of `x*`, `*x` and `*x*`, which most rules have."""
    described = [segment for segment in (first, *middle, last) if segment.length]
    if len(described) != 1 or described[0].plain is None:
        return None
    (segment,), text_of = described, described[0].plain
    if segment is first:
        return lambda text: text.startswith(text_of)
    if segment is last:
        return lambda text: text.endswith(text_of)
    return lambda text: text_of in text


def _row(first: "_Segment", middle: Sequence["_Segment"], last: "_Segment") -> Matches:
    least = first.length + sum(segment.length for segment in middle) + last.length

    def matches(text: str) -> bool:
        end = len(text) - last.length
        if len(text) < least or not first.is_at(text, 0) or not last.is_at(text, end):
            return False
        place = first.length
        for segment in middle:
            found = segment.find(text, place, end)
            if found < 0:
                return False
            place = found + segment.length
        return True

    return matches


class _Segment:
    """What stands between two `*`: characters, some of them any."""

    def __init__(self, piece: _Piece) -> None:
        self.length = sum(len(part) if isinstance(part, str) else 1 for part in piece)
        strings = [part for part in piece if isinstance(part, str)]
        self.plain = "".join(strings) if len(strings) == len(piece) else None
        any_character = "".join(re.escape(part) if isinstance(part, str) else "." for part in piece)
        self._pattern = re.compile(any_character, re.DOTALL)

    def is_at(self, text: str, place: int) -> bool:
        """Whether it stands in `text` at `place`."""
        if self.plain is not None:
            return text.startswith(self.plain, place)
        return self._pattern.match(text, place) is not None

    def find(self, text: str, start: int, end: int) -> int:
        """The first place in `text[start:end]` where it stands, -1 where there is none."""
        if self.plain is not None:
            return text.find(self.plain, start, end)
        found = self._pattern.search(text, start, end)
        return found.start() if found else -1
