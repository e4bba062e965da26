"""Compile every catalogue that is newer than its compiled form (`locale/*/LC_MESSAGES/*.po` to `.mo`)."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

for source in sorted(Path(__file__).resolve().parents[1].glob("src/senim/**/locale/*/LC_MESSAGES/*.po")):
    compiled = source.with_suffix(".mo")
    if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
        continue
    with source.open("rb") as file:
        catalogue = read_po(file)
    draft = compiled.with_suffix(".mo.draft")
    with draft.open("wb") as file:
        write_mo(file, catalogue)
    draft.replace(compiled)
