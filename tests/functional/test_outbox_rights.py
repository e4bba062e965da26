"""Who may take a message to the regulator from where to where, tried by each role over its own connection."""

import os
import signal
from collections.abc import Callable, Iterator
from itertools import permutations
from typing import LiteralString
from uuid import UUID

import psycopg
import pytest

from senim.kit.ids import new_id
from senim.site.database.roles import ROLES
from senim.site.embedded.postgres import Postgres
from tests.functional.house import House
from tests.functional.roles import signed_in

pytestmark = pytest.mark.real
STATES = ("queued", "sealed", "exported", "delivered", "refused")
MOVES = sorted(permutations(STATES, 2))
MAY: dict[str, set[tuple[str, str]]] = {
    "operator": {("sealed", "exported")},
    "asoi": {
        ("queued", "sealed"),
        ("queued", "refused"),
        ("sealed", "exported"),
        ("sealed", "delivered"),
        ("sealed", "refused"),
        ("exported", "delivered"),
        ("exported", "refused"),
        ("refused", "delivered"),
    },
}
"""Role → the moves that are its to make; the others make none."""
_WITH: dict[str, LiteralString] = {
    "queued": "state = 'queued'",
    "sealed": "state = 'sealed', sealed = 'x', signed = 'x', content = 'x', sha256 = 'x', sealed_at = now()",
    "exported": "state = 'exported', exported_at = coalesce(exported_at, now())",
    "delivered": "state = 'delivered', delivered_at = now()",
    "refused": "state = 'refused'",
}
"""What is written with each state, and no column more."""
_UPDATE: LiteralString = "UPDATE asoi_message SET {} WHERE id = %s"
# Exercises are counted nowhere.
_MADE = """
INSERT INTO asoi_message (id, kind, about, sequence, exercise, told, created_at, state, sha256, refusal, tries,
    next_try_at, sealed, content, signed, sealed_at, exported_at, delivered_at)
SELECT %(id)s, 'IncidentNotice', 'incident:' || %(id)s, 1, true, '{}', now(), %(state)s, '', '', 0, now(),
    sealed, sealed, sealed, CASE WHEN sealed IS NOT NULL THEN now() END,
    CASE WHEN %(state)s = 'exported' THEN now() END, CASE WHEN %(state)s = 'delivered' THEN now() END
FROM (SELECT CASE WHEN %(state)s <> 'queued' THEN 'x'::bytea END AS sealed) AS made
"""
_RECEIPT = """
INSERT INTO asoi_receipt (message_id, sealed, signed, content, received_at, signer, accepted_at, came_by)
VALUES (%s, 'x', 'x', 'x', now(), 'x', now(), 'https')
"""
Try = Callable[..., str]


@pytest.fixture(scope="module")
def messages(house: House) -> Iterator[dict[str, UUID]]:
    """A message in each state, receipts beside them; made and removed behind the triggers' back."""
    made = {state: new_id() for state in STATES}
    sender = house.pid_of("asoi")
    with Postgres(house.instance).connect() as owner:
        os.kill(sender, signal.SIGSTOP)  # it would take them for its own
        owner.execute("SET session_replication_role = replica")
        for state, pk in made.items():
            owner.execute(_MADE, {"id": pk, "state": state})
            owner.execute(_RECEIPT, [pk])
        yield made
        owner.execute("DELETE FROM asoi_receipt WHERE message_id = ANY(%s)", [list(made.values())])
        owner.execute("DELETE FROM asoi_message WHERE id = ANY(%s)", [list(made.values())])
        os.kill(sender, signal.SIGCONT)


@pytest.fixture
def attempt(house: House) -> Try:
    """Carries out a statement as a process and takes it back; "done", or what the database said."""

    def do(process: str, statement: LiteralString, *values: object) -> str:
        with signed_in(house, process) as connection:
            try:
                done = connection.execute(statement, values)
            except psycopg.errors.InsufficientPrivilege as refusal:
                return str(refusal)
        return "done" if done.rowcount == 1 else f"{done.rowcount} rows"

    return do


@pytest.mark.parametrize("process", ROLES)
def test_each_role_makes_its_moves_and_no_others(messages: dict[str, UUID], attempt: Try, process: str) -> None:
    made = set()
    for before, after in MOVES:
        if attempt(process, _UPDATE.format(_WITH[after]), messages[before]) == "done":
            made.add((before, after))
    assert made == MAY.get(process, set())


