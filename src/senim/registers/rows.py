"""Entries as rows of a file: the columns, and what stands in each."""

import csv
import io
from collections.abc import Iterable

from senim.kit.clock import iso
from senim.kit.spreadsheet import harmless
from senim.registers.models import Version
from senim.registers.register import Register

KEYS = ("entry", "version", "owner", "review_on")
"""What a row says besides the register's own fields; a file that is brought in must have them."""
TOLD = ("written_at", "written_by", "reason")
"""What is told and never taken: who wrote the version, when and why."""


def columns(register: Register) -> tuple[str, ...]:
    """The columns of `register`'s files, in their order."""
    return (*KEYS, *(each.name for each in register.fields), *TOLD)


def row(register: Register, version: Version) -> dict[str, object]:
    """`version` as a row."""
    keys = (str(version.entry), version.number, version.owner.username, version.review_on.isoformat())
    facts = (version.facts.get(each.name, "") for each in register.fields)
    told = (iso(version.written_at), version.written_by, version.reason)
    return dict(zip(columns(register), (*keys, *facts, *told), strict=True))


def as_csv(register: Register, versions: Iterable[Version]) -> str:
    """`versions` as a file that can be brought in again."""
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(columns(register))
    for version in versions:
        cells = row(register, version).values()
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in cells])
    return file.getvalue()
