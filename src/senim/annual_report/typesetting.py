"""The yearly information as PDF: PDF/A-2b, its structure tagged, the same bytes for the same content.

Typst sets it with the fonts that it brings; it is given texts as data and runs no text as markup, reads no file and
asks no network.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import typst
from django.utils.translation import gettext as _
from django.utils.translation import override

from senim.annual_report.composing import Content
from senim.annual_report.document import Document, Facts, Part, Table, document
from senim.annual_report.errors import NotSet
from senim.kit import canonical
from senim.kit.clock import from_iso

LANGUAGES = ("kk", "ru")
"""The languages in which it is submitted."""
SETTER = f"typst {version('typst')}"
_DETAIL = 200
_TEMPLATE = files("senim.annual_report") / "report.typ"


def pdf(content: Content, language: str, *, draft: bool) -> bytes:
    """`content` in `language`; a draft says so on every page and names the sections that lack something.

    Raises `NotSet` where what stands in it cannot be set (PDF/A wants a glyph for every letter).
    """
    with override(language):
        told = _told(document(content), draft=draft)
        told["foot"] = f"SHA-256 {canonical.sha256(canonical.dumps(content))}"
    at: datetime = from_iso(content["as_of"])
    try:
        made: bytes = typst.compile(
            _TEMPLATE.read_bytes(),
            format="pdf",
            sys_inputs={"told": json.dumps({**told, "language": language}, ensure_ascii=False)},
            pdf_standards=["a-2b"],
            ignore_system_fonts=True,
            timestamp=int(at.timestamp()),
        )
    except typst.TypstError as error:
        raise NotSet(str(error)[:_DETAIL]) from error
    return made


def _told(said: Document, *, draft: bool) -> dict[str, Any]:
    return {
        "title": said.title,
        "facts": said.facts,
        "draft": _("Draft") if draft else "",
        "page": _("Page"),
        "parts": [_part(part, draft=draft) for part in said.parts],
    }


def _part(part: Part, *, draft: bool) -> dict[str, Any]:
    return {
        "title": f"{part.number}. {part.title}",
        "clause": part.clause,
        "lacks": _("This section is not complete") if draft and not part.is_complete else "",
        "blocks": list(_blocks(part.blocks)),
    }


def _blocks(blocks: Iterable[Table | Facts]) -> Iterable[dict[str, Any]]:
    for block in blocks:
        if isinstance(block, Table):
            yield {"title": block.title, "head": block.head, "rows": block.rows, "words": block.words}
        else:
            yield {"title": block.title, "rows": block.rows}
