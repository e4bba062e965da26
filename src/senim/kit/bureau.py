"""Whose house this is: table `[bureau]` of senim.toml."""

import msgspec

from senim.kit.instance import Instance


class Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The bureau's name in the three languages."""

    kk: str = ""
    ru: str = ""
    en: str = ""


class Bureau(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[bureau]`."""

    bin: str = ""
    """Business identification number, 12 digits."""
    name: Names = msgspec.field(default_factory=Names)
    state_participation: bool = False
    """Whether the state participates in the bureau (мемлекет қатысатын): what the law allows such a bureau besides."""


def bureau(instance: Instance) -> Bureau:
    """Table `[bureau]`."""
    return instance.section("bureau", Bureau)
