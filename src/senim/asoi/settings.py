"""Table `[asoi]` of senim.toml: where the regulator is and how patiently we try. The figures are our choice."""

from pathlib import Path
from typing import Annotated, Literal

import msgspec

from senim.asoi.kinds import Route
from senim.kit.instance import Instance

Folder = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9/_][A-Za-z0-9/_.-]*$", max_length=200)]
"""A folder at the other side, as its own words: neither quotes nor blanks nor what a shell would widen."""


class SftpSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[asoi.electronic_format.sftp]`; times in seconds.

    Our key is `keys/asoi/sftp.key` (`ssh-keygen -t ed25519 -N "" -f …`). The server's own key is pinned in
    `trust/regulator/sftp-host.pub`: a line each, the present one and, before it changes, its successor.
    """

    host: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9:][A-Za-z0-9.:-]*$", max_length=253)]
    """Where the regulator's folders are: a name or an address."""
    user: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$", max_length=64)]
    """Who we are there."""
    messages: Folder
    """The folder into which files are put."""
    receipts: Folder
    """The folder from which receipts are fetched; nothing is removed there."""
    port: Annotated[int, msgspec.Meta(ge=1, le=65_535)] = 22
    answer_within: Annotated[float, msgspec.Meta(ge=1, le=600)] = 60.0
    """The longest one connection may take."""
    every: Annotated[float, msgspec.Meta(ge=1, le=3_600)] = 30.0
    """The pause between two visits while a message waits for its receipt."""
    idle: Annotated[float, msgspec.Meta(ge=10, le=86_400)] = 3_600.0
    """The pause while none does: whether the way is open should be known before it is needed."""
    retry_first: Annotated[float, msgspec.Meta(ge=1, le=3_600)] = 5.0
    """The pause after a first failure; it doubles with every further one."""
    retry_longest: Annotated[float, msgspec.Meta(ge=1, le=3_600)] = 300.0
    """The longest pause between two tries."""
    told_after: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 300.0
    """How long a file may wait for its carrier before somebody is woken to carry it."""


class ElectronicFormat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[asoi.electronic_format]`; times in seconds."""

    after: Annotated[float, msgspec.Meta(ge=1, le=86_400)] = 900.0
    """How long the regulator may leave us without a receipt before messages are written as files as well."""
    receipt_within: Annotated[float, msgspec.Meta(ge=60, le=2_592_000)] = 86_400.0
    """How long after a file was carried there may be no receipt before somebody asks for it."""
    carrier: Literal["people", "sftp"] = "people"
    """Who carries the files (`asoi.carriers`)."""
    sftp: SftpSettings | None = None
    """Where to, when the carrier is `sftp`."""

    @property
    def sftp_wanted(self) -> SftpSettings | None:
        """Where files are carried to by themselves; None where people carry them."""
        return self.sftp if self.carrier == "sftp" else None


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


class SigningSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[asoi.signing]`: a token (PKCS#11) that has the message signing key.

    The PIN is a secret of the process: `token_pin` in `secrets/asoi.toml`.
    """

    module: str
    """The shared library that speaks to the token: an absolute path."""
    token: str
    """The token's label."""
    key: str
    """The label of the key pair on it: EC, P-256."""
    environment: dict[str, str] = {}
    """What the module wants to find in the environment."""
    files: list[str] = []
    """Files and folders besides the system's own that the module reads and writes."""


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
    ends_within: float = 30.0
    """Days: a certificate that ends sooner and has no successor beside it is named."""
    tsa: TsaSettings | None = None
    """None: what we sign gets no time-stamp."""
    signing: SigningSettings | None = None
    """None: the message signing key is a file of the process."""


def token_files(instance: Instance) -> list[Path]:
    """What the module of the token reads and writes besides the system's own. Raises `BadSettings`."""
    wanted = asoi_settings(instance).signing
    return [] if wanted is None else [*map(Path, wanted.files)]


def token_module(instance: Instance) -> list[Path]:
    """The module of the token and what it reads. Raises `BadSettings`."""
    wanted = asoi_settings(instance).signing
    return [] if wanted is None else [Path(wanted.module), *token_files(instance)]


def asoi_settings(instance: Instance) -> AsoiSettings:
    """Table `[asoi]`. Raises `BadSettings` where it says something unknown."""
    return instance.section("asoi", AsoiSettings)
