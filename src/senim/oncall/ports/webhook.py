"""By webhook: canonical JSON over HTTPS, signed so that the receiver knows who speaks, and when.

    POST ADDRESS
    Senim-Signature: HEX            HMAC-SHA256 of the body under `webhook_key`
    {"at": MOMENT, "id": LETTER, "text": TEXT, "version": 1}

`at` is the moment of this try. A receiver recomputes the signature over the bytes as they came, refuses what is older
than a few minutes, and knows a letter that comes again by its `id`.
"""

import hmac
import ssl

from senim.kit import canonical
from senim.kit.clock import iso, now
from senim.oncall.ports import NotSent, Parcel, is_allowed
from senim.oncall.ports.posting import post
from senim.oncall.settings import Webhook

VERSION = 1


class Signed:
    """Posts signed letters."""

    def __init__(self, known: Webhook, tls: ssl.SSLContext, key: str) -> None:
        self._hosts, self._tls, self._key = known.hosts, tls, key.encode()

    def send(self, parcel: Parcel) -> None:
        """See `Port.send`."""
        if not self._key:
            raise NotSent("no webhook_key")
        if not is_allowed(parcel.address, self._hosts):
            raise NotSent("host not allowed")
        said = {"version": VERSION, "id": str(parcel.letter), "at": iso(now()), "text": parcel.text}
        body = canonical.dumps(said)
        signature = hmac.new(self._key, body, "sha256").hexdigest()
        post(parcel.address, body, {"Senim-Signature": signature}, self._tls)
