"""What start-up asks of the regulator channel. Certificates are read; keys stay with their process.

Clauses: R228/81, R228/81-13 (no address without TLS).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography import x509
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from senim.asoi import pinned
from senim.asoi.carriers.hosts import host_keys
from senim.asoi.carriers.program import program
from senim.asoi.carriers.sftp import SFTP_KEY
from senim.asoi.errors import CertificateUnreadable, HostKeyMissing, reason, reason_of_stamp
from senim.asoi.internal.credentials import CLIENT_TLS, MESSAGE_SIGNING, PROCESS, RECEIPT_DECRYPTION
from senim.asoi.kinds import Route
from senim.asoi.pinned import Certificates
from senim.asoi.settings import AsoiSettings, TsaSettings, asoi_settings
from senim.kit.bureau import Bureau, bureau
from senim.kit.checks import Finding
from senim.kit.clock import now as read_clock
from senim.kit.crypto import cms, timestamp
from senim.kit.crypto.keys import is_of_demonstration
from senim.kit.instance import BadSettings, Instance, Profile

_STAMPING = "time-stamping"


def findings(instance: Instance, *, now: datetime | None = None) -> list[Finding]:
    """What keeps the channel from working or being allowed to: address, certificates, traces of a demonstration."""
    found = [*_address(instance)]
    for known in _certificates(instance):
        found += [known] if isinstance(known, Finding) else _unfit(instance, known, now or read_clock())
    return found


def ending_soon(instance: Instance, *, now: datetime | None = None) -> list[Finding]:
    """Certificates of the channel that end within `[asoi] ends_within` and have no successor beside them."""
    moment, soon = now or read_clock(), timedelta(days=_settings_of(instance).ends_within)
    return [
        Finding("asoi:certificate-ends", _("%(name)s ends on %(day)s") % {"name": name, "day": f"{ends:%Y-%m-%d}"})
        for name, ends in endings(instance, now=moment)
        if moment <= ends < moment + soon
    ]


def endings(instance: Instance, *, now: datetime) -> list[tuple[str, datetime]]:
    """Each certificate of the channel that can be read, and until when it or a successor beside it is good."""
    return [(known.name, known.ends(now)) for known in _certificates(instance) if not isinstance(known, Finding)]


@dataclass(frozen=True)
class _Known:
    name: str
    """Where it lies in the instance."""
    certificates: Certificates
    use: str

    def present(self, at: datetime) -> x509.Certificate:
        """The one in use at `at`."""
        return pinned.present(self.certificates, at)

    def ends(self, at: datetime) -> datetime:
        """Until when the one in use, or a successor that lies beside it and begins in time, is valid."""
        until = self.present(at).not_valid_after_utc
        return max(one.not_valid_after_utc for one in self.certificates if one.not_valid_before_utc <= until)


def _address(instance: Instance) -> Iterator[Finding]:
    try:
        settings, house = asoi_settings(instance), bureau(instance)
    except BadSettings as refusal:
        yield Finding("asoi:address-not-checked", refusal.detail)
        return
    # R228/81, R228/81-13: there is no way to the regulator but an encrypted one.
    if not _is_way(settings.url, "https"):
        yield Finding("asoi:address", _("senim.toml, [asoi] url: an address that begins with https:// is needed"))
    # A time-stamp is signed and what is asked for is a digest: the way there needs no encryption.
    if settings.tsa is not None and not _is_way(settings.tsa.url, "http", "https"):
        yield Finding("asoi:address", _("senim.toml, [asoi.tsa] url: an address that begins with http:// is needed"))
    if settings.route is Route.NATIONAL_BANK:
        yield from _by_national_bank(settings, house)
    if settings.electronic_format.carrier == "sftp":
        yield from _by_sftp(instance, settings)


def _by_national_bank(settings: AsoiSettings, house: Bureau) -> Iterator[Finding]:
    # R228/81/state-participation, R228/81-1/state-participation, R228/81-2/state-participation: a leave that the law
    # gives to a bureau with state participation, and to no other.
    if not house.state_participation:
        yield Finding(
            "asoi:route",
            _(
                "senim.toml, [asoi] route: only a bureau with state participation ([bureau] state_participation) may"
                " send through the National Bank"
            ),
        )
    if not _is_way(settings.national_bank.url, "https"):
        yield Finding(
            "asoi:national-bank-address",
            _("senim.toml, [asoi.national_bank] url: an address that begins with https:// is needed"),
        )


def _by_sftp(instance: Instance, settings: AsoiSettings) -> Iterator[Finding]:
    if settings.electronic_format.sftp is None:
        yield Finding(
            "asoi:carrier",
            _("senim.toml, [asoi.electronic_format] carrier: a table [asoi.electronic_format.sftp] says where to"),
        )
    try:
        # R228/81: no file leaves towards somebody whom nobody vouches for.
        host_keys(instance)
    except HostKeyMissing as refusal:
        yield Finding("asoi:carrier-host-key", format_lazy("{}: {}. {}", refusal.title, refusal.detail, refusal.remedy))
    key = instance.key(PROCESS, SFTP_KEY)
    if not key.exists():
        yield Finding(
            "asoi:carrier-key",
            format_lazy(_("{} is missing: make it with ssh-keygen, and give its .pub to the regulator"), key),
        )
    if program() is None:
        yield Finding("asoi:carrier-program", _("sftp is not installed (Debian: openssh-client)"))


def _is_way(address: str, *schemes: str) -> bool:
    try:
        url = urlsplit(address)
        return url.scheme in schemes and bool(url.hostname) and url.port != 0
    except ValueError:
        return False


def authority_of(instance: Instance) -> TsaSettings | None:
    """The time-stamping authority that senim.toml names; None where it names none, or does not read."""
    return _settings_of(instance).tsa


def _settings_of(instance: Instance) -> AsoiSettings:
    """Table `[asoi]`, or what it is where it says nothing: that it does not read is told by `_address`."""
    try:
        return asoi_settings(instance)
    except BadSettings:
        return AsoiSettings()


def _certificates(instance: Instance) -> Iterator[_Known | Finding]:
    """Every certificate that the channel needs, or what is wrong with its file."""
    stamping = [(instance.trust(pinned.TSA), _STAMPING)] if authority_of(instance) else []
    for path, use in (
        (instance.trust(pinned.SIGNING), "signing"),
        (instance.trust(pinned.ENCRYPTION), "encryption"),
        (instance.certificate(PROCESS, CLIENT_TLS), "signing"),
        (instance.certificate(PROCESS, MESSAGE_SIGNING), "signing"),
        (instance.certificate(PROCESS, RECEIPT_DECRYPTION), "encryption"),
        *stamping,
    ):
        try:
            yield _Known(str(path.relative_to(instance.home)), pinned.read(path), use)
        except CertificateUnreadable as refusal:
            yield Finding("asoi:certificate-missing", format_lazy("{}. {}", refusal.detail, refusal.remedy))


def _unfit(instance: Instance, known: _Known, moment: datetime) -> Iterator[Finding]:
    try:
        if known.use == _STAMPING:
            timestamp.require_authority(known.present(moment), moment)
        else:
            cms.require_good(known.present(moment), moment, for_use=known.use)
    except cms.CertificateNotGood as refusal:
        yield Finding("asoi:certificate-not-good", format_lazy("{}: {}", known.name, reason(refusal)))
    except timestamp.AuthorityNotGood as refusal:
        yield Finding("asoi:certificate-not-good", format_lazy("{}: {}", known.name, reason_of_stamp(refusal)))
    # R228/81: in production nothing of a demonstration signs, seals or is believed.
    if instance.profile is Profile.PRODUCTION and any(map(is_of_demonstration, known.certificates)):
        yield Finding(
            "asoi:demonstration",
            format_lazy(_("{} comes from a demonstration: have a real one issued"), known.name),
        )
