"""Table `[asoi]` of senim.toml: where the regulator is and how patiently we try. The figures are our choice."""

from typing import Annotated, Literal

import msgspec

from senim.asoi.kinds import Route
from senim.kit.instance import Instance


class ElectronicFormat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[asoi.electronic_format]`; times in seconds."""

    after: Annotated[float, msgspec.Meta(ge=1, le=86_400)] = 900.0
    """How long the regulator may leave us without a receipt before messages are written as files as well."""
    receipt_within: Annotated[float, msgspec.Meta(ge=60, le=2_592_000)] = 86_400.0
    """How long after a file was carried there may be no receipt before somebody asks for it."""


class NationalBank(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[asoi.national_bank]`."""

    url: str = ""
    """Where the National Bank takes messages for ASOI: `https://…`."""


class TsaSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[asoi.tsa]`: the authority that stamps what we signed; times in seconds.

    Its certificates lie in `trust/tsa.crt`: the present one first, former ones behind it.
    """

    url: str
    """Where stamps are asked for (RFC 3161 over HTTP): `http://…` or `https://…`. Only a digest is sent there."""
    policy: str = ""
    """The policy that is asked for and must be answered with, an object identifier; empty: the authority's own."""
    answer_within: float = 8.0
    """The longest one try may take."""
    retry_first: float = 5.0
    """The pause after a first failure; it doubles with every further one."""
    retry_longest: float = 300.0
    """The longest pause between two tries."""
    missing_after: float = 3600.0
    """A sealed message that has no stamp for longer than this is shown."""


class AsoiSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[asoi]`; times in seconds."""

    url: str = ""
    """Where messages are posted: `https://…`."""
    page: str = ""
    """A page for people about the recipient, where there is one."""
    recipient: str = "ASOI"
    """The recipient's name inside the signed bytes."""
    adapter: Literal["https"] = "https"
    """How messages travel (`asoi.adapters`)."""
    route: Route = Route.DIRECT
    """By which way incidents and events go; the annual report always goes directly."""
    national_bank: NationalBank = NationalBank()
    answer_within: float = 8.0
    """The longest one try may take, from the first packet to the last byte of the answer."""
    retry_first: float = 1.0
    """The pause after a first failure; it doubles with every further one."""
    retry_longest: float = 60.0
    """The longest pause between two tries."""
    late_after: float = 60.0
    """An undelivered message older than this is shown as late."""
    lanes: int = 4
    """How many messages are on their way at the same time."""
    electronic_format: ElectronicFormat = ElectronicFormat()
    tsa: TsaSettings | None = None
    """None: what we sign gets no time-stamp."""


def asoi_settings(instance: Instance) -> AsoiSettings:
    """Table `[asoi]`. Raises `BadSettings` where it says something unknown."""
    return instance.section("asoi", AsoiSettings)
