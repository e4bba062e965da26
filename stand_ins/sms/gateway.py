"""The gateway: `POST /messages`, a bearer token, one SMS."""

import hmac
import json
from http import HTTPStatus
from typing import ClassVar

from stand_ins.post.http import BadRequest, HttpWay
from stand_ins.post.store import Received

PATH = "/messages"


class Gateway(HttpWay):
    """Knows a letter that comes again by its key, and rings nobody a second time."""

    name: ClassVar[str] = "sms"

    def letter(self, path: str, headers: dict[str, str], body: bytes, tls: str) -> Received:
        """See `HttpWay.letter`."""
        token = (self.home / "sms.token").read_text(encoding="ascii")
        if not hmac.compare_digest(headers.get("authorization", "").encode(), f"Bearer {token}".encode()):
            raise BadRequest(HTTPStatus.UNAUTHORIZED.value)
        if path != PATH:
            raise BadRequest(HTTPStatus.NOT_FOUND.value)
        try:
            said = json.loads(body)
            known = Received(self.name, said["id"], said["to"], said["text"], body.decode(), tls)
        except (ValueError, KeyError, TypeError):
            raise BadRequest(HTTPStatus.UNPROCESSABLE_ENTITY.value) from None
        if headers.get("idempotency-key") != known.id:
            raise BadRequest(HTTPStatus.UNPROCESSABLE_ENTITY.value)
        return known
