"""Django's session engine, hardened: neither the key nor the content of a session can be read from its row.

The row's key is a hash of what the cookie holds, so a stolen copy of the table signs nobody in; the content is
encrypted, because half-finished enrolments stand in it with their secret. Rows name account, start and place, so that
people see where they are signed in.
"""

import hashlib
from typing import Any

from cryptography.fernet import InvalidToken
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from senim.identity.internal.vault import cipher
from senim.identity.models import Session
from senim.kit.clock import from_iso, now

_KEY_LENGTH = 40
STARTED_AT, ADDRESS, AGENT = "started_at", "address", "agent"
"""Words under which `adapter.StaffAccounts.login` puts these into a session."""


def row_key(session_key: str) -> str:
    """How the row of the session that the cookie names is called."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:_KEY_LENGTH]


class SessionStore(DatabaseStore):
    """Sessions in `identity.Session`."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """The model of its rows."""
        return Session

    def _get_session_from_db(self) -> Session | None:
        found = Session.objects.filter(session_key=row_key(self.session_key or ""), expire_date__gt=now()).first()
        if found is None:
            self._session_key = None
        return found

    def exists(self, session_key: str) -> bool:
        """Whether a session has this key."""
        return Session.objects.filter(session_key=row_key(session_key)).exists()

    def delete(self, session_key: str | None = None) -> None:
        """End the session of this key, or this one."""
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(session_key=row_key(key)).delete()

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row that holds `data`."""
        started = data.get(STARTED_AT)
        self._session_key = self._session_key or self._get_new_session_key()  # type: ignore[attr-defined]
        return Session(
            session_key=row_key(self._session_key),
            session_data=self.encode(data),
            expire_date=self.get_expiry_date(),
            account_id=data.get(SESSION_KEY),
            started_at=from_iso(started) if started else None,
            address=data.get(ADDRESS, ""),
            agent=data.get(AGENT, ""),
        )

    def encode(self, session_dict: dict[str, Any]) -> str:
        """The session's content, encrypted."""
        return cipher("sessions").encrypt(super().encode(session_dict).encode()).decode()

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        """What `encode` wrote; an empty session where the row was tampered with or the key has changed."""
        try:
            return super().decode(cipher("sessions").decrypt(session_data).decode())
        except InvalidToken:
            return {}
