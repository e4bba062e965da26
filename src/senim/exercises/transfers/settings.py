"""Table `[payments]` of senim.toml: where a demonstration's payment stand-in listens. Production has no such table."""

from urllib.parse import urlsplit

import msgspec
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

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
        reached = _("[payments] url = {url}: a stand-in is reached by HTTPS on 127.0.0.1 only")
        raise BadSettings(format_lazy(reached, url=repr(found.url)))
    return found
