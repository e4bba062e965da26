"""A session's row tells neither what the cookie holds nor what stands in the session."""

import pytest

from senim.identity.models import Session
from senim.identity.sessions import SessionStore, row_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> SessionStore:
    store = SessionStore()
    store["mfa.totp.secret"] = "JBSWY3DPEHPK3PXP"
    store.save()
    return store


def test_what_was_put_in_comes_out(store: SessionStore) -> None:
    again = SessionStore(store.session_key)
    assert again["mfa.totp.secret"] == "JBSWY3DPEHPK3PXP"


def test_the_row_shows_neither_key_nor_content(store: SessionStore) -> None:
    row = Session.objects.get()
    assert row.session_key == row_key(store.session_key) != store.session_key
    assert "JBSWY3DPEHPK3PXP" not in row.session_data


def test_the_rows_key_opens_nothing(store: SessionStore) -> None:
    assert not SessionStore(Session.objects.get().session_key).exists(Session.objects.get().session_key)
    assert SessionStore(Session.objects.get().session_key).get("mfa.totp.secret") is None


def test_a_row_that_was_tampered_with_is_an_empty_session(store: SessionStore) -> None:
    Session.objects.update(session_data="forged")
    assert SessionStore(store.session_key).get("mfa.totp.secret") is None


def test_a_deleted_session_is_gone(store: SessionStore) -> None:
    store.delete()
    assert not Session.objects.exists()
