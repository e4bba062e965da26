"""Table `[payments]` of senim.toml: where a demonstration's payment stand-in listens. Production has no such table."""

from urllib.parse import urlsplit

import msgspec

from senim.kit.instance import BadSettings, Instance


class PaymentsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Table `[payments]`."""

    url: str = ""

    @property
    def port(self) -> int:
        """Where it listens."""
        return urlsplit(self.url).port or 0


def payments_settings(instance: Instance) -> PaymentsSettings:
    """Table `[payments]`. Raises `BadSettings` for an address that is not HTTPS on this machine."""
    found = instance.section("payments", PaymentsSettings)
    place = urlsplit(found.url)
    if found.url and (place.scheme, place.hostname) != ("https", "127.0.0.1"):
        raise BadSettings(f"[payments] url = {found.url!r}: a stand-in is reached by HTTPS on 127.0.0.1 only")
    return found