def test_the_refusal_of_the_operators_other_moves_is_the_triggers(messages: dict[str, UUID], attempt: Try) -> None:
    """Its grants let it write the state; only the database's rule knows which."""
    told = attempt("operator", _UPDATE.format("state = 'refused'"), messages["sealed"])
    assert "senim_operator does not take a message from sealed to refused" in told


def test_exported_has_its_moment(messages: dict[str, UUID], attempt: Try) -> None:
    assert "exported, but never" in attempt("operator", _UPDATE.format("state = 'exported'"), messages["sealed"])


_COLUMNS = ("next_try_at = now()", "tries = 7", "refusal = 'x'", "first_sent_at = now()", "told = '{}'")


@pytest.mark.parametrize("column", _COLUMNS)
def test_the_operator_writes_no_other_column(messages: dict[str, UUID], attempt: Try, column: LiteralString) -> None:
    told = attempt("operator", _UPDATE.format(column), messages["sealed"])
    assert "permission denied for table asoi_message" in told


@pytest.mark.parametrize("column", ["corrects_id = id", "told = '{}'", "exercise = false", "created_at = now()"])
def test_the_sender_writes_nothing_of_what_others_say(
    messages: dict[str, UUID], attempt: Try, column: LiteralString
) -> None:
    told = attempt("asoi", _UPDATE.format(column), messages["sealed"])
    assert "permission denied for table asoi_message" in told


_CARRIED: LiteralString = """
INSERT INTO asoi_carriage (message_id, carried_at, way, "by", at) VALUES (%s, now(), 'by courier', 'somebody', now())
"""
_VISITED: LiteralString = """
INSERT INTO asoi_carriervisit (at, outcome, detail, put, fetched) VALUES (now(), 'done', '', 0, 0)
"""


@pytest.mark.parametrize("process", ROLES)
def test_people_and_the_carrier_say_that_a_file_was_carried_and_the_carrier_alone_speaks_of_its_visits(
    messages: dict[str, UUID], attempt: Try, process: str
) -> None:
    said = attempt(process, _CARRIED, messages["exported"]) == "done"
    assert said is (process in {"asoi", "console", "operator"})
    assert (attempt(process, _VISITED) == "done") is (process == "asoi")


_INSERT: LiteralString = """
INSERT INTO asoi_message (id, kind, about, sequence, exercise, told, refusal, {{}})
VALUES (%s, '{}', 'x:1', 1, true, '{{{{}}}}', '', {{}})
"""
_NEW: dict[LiteralString, LiteralString] = {
    "created_at": "now()",
    "next_try_at": "now()",
    "sha256": "''",
    "state": "'queued'",
    "tries": "0",
}


def _new(kind: LiteralString = "IncidentNotice", **forged: LiteralString) -> LiteralString:
    """A statement that puts a message into the queue, with `forged` in place of what it should be."""
    row = {**_NEW, **forged}
    columns: LiteralString = ", ".join(row)
    values: LiteralString = ", ".join(row.values())
    return _INSERT.format(kind).format(columns, values)


@pytest.mark.parametrize("process", ROLES)
@pytest.mark.parametrize(("kind", "whose"), [("IncidentNotice", "worker"), ("EventBatch", "feed")])
def test_the_worker_tells_of_incidents_the_feed_of_events_and_nobody_else_of_either(
    attempt: Try, process: str, kind: LiteralString, whose: str
) -> None:
    assert (attempt(process, _new(kind), new_id()) == "done") is (process == whose)


@pytest.mark.parametrize(
    "forged",
    [
        _new(state="'sealed'", sealed="'x'"),
        _new(state="'refused'"),
        _new(sha256="'x'"),
        _new(tries="7"),
        _new(next_try_at="now() + interval '61 s'"),
        _new(next_try_at="'infinity'"),
        _new(created_at="now() + interval '61 s'"),
    ],
)
def test_and_nothing_else(attempt: Try, forged: LiteralString) -> None:
    assert attempt("worker", forged, new_id()) != "done"


def test_a_clock_may_go_a_little_wrong(attempt: Try) -> None:
    assert attempt("worker", _new(next_try_at="now() + interval '50 s'"), new_id()) == "done"
