"""Whether keys and secrets are their owner's alone, and certificates good for a while."""

import stat
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from django.utils.translation import gettext as _

from senim.kit.checks import Fault

SOON = timedelta(days=30)
_OTHERS = 0o077


def exposed(home: Path, private: Iterable[Path]) -> Iterator[Fault]:
    """Every file of `private` that is missing, open to others, or not its instance's owner's.

    Looked at through its name, never followed: a link in its place is somebody's doing.
    """
    owner = home.stat().st_uid
    for path in private:
        named = {"file": path.relative_to(home)}
        try:
            facts = path.lstat()
        except FileNotFoundError:
            yield Fault(_("%(file)s is missing") % named, _("Run senim init, or put it back from where you keep it"))
            continue
        if not stat.S_ISREG(facts.st_mode):
            yield Fault(_("%(file)s is not an ordinary file") % named, _("Find out who put it there"))
        elif facts.st_uid != owner:
            yield Fault(_("%(file)s belongs to another user") % named, _("Find out who wrote it, then make it anew"))
        elif facts.st_mode & _OTHERS:
            yield Fault(
                _("%(file)s is open to others") % named, _("chmod 600 it, and make it anew if others were here")
            )


def ending(home: Path, certificates: Iterable[Path], moment: datetime) -> Iterator[Fault]:
    """Every certificate that is missing, broken, or not good from `moment` until `SOON` after it."""
    for path in certificates:
        named = {"file": path.relative_to(home)}
        try:
            found = x509.load_pem_x509_certificate(path.read_bytes())
        except (FileNotFoundError, ValueError):
            yield Fault(_("%(file)s holds no certificate") % named, _("Have it issued and put it there"))
            continue
        ends = found.not_valid_after_utc
        remedy = _("Have the next one issued and put it there")
        if not found.not_valid_before_utc <= moment <= ends:
            yield Fault(_("%(file)s is not valid now") % named, remedy)
        elif ends < moment + SOON:
            yield Fault(_("%(file)s ends on %(day)s") % {**named, "day": f"{ends:%d.%m.%Y}"}, remedy)
