"""The receiver: any path, a signature over the bytes, a moment that is not long ago."""

import datetime
import hmac
import json
from http import HTTPStatus
from typing import ClassVar

from stand_ins.post.http import BadRequest, HttpWay
from stand_ins.post.store import Received, now

FRESH = datetime.timedelta(minutes=5)
"""What is older may be somebody who plays back what he heard."""


class Receiver(HttpWay):
    """Takes what bears the house's signature."""

    name: ClassVar[str] = "webhook"

    def letter(self, path: str, headers: dict[str, str], body: bytes, tls: str) -> Received:
        """See `HttpWay.letter`."""
        key = (self.home / "webhook.key").read_bytes()
        signature = hmac.new(key, body, "sha256").hexdigest()
        if not hmac.compare_digest(headers.get("senim-signature", "").encode(), signature.encode()):
            raise BadRequest(HTTPStatus.UNAUTHORIZED.value)
        try:
            said = json.loads(body)
            at = datetime.datetime.fromisoformat(said["at"])
            known = Received(self.name, said["id"], path, said["text"], body.decode(), tls)
            is_fresh = abs(now() - at) <= FRESH
        except (ValueError, KeyError, TypeError):
            raise BadRequest(HTTPStatus.UNPROCESSABLE_ENTITY.value) from None
        if not is_fresh:
            raise BadRequest(HTTPStatus.FORBIDDEN.value)
        return known
