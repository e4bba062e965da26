"""*Event feed* says how far the events are and which go, in every language."""

import pytest
from django.test import Client

from senim.event_feed import operations
from senim.identity.permissions import Role
from tests.event_feed.feeding import AT_ONCE, frame, policy
from tests.staff import new_staff

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81-2")]


@pytest.fixture
def client() -> Client:
    return new_staff(Role.AUDITOR).signs_in()


def read(client: Client, language: str = "en") -> str:
    answer = client.get(f"/{language}/feed/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_before_anything_was_picked_it_says_what_would_fill_it(client: Client) -> None:
    page = read(client)
    assert "It has read nothing yet." in page
    assert "No event has been picked yet" in page


def test_what_was_picked_and_what_never_came_stands_in_figures(client: Client) -> None:
    operations.take(policy(), [frame(1, ["dana"] * 3), frame(6, ["dana"])])
    operations.put_batches(AT_ONCE)
    page = read(client)
    assert "Keeps up" in page
    assert "event-feed:events</th> <td>4</td> <td>1</td> <td>1</td> <td>0</td>" in page
    assert "Lines that never came to the feed: 2; of them the regulator does not know yet: 2." in page


@pytest.mark.parametrize(
    ("language", "words"),
    [("kk", "Қандай оқиғалар беріледі"), ("ru", "Какие события передаются"), ("en", "Which events go")],
)
def test_which_events_go_is_said_in_every_language(client: Client, language: str, words: str) -> None:
    page = read(client, language)
    assert words in page
    assert "password-failed" in page
