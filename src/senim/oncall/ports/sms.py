"""By SMS, through a gateway that takes JSON over HTTPS. Gateways differ: another one is another class like this.

    POST URL
    Authorization: Bearer TOKEN
    Idempotency-Key: LETTER
    {"id": LETTER, "text": TEXT, "to": "+77…"}

Any 2xx means that the gateway has it. The same letter comes again with the same key where the answer was not heard.
"""

import ssl

from senim.kit import canonical
from senim.oncall.ports import Parcel
from senim.oncall.ports.posting import post
from senim.oncall.settings import Sms


class Gateway:
    """Speaks to one gateway."""

    def __init__(self, known: Sms, tls: ssl.SSLContext, token: str) -> None:
        self._url, self._tls, self._token = known.url, tls, token

    def send(self, parcel: Parcel) -> None:
        """See `Port.send`."""
        body = canonical.dumps({"id": str(parcel.letter), "to": parcel.address, "text": parcel.text})
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": str(parcel.letter)}
        post(self._url, body, headers, self._tls)
