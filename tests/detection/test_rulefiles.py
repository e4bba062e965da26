"""A rule file that is changed, taken away or added is news once, while detection works and between two starts."""

import pytest

from senim.detection import rulefiles
from senim.detection.models import RuleFile
from senim.detection.rulefiles import Difference
from senim.events.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.clause("R228/81-1")]
OWN, OTHER = "bureau/sshd/own.yml", "ours/sshd/other.yml"
AS_READ = {OWN: "aa", OTHER: "bb"}
CHANGES = [
    ({OTHER: "bb"}, {OWN: Difference.REMOVED}),
    ({OWN: "cc", OTHER: "bb"}, {OWN: Difference.CHANGED}),
    ({**AS_READ, "bureau/new.yml": "dd"}, {"bureau/new.yml": Difference.ADDED}),
    ({}, {OWN: Difference.REMOVED, OTHER: Difference.REMOVED}),
]


def news() -> list[tuple[str, str]]:
    told = Event.objects.filter(tag__startswith="detection:rule-file:").order_by("at", "id")
    return [(event.tag.removeprefix("detection:rule-file:"), event.payload["file"]) for event in told]


@pytest.fixture(autouse=True)
def started() -> None:
    rulefiles.take(AS_READ)


def test_the_first_start_is_no_news() -> None:
    assert news() == []
    assert rulefiles.since_loaded() == {}
    assert rulefiles.seen() == AS_READ


@pytest.mark.refusal
@pytest.mark.parametrize(("lies_there", "differs"), CHANGES)
def test_what_happens_while_detection_works_is_said_until_it_starts_again(
    lies_there: dict[str, str], differs: dict[str, Difference]
) -> None:
    assert rulefiles.note(lies_there) == differs
    assert rulefiles.note(lies_there) == {}
    assert rulefiles.since_loaded() == differs
    assert sorted(news()) == sorted((how.value, file) for file, how in differs.items())
    assert rulefiles.take(lies_there) == {}
    assert rulefiles.since_loaded() == {}
    assert len(news()) == len(differs)
    assert rulefiles.seen() == lies_there


@pytest.mark.refusal
@pytest.mark.parametrize(("lies_there", "differs"), CHANGES)
def test_what_happens_between_two_starts_is_news_all_the_same(
    lies_there: dict[str, str], differs: dict[str, Difference]
) -> None:
    assert rulefiles.take(lies_there) == differs
    assert sorted(news()) == sorted((how.value, file) for file, how in differs.items())
    assert rulefiles.since_loaded() == {}


def test_what_is_put_back_is_news_and_no_difference_any_more() -> None:
    rulefiles.note({OTHER: "bb"})
    assert rulefiles.note(AS_READ) == {OWN: Difference.ADDED}
    assert rulefiles.since_loaded() == {}
    assert news() == [("removed", OWN), ("added", OWN)]


def test_a_file_that_came_and_went_is_forgotten() -> None:
    rulefiles.note({**AS_READ, "bureau/new.yml": "dd"})
    rulefiles.note(AS_READ)
    rulefiles.take(AS_READ)
    assert set(RuleFile.objects.values_list("file", flat=True)) == set(AS_READ)
