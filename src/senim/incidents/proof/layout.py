"""What lies in the proof of an incident, and reading one. Knows no database."""

import re

from django.utils.translation import gettext as _

from senim.asoi.bundle import READMES, reason_of
from senim.incidents.errors import IncidentProofRefused
from senim.kit import archive
from senim.kit.archive import SUMS, BadArchive

RECORD = "incident.json"
ROWS, GROWTH, CHECK = "audit/rows.json", "audit/growth.json", "audit/check.py"
LOG_KEY = "audit/log.pub"
_MESSAGE = re.compile(r"messages/(\d{4,})\.zip")
_ALWAYS = {RECORD, ROWS, CHECK, LOG_KEY, SUMS, *READMES}
LARGEST = 256 * 1024 * 1024
"""Bytes of everything in it."""


def message_file(sequence: int) -> str:
    """Where the bundle of the message of this number lies."""
    return f"messages/{sequence:04d}.zip"


def messages_in(files: dict[str, bytes]) -> dict[int, bytes]:
    """The messages' bundles by their numbers, in their order."""
    found = {int(match[1]): data for name, data in files.items() if (match := _MESSAGE.fullmatch(name))}
    return dict(sorted(found.items()))


def unpack(data: bytes) -> dict[str, bytes]:
    """The files of the proof of an incident: all that belong there and no others, each with its sum right.

    Raises `IncidentProofRefused`.
    """
    try:
        files = archive.unpack(data, largest=LARGEST)
    except BadArchive as flaw:
        raise IncidentProofRefused(reason_of(flaw)) from flaw
    others = {name for name in files if not _MESSAGE.fullmatch(name)}
    if others - {GROWTH} != _ALWAYS:
        raise IncidentProofRefused(_("the bundle lacks files, or holds others"))
    return files


def is_of_incident(data: bytes) -> bool:
    """Whether `data` is a zip that holds the record of an incident, as the proof of one does."""
    try:
        return RECORD in archive.unpack(data, largest=LARGEST)
    except BadArchive:
        return False
