"""Certificates of the bureau's keys: which there are and, in a demonstration, having them issued and renewed.

In production they come from the bureau's own authorities and from the regulator. A demonstration's come from the
stand-in CA, which keeps no key: all of them are issued together, and renewed together before they end. Former ones of
those that sign or seal messages stay behind the present ones: what was sealed under them stays open and provable.
"""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senim.kit.files import write_durably
from senim.kit.instance import BadSettings, Instance
from senim.site.layout import CHECKOUT

RENEWED_BEFORE = timedelta(days=30)
"""How long before the end of the first of them a demonstration's certificates are renewed at its next start."""


@dataclass(frozen=True)
class Request:
    """A key that wants a certificate."""

    process: str
    purpose: str
    usage: str
    kind: str


CERTIFIED = (
    Request("console", "door-tls", "tls-server", "ec"),
    Request("asoi", "client-tls", "tls-client", "ec"),
    Request("asoi", "message-signing", "signing", "ec"),
    Request("asoi", "receipt-decryption", "encryption", "rsa"),
)
_REGULATORS = (("tls", "tls-server"), ("signing", "signing"), ("encryption", "encryption"))
_SHARED = ("signing", "encryption")
"""What the bureau pins of the regulator."""
_BANKS = (("tls", "tls-server"), ("client", "tls-client"), ("signing", "signing"))
_AUTHORITY = "tsa"
"""What the bureau pins of the time-stamping authority."""
_OF_MESSAGES = ("signing", "encryption", "time-stamping")
"""Usages of certificates under which messages and receipts are signed, sealed and stamped."""


def certify_demonstration(instance: Instance) -> None:
    """Let the stand-in CA certify the bureau's keys and the stand-in regulator's, in one go.

    Nobody may run the instance meanwhile: half of it would still show what the other half no longer believes.
    Raises `BadSettings` where a stand-in fails.
    """
    regulator = _regulator(instance)
    _stand_in("stand_ins.asoi", "init", "--home", str(regulator))
    _stand_in("stand_ins.post", "init", "--home", str(post(instance)))
    _stand_in("stand_ins.payments", "init", "--home", str(payments(instance)))
    _stand_in("stand_ins.tsa", "init", "--home", str(tsa(instance)))
    _stand_in("stand_ins.national_bank", "init", "--home", str(national_bank(instance)))
    issued = list(_issued(instance))
    orders = [word for path, usage in issued for word in (str(path.with_suffix(".csr")), usage, str(_fresh(path)))]
    _stand_in("stand_ins.ca", "--ca", str(instance.trust("ca")), *orders)
    for path, usage in issued:
        # A key used in TLS shows what is in its file to the peer: it has no use for former certificates.
        former = path.read_bytes() if usage in _OF_MESSAGES and path.exists() else b""
        write_durably(path, _fresh(path).read_bytes() + former)
        _fresh(path).unlink()
    for purpose in _SHARED:
        write_durably(instance.trust(f"regulator/{purpose}"), (regulator / f"{purpose}.crt").read_bytes())
    write_durably(instance.trust(_AUTHORITY), (tsa(instance) / "signing.crt").read_bytes())
    _hand_over(instance, regulator, "message-signing", "receipt-decryption")
    _hand_over(instance, national_bank(instance), "receipt-decryption")
    write_durably(national_bank(instance) / "ca.crt", instance.trust("ca").read_bytes())
    write_durably(_last_written(instance), instance.trust("ca").read_bytes())


def _hand_over(instance: Instance, stand_in: Path, *purposes: str) -> None:
    """Let a stand-in have the bureau's certificates for `purposes`."""
    (stand_in / "bureau").mkdir(exist_ok=True)
    for purpose in purposes:
        write_durably(stand_in / "bureau" / f"{purpose}.crt", instance.certificate("asoi", purpose).read_bytes())


def is_renewal_due(instance: Instance, now: datetime) -> bool:
    """Whether one of this demonstration is missing, broken or ends within `RENEWED_BEFORE` of `now`.

    Or a renewal broke off.
    """
    pinned = [instance.trust(name) for name in (_AUTHORITY, *(f"regulator/{purpose}" for purpose in _SHARED))]
    kept = (instance.trust("ca"), _last_written(instance), *pinned, *(path for path, _ in _issued(instance)))
    if any(not path.exists() or _ends(path, broken=now) < now + RENEWED_BEFORE for path in kept):
        return True
    return _last_written(instance).read_bytes() != instance.trust("ca").read_bytes()


def _ends(path: Path, *, broken: datetime) -> datetime:
    """When the certificate ends; `broken` where the file holds none."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except ValueError:
        return broken


def _issued(instance: Instance) -> Iterator[tuple[Path, str]]:
    """Every certificate that the stand-in CA issues; its request lies beside it."""
    for wanted in CERTIFIED:
        yield instance.certificate(wanted.process, wanted.purpose), wanted.usage
    for purpose, usage in _REGULATORS:
        yield _regulator(instance) / f"{purpose}.crt", usage
    yield post(instance) / "tls.crt", "tls-server"
    yield payments(instance) / "tls.crt", "tls-server"
    yield tsa(instance) / "signing.crt", "time-stamping"
    for purpose, usage in _BANKS:
        yield national_bank(instance) / f"{purpose}.crt", usage


def _fresh(path: Path) -> Path:
    """Where a new certificate lies until it takes its place."""
    return path.with_suffix(".new")


def _last_written(instance: Instance) -> Path:
    """The CA's certificate as the stand-in regulator has it: handing it over ends a renewal."""
    return _regulator(instance) / "ca.crt"


def stand_in_certificate(instance: Instance) -> Path:
    """What the stand-in regulator shows to whoever comes."""
    return _regulator(instance) / "tls.crt"


def _regulator(instance: Instance) -> Path:
    return instance.home / "stand_ins" / "asoi"


def post(instance: Instance) -> Path:
    """The folder of the stand-ins by which people on call are reached."""
    return instance.home / "stand_ins" / "post"


def payments(instance: Instance) -> Path:
    """The folder of the stand-in that pays refunds."""
    return instance.home / "stand_ins" / "payments"


def tsa(instance: Instance) -> Path:
    """The folder of the stand-in that gives time-stamps."""
    return instance.home / "stand_ins" / "tsa"


def national_bank(instance: Instance) -> Path:
    """The folder of the stand-in for the National Bank's object."""
    return instance.home / "stand_ins" / "national_bank"


def _stand_in(module: str, *arguments: str) -> None:
    command = [sys.executable, "-m", module, *arguments]
    result = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if result.returncode:
        # What it says last is why; above it may stand a trace, which is for whoever mends the stand-in.
        said = (result.stderr.strip() or result.stdout.strip()).rpartition("\n")[2]
        raise BadSettings(format_lazy(_("{program} failed: {said}"), program=module, said=said))
