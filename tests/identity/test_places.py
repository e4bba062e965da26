"""One session belongs to one browser: whose cookie was copied is told, and nobody else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from senim.events.models import Event
from senim.events.vocabulary.identity import IdentityEvent
from senim.identity import places
from senim.identity.models import Session
from senim.identity.sessions import SessionStore
from tests.staff import Staff, new_client, new_staff

pytestmark = pytest.mark.django_db
HOME, TRAM, AWAY = "192.0.2.7", "198.51.100.8", "203.0.113.9"
FIREFOX, CHROME = "Firefox/140", "Chrome/140"
AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
Use = tuple[str, str]


def told_at(uses: list[Use], *, apart: timedelta = timedelta(minutes=1)) -> list[int]:
    """At which of `uses`, each `apart` from the last, a session is seen to be used by two."""
    session = SessionStore()
    found = [
        places.is_used_by_two(session, address=address, agent=agent, moment=AT + number * apart)
        for number, (address, agent) in enumerate(uses)
    ]
    return [number for number, is_told in enumerate(found) if is_told]


OWNER, THIEF = (HOME, FIREFOX), (AWAY, CHROME)


@pytest.mark.clause("R228/81-1(2)")
class TestUsedByTwo:
    """The second return within ten minutes."""

    def test_in_turns(self) -> None:
        assert told_at([OWNER, THIEF, OWNER, THIEF]) == [3]

    def test_the_second_return_as_late_as_may_be(self) -> None:
        assert told_at([OWNER, THIEF, OWNER, THIEF], apart=places.WITHIN) == [3]

    @pytest.mark.refusal
    @pytest.mark.parametrize(
        "uses",
        [
            [OWNER] * 9,
            [OWNER, THIEF, OWNER],
            [(HOME, FIREFOX), (TRAM, FIREFOX)] * 9,
            [(HOME, FIREFOX), (HOME, CHROME)] * 9,
            [(HOME, FIREFOX), ("192.0.2.200", CHROME)] * 9,
            [(HOME, FIREFOX), (TRAM, FIREFOX), (TRAM, CHROME), (HOME, CHROME)],
        ],
        ids=["one place", "one return", "Wi-Fi and mobile", "another browser", "one network", "one change at a time"],
    )
    def test_honest_people_are_left_alone(self, uses: list[Use]) -> None:
        assert told_at(uses) == []

    @pytest.mark.refusal
    def test_returns_that_lie_apart_are_not_added(self) -> None:
        assert told_at([OWNER, THIEF] * 5, apart=places.WITHIN + timedelta(seconds=1)) == []

    def test_neither_address_nor_browser_is_kept(self) -> None:
        session = SessionStore()
        places.is_used_by_two(session, address=HOME, agent=FIREFOX)
        assert HOME not in str(dict(session.items()))
        assert FIREFOX not in str(dict(session.items()))

    def test_what_is_kept_is_bounded(self) -> None:
        session = SessionStore()
        for number in range(200):
            places.is_used_by_two(session, address=f"10.0.{number}.1", agent=FIREFOX)
        assert len(session["places"]) <= 8


@pytest.fixture
def staff() -> Staff:
    return new_staff()


def coming(client: Client, place: Use) -> Client:
    """`client`, seen from `place` from now on."""
    client.defaults |= {"REMOTE_ADDR": place[0], "HTTP_USER_AGENT": place[1]}
    return client


def copy_of(client: Client, place: Use) -> Client:
    """Somebody at `place` who has copied all cookies of `client`."""
    thief = coming(new_client(), place)
    thief.cookies.update(client.cookies)
    return thief


def events(tag: IdentityEvent) -> list[dict[str, object]]:
    return [event.payload for event in Event.objects.filter(tag=tag)]


@pytest.mark.clause("R228/81-1(2)")
class TestAtTheDoor:
    """The console tells and ends it."""

    def test_a_copied_session_is_told_and_ends_for_both(self, staff: Staff) -> None:
        owner = staff.signs_in(coming(new_client(), OWNER))
        thief = copy_of(owner, (AWAY, f"{CHROME} exercise-0123456789abcdef"))
        for who in (owner, thief, owner, thief):
            who.get("/en/")
        assert events(IdentityEvent.SESSION_SHARED) == [
            {"user": staff.account.username, "src_ip": AWAY, "marker": "exercise-0123456789abcdef"}
        ]
        assert Session.objects.filter(account=staff.account).count() == 0
        assert owner.get("/en/").headers["Location"].startswith("/en/sign-in/")

    @pytest.mark.refusal
    def test_a_telephone_that_changes_networks_stays_signed_in(self, staff: Staff) -> None:
        owner = staff.signs_in(coming(new_client(), OWNER))
        for place in ((TRAM, FIREFOX), OWNER) * 4:
            assert coming(owner, place).get("/en/").status_code == 200
        assert events(IdentityEvent.SESSION_SHARED) == []


def signed_out(staff: Staff) -> tuple[Client, Callable[[Use], Client]]:
    """Somebody who has signed out, and whoever copied the cookies before."""
    owner = staff.signs_in(coming(new_client(), OWNER))
    kept = copy_of(owner, OWNER)
    owner.post("/en/sign-out/")
    return owner, lambda place: copy_of(kept, place)


class TestAfterItsEnd:
    """A session that is over opens nothing; from elsewhere it tells that a copy exists."""

    def test_from_elsewhere_it_is_told_once(self, staff: Staff) -> None:
        _, copy = signed_out(staff)
        for _ in range(2):
            assert copy(THIEF).get("/en/").headers["Location"].startswith("/en/sign-in/")
        assert events(IdentityEvent.SESSION_USED_AFTER_END) == [
            {"user": staff.account.username, "src_ip": AWAY, "marker": ""}
        ]

    @pytest.mark.refusal
    @pytest.mark.parametrize("place", [OWNER, (TRAM, FIREFOX), (HOME, CHROME)])
    def test_from_where_its_owner_may_be_nothing_is_told(self, staff: Staff, place: Use) -> None:
        _, copy = signed_out(staff)
        copy(place).get("/en/")
        assert events(IdentityEvent.SESSION_USED_AFTER_END) == []

    @pytest.mark.refusal
    def test_a_session_that_never_was_is_nobody_s(self) -> None:
        client = coming(new_client(), THIEF)
        client.cookies["__Host-senim-session"] = "x" * 32
        client.get("/en/")
        assert events(IdentityEvent.SESSION_USED_AFTER_END) == []
