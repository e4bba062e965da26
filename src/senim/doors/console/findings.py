"""What a check can find, and what a person is told to do about it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Finding:
    """Something that is not in order, or of which nobody knows whether it is."""

    what: str
    remedy: str
    address: str = ""
    """Where the rows stand that it speaks of."""
    is_known: bool = True
    """False: this could not be checked, so nothing can be said about it."""


def log_of(name: str) -> str:
    """Where to look when a process does not do its work."""
    return _("Look at its log on the machine: %(name)s.") % {"name": name}
