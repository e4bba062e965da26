"""A flood counts as one only where the door bore it: a machine that is too busy to flood has attacked nobody."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from senim.exercises.errors import NotPlayed
from senim.exercises.web.flood import Target, flood, has_borne, own_addresses
from tests.ports import free_port


class Answering(BaseHTTPRequestHandler):
    """Answers every request, and remembers from where it came."""

    protocol_version = "HTTP/1.1"
    came: list[str]

    def do_GET(self) -> None:
        self.came.append(self.client_address[0])
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def door() -> Iterator[Target]:
    """A door that answers."""
    Answering.came = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield Target(server.server_address[1], "/page")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def seconds_of(*answers: int) -> list[float]:
    """Moments of so many answers in the first, second, third … second."""
    return [second + 0.5 for second, number in enumerate(answers) for _ in range(number)]


@pytest.mark.clause("R228/81-1(3)")
class TestWhetherAFloodCame:
    """Thirteen seconds of fifteen with as much as the door's limit."""

    def test_thirteen_full_seconds_in_a_row_are_a_flood(self) -> None:
        assert has_borne(seconds_of(*[5] * 13), 5)

    @pytest.mark.refusal
    def test_twelve_are_none(self) -> None:
        assert not has_borne(seconds_of(*[5] * 12), 5)

    def test_two_weak_seconds_among_fifteen_are_borne_with(self) -> None:
        assert has_borne(seconds_of(*[5] * 6, 0, 4, *[5] * 7), 5)

    @pytest.mark.refusal
    def test_three_weak_seconds_among_sixteen_are_not(self) -> None:
        assert not has_borne(seconds_of(*[5] * 6, 0, 4, 4, *[5] * 7), 5)

    def test_weak_seconds_before_and_after_do_not_matter(self) -> None:
        assert has_borne(seconds_of(0, 1, 0, 1, *[5] * 13, 0, 1), 5)


class TestFlood:
    """Requests from addresses of loopback, bounded by rate and time."""

    def test_it_comes_from_every_address_in_turn(self, door: Target) -> None:
        sources = own_addresses(5)
        flood(door, sources, rate=100, seconds=0.5)
        assert set(Answering.came) == set(sources)
        assert len(Answering.came) <= 100

    @pytest.mark.refusal
    def test_a_machine_too_busy_to_flood_says_that_no_flood_came(self, door: Target) -> None:
        with pytest.raises(NotPlayed, match="no flood came"):
            flood(door, own_addresses(1), rate=10, seconds=0.2, enough=20, longest=0.5)
        assert Answering.came

    @pytest.mark.refusal
    def test_a_door_that_nobody_answers_is_said_so(self) -> None:
        with pytest.raises(NotPlayed, match="nobody answers"):
            flood(Target(free_port(), "/page"), own_addresses(1), rate=10, seconds=0.2)
